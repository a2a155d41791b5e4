import { HttpClient, HttpClientRequest } from "@effect/platform"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Option, Stream } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { defaults, fault } from "../support/cloud.ts"
import {
  acs3Call,
  assumeRole,
  assumeRoleWithOidc,
  code,
  credentialsOf,
  getCredentialsUri,
  getUrl,
  putToken,
  rolesUrl,
  send,
  tokenHeader,
  userKey
} from "../support/cloudRequests.ts"
import { eventually } from "../support/eventually.ts"
import { httpClients, onLoopback } from "../support/server.ts"

const StrictCloud = onLoopback({ world: { imds: { ...defaults.world.imds, v1: false } } })

for (const [name, client] of Object.entries(httpClients)) {
  const Test = LocalCloud.layerClient.pipe(Layer.provide(client), Layer.provideMerge(StrictCloud))

  describe(`the local cloud as a server, with the ${name} client`, () => {
    it.scopedLive("serves STS and OpenAPI", () =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        const policy = "{\"Statement\": [{\"Action\": \"oss:*\", \"Resource\": \"桶 ~ + *\"}]}"
        for (const method of ["GET", "POST"] as const) {
          const key = credentialsOf(yield* assumeRole({ Policy: policy }, { method }))
          const reply = yield* acs3Call("GetCallerIdentity", { key, query: { Filter: "a b*~+中" }, path: "/a%20b" })
          assert.strictEqual(reply.field("IdentityType"), "AssumedRoleUser", reply.text)
        }
        assert.strictEqual((yield* assumeRoleWithOidc()).status, 200)
        const wrong = { key: { ...userKey, accessKeySecret: "wrong" } }
        assert.strictEqual(code(yield* assumeRole({}, wrong)), "400 SignatureDoesNotMatch")
        assert.strictEqual(code(yield* acs3Call("GetCallerIdentity", wrong)), "400 SignatureDoesNotMatch")
        const hosts = new Set((yield* cloud.requests).map((request) => request.host))
        assert.deepStrictEqual([...hosts], ["sts.aliyuncs.com", "sts.cn-hangzhou.aliyuncs.com"])
        assert.notProperty((yield* cloud.requests)[0]?.headers, "x-local-cloud-host")
      }).pipe(Effect.provide(Test)))

    it.scopedLive("serves metadata, the credentials URI, CloudSSO and OAuth", () =>
      Effect.gen(function*() {
        const headers = { [tokenHeader]: (yield* putToken("60")).text }
        assert.strictEqual((yield* getUrl(rolesUrl)).status, 401)
        assert.strictEqual((yield* getUrl(rolesUrl, headers)).text, defaults.instanceRole)
        const key = credentialsOf(yield* getUrl(`${rolesUrl}${defaults.instanceRole}`, headers))
        assert.strictEqual((yield* assumeRole({}, { key })).status, 200)
        assert.strictEqual((yield* getCredentialsUri).status, 200)
        const portal = HttpClientRequest.post(`${new URL(defaults.cloudSsoSignInUrl).origin}/cloud-credentials`).pipe(
          HttpClientRequest.bearerToken(defaults.cloudSsoAccessToken),
          HttpClientRequest.bodyUnsafeJson({
            AccountId: defaults.cloudSsoAccountId,
            AccessConfigurationId: defaults.cloudSsoAccessConfiguration
          })
        )
        assert.strictEqual((yield* send(portal)).status, 200)
        const exchange = HttpClientRequest.post("https://oauth.aliyun.com/v1/exchange").pipe(
          HttpClientRequest.bearerToken(defaults.oauthAccessToken)
        )
        assert.strictEqual((yield* send(exchange)).status, 200)
      }).pipe(Effect.provide(Test)))

    it.scopedLive("serves requests to its own address by path", () =>
      Effect.gen(function*() {
        const { requests, url } = yield* LocalCloud.LocalCloud
        const reply = yield* getUrl(`${url}/credentials?a=1`)
        assert.strictEqual(reply.status, 200)
        assert.strictEqual(`http://${(yield* requests)[0]?.host}`, url)
      }).pipe(Effect.provide(Test)))

    it.scopedLive("rejects other hosts", () =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        for (const url of ["http://example.com/", "http://127.0.0.1:1/", "https://aliyuncs.com.example.com/"]) {
          const error = yield* Effect.flip(getUrl(url))
          assert.include(error.message, "is not part of the local cloud")
        }
        assert.strictEqual(yield* cloud.count(), 0)
      }).pipe(Effect.provide(Test)))

    it.scopedLive("injects the faults status, malformed, missing, expired and skew", () =>
      Effect.gen(function*() {
        yield* fault({ kind: "status", status: 429, headers: { "retry-after": "3" } })
        const reply = yield* getCredentialsUri
        assert.deepStrictEqual([code(reply), reply.headers["retry-after"]], ["429 Throttling", "3"])
        yield* fault({ kind: "malformed" })
        assert.match((yield* getCredentialsUri).text, /^<html>/)
        yield* fault({ kind: "missing", fields: ["SecurityToken"] })
        assert.notProperty((yield* getCredentialsUri).body, "SecurityToken")
        yield* fault({ kind: "expired" })
        assert.isBelow(Date.parse((yield* getCredentialsUri).field("Expiration")), yield* Clock.currentTimeMillis)
        yield* fault({ kind: "skew", millis: 3_600_000 })
        assert.isAbove(
          Date.parse((yield* getCredentialsUri).headers["date"] ?? ""),
          (yield* Clock.currentTimeMillis) + 3_500_000
        )
      }).pipe(Effect.provide(Test)))

    it.scopedLive("injects the faults silent and drip, until the client times out", () =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        for (const [index, kind] of (["silent", "drip"] as const).entries()) {
          yield* fault({ kind })
          const waiting = yield* Effect.fork(getCredentialsUri)
          yield* eventually(Effect.map(cloud.count(), (count) => assert.strictEqual(count, index + 1)))
          assert.isTrue(Option.isNone(yield* Effect.timeoutOption(Fiber.join(waiting), "100 millis")), kind)
          yield* Fiber.interrupt(waiting)
        }
        assert.strictEqual((yield* getCredentialsUri).status, 200)
        assert.deepStrictEqual((yield* cloud.requests).map((request) => request.status), [undefined, 200, 200])
      }).pipe(Effect.provide(Test)))

    it.scopedLive("injects the fault disconnect", () =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        for (const at of ["request", "answer"] as const) {
          yield* fault({ kind: "disconnect", at })
          assert.strictEqual((yield* Effect.flip(getCredentialsUri))._tag, "RequestError", at)
        }
        yield* fault({ kind: "disconnect", at: "body" })
        assert.strictEqual((yield* Effect.flip(getCredentialsUri))._tag, "ResponseError")
        assert.lengthOf(yield* cloud.issuedSecrets, 4, "two responses were lost after they had been created")
      }).pipe(Effect.provide(Test)))

    it.scopedLive("injects the fault endless", () =>
      Effect.gen(function*() {
        yield* fault({ kind: "endless" })
        const response = yield* HttpClient.get(defaults.credentialsUri)
        const size = yield* response.stream.pipe(
          Stream.mapAccum(0, (sum, piece) => [sum + piece.length, sum + piece.length]),
          Stream.dropWhile((sum) => sum <= 1024 * 1024),
          Stream.runHead
        )
        assert.isTrue(Option.isSome(size))
        yield* fault({ kind: "endless", bytes: 100_001 })
        assert.lengthOf((yield* getCredentialsUri).text, 100_001)
      }).pipe(Effect.provide(Test)))

    it.scopedLive("injects the fault redirect", () =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        yield* fault({ kind: "redirect", location: "/credentials/other" })
        const reply = yield* getCredentialsUri
        const paths = (yield* cloud.requests).map((request) => request.path)
        if (name === "fetch") assert.deepStrictEqual(paths, ["/credentials", "/credentials/other"])
        else assert.deepStrictEqual([reply.status, reply.headers["location"]], [302, "/credentials/other"])
      }).pipe(Effect.provide(Test)))
  })
}

describe("closing the server", () => {
  it.live("ends open connections", () =>
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      const fiber = yield* Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        yield* fault({ kind: "silent" })
        const fiber = yield* Effect.forkDaemon(client.get(`${cloud.url}/credentials`))
        yield* eventually(Effect.map(cloud.count(), (count) => assert.strictEqual(count, 1)))
        return fiber
      }).pipe(Effect.provide(StrictCloud))
      const response = yield* fiber
      assert.strictEqual(response.status, 503)
    }).pipe(Effect.provide(NodeHttpClient.layer)))
})
