/**
 * The signing client over each HTTP client of the platform, against the local cloud as a real server on loopback.
 */
import { HttpBody, HttpClient, HttpClientError, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Schema, Stream } from "effect"
import { CallerIdentity, CredentialProvider, KmsSecret, OpenApi } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { cloud, defaults, role } from "../support/cloud.ts"
import { httpClients, onLoopback } from "../support/server.ts"
import { execute, signed } from "../support/signedHttp.ts"

const oddRequest = HttpClientRequest.post("https://ecs.cn-hangzhou.aliyuncs.com/a+b*(c)/节点?Filter=a b*~", {
  headers: { "x-acs-action": "DescribeRegions", "x-acs-version": "2014-05-26" }
})

const sentBodies: Readonly<Record<string, HttpBody.HttpBody>> = {
  none: HttpBody.empty,
  JSON: HttpBody.unsafeJson({ name: "桶-📦" }),
  urlencoded: HttpBody.text("a=b+c", "application/x-www-form-urlencoded"),
  bytes: HttpBody.uint8Array(new Uint8Array([0, 255])),
  "raw text": HttpBody.raw("raw"),
  "a stream": HttpBody.stream(Stream.make("a", "b").pipe(Stream.encodeText)),
  "a long stream": HttpBody.stream(Stream.repeatValue(new Uint8Array(64 * 1024)).pipe(Stream.take(5)))
}

for (const [name, client] of Object.entries(httpClients)) {
  const Http = LocalCloud.layerClient.pipe(Layer.provide(client), Layer.provideMerge(onLoopback()))
  const Test = signed(role).pipe(Layer.provideMerge(Http))

  describe(`with the ${name} client`, () => {
    it.scopedLive("every kind of body passes the checks of the service", () =>
      Effect.gen(function*() {
        for (const [kind, body] of Object.entries(sentBodies)) {
          const response = yield* execute(HttpClientRequest.setBody(oddRequest, body))
          assert.strictEqual(response.status, 200, `${kind}: ${yield* response.text}`)
        }
      }).pipe(Effect.provide(Test)))

    it.scopedLive("a session that is revoked in the middle of a run is renewed once, and no request fails", () =>
      Effect.gen(function*() {
        const local = yield* cloud
        let done = 0
        const one = Effect.gen(function*() {
          const response = yield* execute(oddRequest)
          assert.strictEqual(response.status, 200)
          if (++done === 20) {
            const credentials = yield* CredentialProvider.get
            assert(credentials._tag === "StsToken")
            yield* local.revoke(credentials.accessKeyId)
          }
        })
        yield* Effect.all(Array.from({ length: 60 }, () => one), { concurrency: 10, discard: true })
        assert.strictEqual(yield* local.count({ operation: "AssumeRole" }), 2)
        assert.isAtLeast(yield* local.count({ operation: "DescribeRegions", status: 400 }), 1)
        assert.strictEqual(yield* local.count({ operation: "DescribeRegions", status: 200 }), 60)
      }).pipe(Effect.provide(Test)))

    it.scopedLive("an error can be read in every way after its beginning was read ahead", () =>
      Effect.gen(function*() {
        const local = yield* cloud
        for (const message of ["short", "x".repeat(300 * 1024)]) {
          const fault = local.fault({ kind: "status", status: 409, code: "Conflict", message, service: "openapi" })
          const failed = Effect.zipRight(fault, execute(oddRequest))
          assert.propertyVal(JSON.parse(yield* (yield* failed).text), "Message", message)
          assert.propertyVal(yield* (yield* failed).json, "Message", message)
          const buffer = yield* (yield* failed).arrayBuffer
          assert.propertyVal(JSON.parse(new TextDecoder().decode(buffer)), "Message", message)
          const text = yield* Stream.mkString(Stream.decodeText((yield* failed).stream))
          assert.propertyVal(JSON.parse(text), "Message", message)
        }
      }).pipe(Effect.provide(Test)))

    it.scopedLive("an error whose body is cut short or empty is still a response", () =>
      Effect.gen(function*() {
        const local = yield* cloud
        yield* local.fault({ kind: "disconnect", at: "body", service: "openapi" })
        const broken = yield* execute(HttpClientRequest.setHeader(oddRequest, "x-acs-version", "0"))
        assert.strictEqual(broken.status, 404)
        assert.strictEqual((yield* Effect.flip(broken.text))._tag, "ResponseError")
        yield* local.fault({ kind: "malformed", status: 500, body: "", service: "openapi" })
        const empty = yield* execute(oddRequest)
        assert.strictEqual(empty.status, 500)
        assert.strictEqual(yield* empty.text, "")
      }).pipe(Effect.provide(Test)))

    it.scopedLive("redirects are not followed", () =>
      Effect.gen(function*() {
        const local = yield* cloud
        yield* local.fault({ kind: "redirect", location: `${local.url}/credentials`, service: "openapi" })
        assert.strictEqual((yield* execute(oddRequest)).status, 302)
        assert.strictEqual(yield* local.count({ service: "uri" }), 0)
      }).pipe(Effect.provide(Test)))

    it.scopedLive("typed calls, the caller identity and a KMS secret work", () =>
      Effect.gen(function*() {
        const answer = yield* OpenApi.call({
          endpoint: "ecs.cn-hangzhou.aliyuncs.com",
          action: "DescribeRegions",
          version: "2014-05-26",
          parameters: { AcceptLanguage: "zh-CN", Tag: [{ Key: "a b", Value: "*~中" }] },
          schema: Schema.Struct({
            Regions: Schema.Struct({ Region: Schema.Array(Schema.Struct({ RegionId: Schema.String })) })
          })
        })
        assert.deepStrictEqual(answer.Regions.Region.map((region) => region.RegionId), [...defaults.world.regions])
        const identity = yield* CallerIdentity.get()
        assert.strictEqual(identity.accountId, defaults.accountId)
        assert.isTrue(Option.isSome(identity.roleId))
        const secret = KmsSecret.layer({ secretName: defaults.secretName, region: "cn-hangzhou" })
        const credentials = yield* Effect.provide(CredentialProvider.get, secret)
        assert(credentials._tag === "AccessKey")
        assert.strictEqual(credentials.accessKeyId, defaults.managedKeyId)
      }).pipe(Effect.provide(Test)))

    it.scopedLive("no other host is reached", () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(execute(HttpClientRequest.get("http://example.org")))
        assert(HttpClientError.isHttpClientError(error))
        assert.deepInclude(error, { _tag: "RequestError", reason: "Transport" })
        assert.isDefined(yield* HttpClient.HttpClient)
      }).pipe(Effect.provide(Test)))
  })
}
