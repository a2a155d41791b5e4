/** This client reads the credentials without waiting, so a renewal has to come before the call that needs it. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { AlicloudSdk, CredentialError, CredentialProvider } from "effect-alicloud-credentials"
import { Producer } from "rocketmq-client-nodejs"
import { QueryRouteRequest } from "rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js"
import { KeyRing, toCredentials } from "../fixtures/keyRing.ts"
import * as rocketmq from "../fixtures/rocketmq.ts"
import { fakeDate, hour } from "../support/clock.ts"
import { assertRefusal, rejection, ringProvider, sdkFailing } from "../support/sdk.ts"

const quiet = { info: () => {}, warn: () => {}, error: () => {} }

const routeOf = async (credential: AlicloudSdk.SdkCredential, endpoints: string) => {
  const sessionCredentials = await AlicloudSdk.rocketmq(credential)
  const producer = new Producer({ namespace: "", endpoints, sessionCredentials, logger: quiet })
  const client = producer as unknown as {
    readonly endpoints: object
    readonly rpcClientManager: {
      readonly queryRoute: (endpoints: object, request: QueryRouteRequest, timeout: number) => Promise<unknown>
    }
  }
  return () => client.rpcClientManager.queryRoute(client.endpoints, new QueryRouteRequest(), 3000)
}

describe("rocketmq-client-nodejs", () => {
  it.live("signs with the new session after a renewal, and after a revocation", () =>
    Effect.gen(function*() {
      const setDate = yield* fakeDate
      const { ring, service } = yield* ringProvider(hour)
      const proxy = yield* rocketmq.make(ring)
      const credential = yield* AlicloudSdk.fromService(service)
      const send = yield* Effect.promise(() => routeOf(credential, proxy.endpoints))
      yield* Effect.promise(send)
      setDate((yield* Clock.currentTimeMillis) + hour)
      yield* service.get
      yield* Effect.promise(send)
      ring.revokeLast()
      yield* Effect.flatMap(service.get, service.invalidate)
      yield* service.get
      yield* Effect.promise(send)
      assert.deepStrictEqual(proxy.calls, ring.issued.map(({ accessKeyId }) => accessKeyId))
      assert.strictEqual(proxy.calls.length, 3)
    }).pipe(Effect.scoped))

  it.live("signs with an AccessKey, without a token", () =>
    Effect.gen(function*() {
      const ring = new KeyRing()
      const proxy = yield* rocketmq.make(ring)
      const key = ring.issueAccessKey()
      const provider = CredentialProvider.succeed(toCredentials(key))
      const credential = yield* AlicloudSdk.fromService(provider)
      const send = yield* Effect.promise(() => routeOf(credential, proxy.endpoints))
      yield* Effect.promise(send)
      assert.deepStrictEqual(proxy.calls, [key.accessKeyId])
    }).pipe(Effect.scoped))

  it.effect("passes the error of the provider on, with its name and code", () =>
    Effect.gen(function*() {
      const credential = yield* sdkFailing
      assertRefusal(yield* rejection(() => routeOf(credential, "127.0.0.1:1")))
    }))
  it.live("throws our error when a renewal fails after a call, and recovers from it", () =>
    Effect.gen(function*() {
      const setDate = yield* fakeDate
      const { ring, service, state } = yield* ringProvider(hour)
      const proxy = yield* rocketmq.make(ring)
      const credential = yield* AlicloudSdk.fromService(service)
      const send = yield* Effect.promise(() => routeOf(credential, proxy.endpoints))
      yield* Effect.promise(send)
      state.refuses = true
      setDate((yield* Clock.currentTimeMillis) + hour)
      const error = yield* rejection(async () => send())
      assert.instanceOf(error, CredentialError.CredentialsUnavailable)
      assertRefusal(yield* Effect.flip(service.get))
      state.refuses = false
      setDate((yield* Clock.currentTimeMillis) + hour)
      yield* service.get
      yield* Effect.promise(send)
      assert.deepStrictEqual(proxy.calls, ring.issued.map(({ accessKeyId }) => accessKeyId))
      assert.strictEqual(proxy.calls.length, 2)
    }).pipe(Effect.scoped))
})
