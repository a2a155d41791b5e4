import { HttpBody, HttpClient, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Schema, Stream, TestClock } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { utf8 } from "../../src/testing/internal/wire/encode.ts"
import { defaults } from "../support/cloud.ts"
import {
  acs3Call,
  assumeRole,
  assumeRoleWithOidc,
  credentialsOf,
  getUrl,
  putToken,
  rolesUrl,
  send
} from "../support/cloudRequests.ts"

describe("the record of requests", () => {
  it.effect("contains what was sent, and where", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* TestClock.adjust("5 seconds")
      yield* assumeRole({}, { host: "sts.cn-hangzhou.aliyuncs.com" })
      const [request] = yield* cloud.requests
      assert.deepInclude(request, {
        service: "sts",
        operation: "AssumeRole",
        at: 5000,
        method: "POST",
        host: "sts.cn-hangzhou.aliyuncs.com",
        path: "/",
        accessKeyId: defaults.accessKeyId,
        status: 200,
        code: undefined,
        fault: undefined
      })
      assert.strictEqual(request?.query["Action"], "AssumeRole")
      assert.strictEqual(request?.form["RoleArn"], defaults.roleArn)
      assert.notProperty(request?.query, "RoleArn")
      assert.strictEqual(request?.params["RoleArn"], defaults.roleArn)
      assert.strictEqual(request?.headers["content-type"], "application/x-www-form-urlencoded")
      assert.include(request?.body, "RoleSessionName=tester")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("can be counted and cleared", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* putToken("60")
      yield* getUrl(rolesUrl)
      yield* getUrl(`${rolesUrl}other`)
      yield* getUrl("https://example.com/")
      assert.strictEqual(yield* cloud.count(), 4)
      assert.strictEqual(yield* cloud.count({ service: "imds" }), 3)
      assert.strictEqual(yield* cloud.count({ service: "imds", status: 404 }), 1)
      assert.strictEqual(yield* cloud.count({ method: "PUT" }), 1)
      assert.deepStrictEqual((yield* cloud.requests).map((request) => request.operation), [
        "token",
        "role",
        "credential",
        "unknown"
      ])
      yield* cloud.clearRequests
      assert.deepStrictEqual(yield* cloud.requests, [])
    }).pipe(Effect.provide(LocalCloud.layer())))

  const routes: ReadonlyArray<readonly [url: string, service: string]> = [
    ["https://sts.aliyuncs.com/?Version=2015-04-01&Action=X", "sts"],
    ["https://sts-vpc.cn-hangzhou.aliyuncs.com/", "sts"],
    ["https://ecs.aliyuncs.com/?Version=2014-05-26&Action=X", "openapi"],
    ["http://100.100.100.200/anything", "imds"],
    ["https://oauth.alibabacloud.com/v1/token", "oauth"],
    ["https://signin.aliyun.com/oauth2/v1/auth", "oauth"],
    ["https://signin-cn-x.alibabacloudsso.com/cloud-credentials", "cloudsso"],
    ["http://credentials.local/any/path?x=1", "uri"],
    ["http://127.0.0.1:8080/credentials", "uri"],
    ["http://127.0.0.1:8080/latest/api/token", "imds"],
    ["http://127.0.0.1:8080/cloud-credentials", "cloudsso"],
    ["http://127.0.0.1:8080/v1/exchange", "oauth"],
    ["http://127.0.0.1:8080/?Version=2015-04-01&Action=X", "sts"],
    ["http://127.0.0.1:8080/?Version=2016-01-20&Action=X", "openapi"],
    ["http://127.0.0.1:8080/elsewhere", "unknown"]
  ]
  for (const [url, service] of routes) {
    it.effect(`assigns ${url} to ${service}`, () =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        yield* getUrl(url)
        assert.strictEqual((yield* cloud.requests)[0]?.service, service)
      }).pipe(Effect.provide(LocalCloud.layer())))
  }
})

describe("the secrets of the local cloud", () => {
  it.effect("include issued secrets", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const token = yield* putToken("60")
      const keys = [
        credentialsOf(yield* assumeRole()),
        credentialsOf(yield* assumeRoleWithOidc()),
        credentialsOf(yield* getUrl(defaults.credentialsUri)),
        credentialsOf(yield* getUrl(`${rolesUrl}${defaults.instanceRole}`))
      ]
      const expected = [token.text, ...keys.flatMap((key) => [key.accessKeySecret, key.securityToken])]
      assert.sameMembers([...(yield* cloud.issuedSecrets)], expected)
      assert.includeMembers([...(yield* cloud.secrets)], [
        ...expected,
        defaults.accessKeySecret,
        defaults.managedKeySecret,
        defaults.oidcToken,
        defaults.bearerToken,
        defaults.cloudSsoAccessToken,
        defaults.oauthRefreshToken,
        defaults.oauthAccessToken
      ])
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("differ between clouds, except with the same seed", () =>
    Effect.gen(function*() {
      const issue = (options?: LocalCloud.Options) =>
        Effect.map(getUrl(defaults.credentialsUri), (reply) => credentialsOf(reply).accessKeyId).pipe(
          Effect.provide(LocalCloud.layer(options))
        )
      assert.notStrictEqual(yield* issue(), yield* issue())
      assert.strictEqual(yield* issue({ seed: "a" }), yield* issue({ seed: "a" }))
      assert.notStrictEqual(yield* issue({ seed: "a" }), yield* issue({ seed: "b" }))
    }))

  it.effect("differ for overlapping requests", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* Effect.all(Array.from({ length: 20 }, () => getUrl(defaults.credentialsUri)), { concurrency: "unbounded" })
      assert.strictEqual(new Set(yield* cloud.issuedSecrets).size, 40)
    }).pipe(Effect.provide(LocalCloud.layer())))
})

