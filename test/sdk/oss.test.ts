import { assert, describe, it } from "@effect/vitest"
import OSS from "ali-oss"
import { Effect } from "effect"
import { AlicloudSdk, CredentialProvider } from "effect-alicloud-credentials"
import { KeyRing, toCredentials } from "../fixtures/keyRing.ts"
import * as signedServices from "../fixtures/signedServices.ts"
import { fakeDate, hour } from "../support/clock.ts"
import { accessKey } from "../support/credentials.ts"
import { assertRefusal, forgetful, rejection, ringProvider, settable } from "../support/sdk.ts"

// The client sends requests to an IP address unchanged, and puts the bucket into the Host header.
const storeOf = (url: string, options: AlicloudSdk.AliOssOptions, more: OSS.Options | object = {}) =>
  new OSS({ ...options, endpoint: url, region: "oss-cn-hangzhou", bucket: "local-bucket", ...more })

const startStore = (lifetimeMillis: number) =>
  Effect.gen(function*() {
    const { ring, service } = yield* ringProvider(lifetimeMillis)
    const services = yield* signedServices.make(ring)
    return { ring, service, services, credential: yield* AlicloudSdk.fromService(service) }
  })

const put = (store: OSS, name: string) => Effect.promise(() => store.put(name, Buffer.from("text")))

describe("ali-oss", () => {
  it.live("has none of 100 parallel puts refused when a session expires", () =>
    Effect.gen(function*() {
      const setDate = yield* fakeDate
      const { credential, ring, services } = yield* startStore(hour)
      const store = storeOf(services.url, yield* Effect.promise(() => AlicloudSdk.aliOss(credential)))
      const end = ring.issued[0]?.expiresAt ?? Infinity
      for (const secondsLeft of [3600, 1800, 901, 900, 899, 60, 11, 10, 9, 1, 0, -1, -60, -900]) {
        setDate(end - secondsLeft * 1000)
        const results = yield* Effect.forEach(
          Array.from({ length: 100 }, (_, index) => `${secondsLeft}/${index}`),
          (name) => put(store, name),
          { concurrency: "unbounded" }
        )
        assert.isTrue(results.every(({ res }) => res.status === 200))
      }
      assert.isAbove(services.arrivals.length, 300)
      assert.deepStrictEqual(services.arrivals.filter((arrival) => arrival.refusal !== ""), [])
      const keys = new Set(services.arrivals.map((arrival) => arrival.accessKeyId))
      assert.deepStrictEqual([...keys], ring.issued.map((session) => session.accessKeyId))
      assert.strictEqual(keys.size, 2)
    }).pipe(Effect.scoped))

  it.live("is refused with a key that the client caches for an interval", () =>
    Effect.gen(function*() {
      const setDate = yield* fakeDate
      const { credential, ring, services } = yield* startStore(hour)
      const options = yield* Effect.promise(() => AlicloudSdk.aliOss(credential))
      const store = storeOf(services.url, { ...options, refreshSTSTokenInterval: 2 * hour })
      setDate(ring.issued[0]?.expiresAt ?? Infinity)
      yield* rejection(() => store.put("a", Buffer.from("text")))
      assert.strictEqual(services.arrivals[0]?.refusal, "SecurityTokenExpired")
    }).pipe(Effect.scoped))

  it.live("is refused with another secret, in both versions of the signature", () =>
    Effect.gen(function*() {
      const { credential, ring, services } = yield* startStore(hour)
      const { accessKeyId } = yield* Effect.promise(() => AlicloudSdk.aliOss(credential))
      const session = ring.find(accessKeyId)
      assert.isDefined(session)
      const wrong = toCredentials({ ...session, accessKeySecret: "another" })
      const other = yield* AlicloudSdk.fromService(CredentialProvider.succeed(wrong))
      const options = yield* Effect.promise(() => AlicloudSdk.aliOss(other))
      for (const authorizationV4 of [false, true]) {
        yield* rejection(() => storeOf(services.url, options, { authorizationV4 }).put("a", Buffer.from("text")))
      }
      assert.deepStrictEqual(
        services.arrivals.map((arrival) => arrival.refusal),
        ["SignatureDoesNotMatch", "SignatureDoesNotMatch"]
      )
    }).pipe(Effect.scoped))

  it.live("signs special characters, queries and signature version 4", () =>
    Effect.gen(function*() {
      const { credential, services } = yield* startStore(hour)
      const options = yield* Effect.promise(() => AlicloudSdk.aliOss(credential))
      for (const more of [{}, { authorizationV4: true }]) {
        const store = storeOf(services.url, options, more)
        yield* put(store, "目录/a b+c~'().txt")
        yield* Effect.promise(() => store.head("a"))
      }
      assert.deepStrictEqual(services.arrivals.map((arrival) => arrival.refusal), ["", "", "", ""])
    }).pipe(Effect.scoped))

  it.live("gets credentials for each request, each retry and each signed URL", () =>
    Effect.gen(function*() {
      const ring = new KeyRing()
      const services = yield* signedServices.make(ring)
      const credential = yield* AlicloudSdk.fromService(forgetful(ring).service)
      const options = yield* Effect.promise(() => AlicloudSdk.aliOss(credential))
      const store = storeOf(services.url, options, { retryMax: 2 })
      yield* put(store, "a")
      services.failures.push(0)
      yield* put(store, "b")
      // The client signs no URL for an IP address.
      const named = storeOf("http://oss.local", options)
      const url = new URL(yield* Effect.promise(() => named.asyncSignatureUrl("a")))
      const used = [...services.arrivals.map((arrival) => arrival.accessKeyId), url.searchParams.get("OSSAccessKeyId")]
      assert.strictEqual(used.length, 4)
      assert.deepStrictEqual(used, ring.issued.slice(1).map((session) => session.accessKeyId))
    }).pipe(Effect.scoped))

  it.live("accepts an AccessKey without a token", () =>
    Effect.gen(function*() {
      const { service, state } = settable(accessKey("a"))
      const options = yield* Effect.flatMap(
        AlicloudSdk.fromService(service),
        (credential) => Effect.promise(() => AlicloudSdk.aliOss(credential))
      )
      assert.strictEqual(options.stsToken, "")
      assert.strictEqual(state.gets, 1)
      assert.doesNotThrow(() => storeOf("http://127.0.0.1:1", options))
    }))

  it.live("has options with exactly the fields that the client copies", () =>
    Effect.gen(function*() {
      const { credential } = yield* startStore(hour)
      const options = yield* Effect.promise(() => AlicloudSdk.aliOss(credential))
      assert.deepStrictEqual(Object.keys(options), [
        "accessKeyId",
        "accessKeySecret",
        "stsToken",
        "refreshSTSToken",
        "refreshSTSTokenInterval"
      ])
      const fields = yield* Effect.promise(() => options.refreshSTSToken())
      assert.deepStrictEqual(Object.keys(fields), ["accessKeyId", "accessKeySecret", "stsToken"])
    }).pipe(Effect.scoped))

  it.live("passes the error of a provider on", () =>
    Effect.gen(function*() {
      const ring = new KeyRing()
      const services = yield* signedServices.make(ring)
      const { service, state } = forgetful(ring)
      const credential = yield* AlicloudSdk.fromService(service)
      const store = storeOf(services.url, yield* Effect.promise(() => AlicloudSdk.aliOss(credential)))
      state.refuses = true
      assertRefusal(yield* rejection(() => store.put("a", Buffer.from("text"))))
      assertRefusal(yield* rejection(() => AlicloudSdk.aliOss(credential)))
      assert.strictEqual(services.arrivals.length, 0)
    }).pipe(Effect.scoped))
})