describe("the client in memory", () => {
  const record = Effect.flatMap(LocalCloud.LocalCloud, (cloud) => Effect.map(cloud.requests, (all) => all.at(-1)))
  const bodies: ReadonlyArray<readonly [kind: string, body: HttpBody.HttpBody, sent: string]> = [
    ["empty", HttpBody.empty, ""],
    ["text", HttpBody.text("桶=1"), "桶=1"],
    ["JSON", HttpBody.unsafeJson({ a: 1 }), "{\"a\":1}"],
    ["raw text", HttpBody.raw("raw"), "raw"],
    ["raw bytes", HttpBody.raw(utf8("bytes")), "bytes"],
    ["raw blob", HttpBody.raw(new Blob(["blob"])), "blob"],
    ["stream", HttpBody.stream(Stream.make(utf8("st"), utf8("ream"))), "stream"]
  ]
  for (const [kind, body, sent] of bodies) {
    it.effect(`sends a body of kind ${kind}`, () =>
      Effect.gen(function*() {
        yield* send(HttpClientRequest.post("http://credentials.local/").pipe(HttpClientRequest.setBody(body)))
        assert.strictEqual((yield* record)?.body, sent)
      }).pipe(Effect.provide(LocalCloud.layer())))
  }

  it.effect("sends a body of kind form data", () =>
    Effect.gen(function*() {
      const body = HttpBody.formDataRecord({ field: "value" })
      yield* send(HttpClientRequest.post("http://credentials.local/").pipe(HttpClientRequest.setBody(body)))
      const request = yield* record
      assert.match(request?.headers["content-type"] ?? "", /^multipart\/form-data; boundary=/)
      assert.match(request?.body ?? "", /name="field"\s+value/)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("reports a body that cannot be read", () =>
    Effect.gen(function*() {
      const body = HttpBody.stream(Stream.fail("lost"))
      const request = HttpClientRequest.post("http://credentials.local/").pipe(HttpClientRequest.setBody(body))
      assert.deepInclude(yield* Effect.flip(send(request)), { _tag: "RequestError", reason: "Encode" })
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("reads responses in every way, without a promise", () =>
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      const response = Effect.runSync(client.get(defaults.credentialsUri))
      const text = Effect.runSync(response.text)
      assert.deepStrictEqual(Effect.runSync(response.json), JSON.parse(text))
      const decode = (bytes: ArrayBuffer) => new TextDecoder().decode(bytes)
      assert.strictEqual(decode(Effect.runSync(response.arrayBuffer)), text)
      const streamed = Effect.runSync(Stream.mkString(Stream.decodeText(response.stream)))
      assert.strictEqual(streamed, text)
      assert.strictEqual(Effect.runSync(Stream.runCount(response.stream)), 2, "in more than one piece")
      const schema = Schema.Struct({ Code: Schema.Literal("Success") })
      assert.deepStrictEqual(Effect.runSync(HttpClientResponse.schemaBodyJson(schema)(response)), { Code: "Success" })
      assert.strictEqual(response.headers["content-type"], "application/json;charset=utf-8")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("checks signatures for the host of the URL, not that of a header", () =>
    Effect.gen(function*() {
      const reply = yield* acs3Call("GetCallerIdentity", { tamper: { host: "elsewhere" } })
      assert.strictEqual(reply.status, 200)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("separates clouds", () =>
    Effect.gen(function*() {
      const key = yield* getUrl(defaults.credentialsUri).pipe(
        Effect.map(credentialsOf),
        Effect.provide(LocalCloud.layer())
      )
      assert.strictEqual((yield* assumeRole({}, { key })).field("Code"), "InvalidAccessKeyId.NotFound")
    }).pipe(Effect.provide(LocalCloud.layer())))
})

describe("layerClient", () => {
  it.effect("fails for a cloud in memory", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(Layer.build(LocalCloud.layerClient.pipe(Layer.provide(LocalCloud.layer()))))
      assert.isTrue(Exit.isFailure(exit))
    }).pipe(Effect.scoped))
})
