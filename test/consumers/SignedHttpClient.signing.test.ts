import { HttpBody, HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted, Stream } from "effect"
import {
  CredentialChain,
  CredentialError,
  CredentialProvider,
  Credentials,
  SignedHttpClient,
  StaticCredentials
} from "effect-alicloud-credentials"
import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
import * as acs3 from "../../src/testing/internal/services/acs3.ts"
import { bearer, cloud, defaults, lastRequest, role, user } from "../support/cloud.ts"
import { scripted } from "../support/network.ts"
import { api, execute, identity, signed, signedOverCloud } from "../support/signedHttp.ts"

const bytes = new Uint8Array([0, 255, 1, 254])

const bodies: Readonly<Record<string, HttpBody.HttpBody>> = {
  none: HttpBody.empty,
  JSON: HttpBody.unsafeJson({ name: "桶-📦", n: 1 }),
  urlencoded: HttpBody.text("a=b+c&d=%E4%B8%AD", "application/x-www-form-urlencoded"),
  text: HttpBody.text("text"),
  bytes: HttpBody.uint8Array(bytes),
  "zero bytes": HttpBody.uint8Array(new Uint8Array()),
  "raw text": HttpBody.raw("raw", { contentType: "text/plain" }),
  "raw bytes": HttpBody.raw(bytes),
  "a stream": HttpBody.stream(Stream.make(bytes, bytes), "application/octet-stream"),
  "an empty stream": HttpBody.stream(Stream.empty, "text/plain", 7),
  "much": HttpBody.uint8Array(new Uint8Array(200 * 1024).fill(7))
}

describe("a signed request", () => {
  for (const [name, body] of Object.entries(bodies)) {
    it.effect(`with a body of ${name} is accepted by the service`, () =>
      Effect.gen(function*() {
        const response = yield* execute(HttpClientRequest.setBody(api(), body))
        assert.strictEqual(response.status, 200, yield* response.text)
      }).pipe(Effect.provide(signedOverCloud(user))))
  }

  it.effect("sends the content of a stream, with its type", () =>
    Effect.gen(function*() {
      const stream = Stream.make("{\"a\":", "1}").pipe(Stream.encodeText)
      yield* execute(HttpClientRequest.bodyStream(api(), stream, { contentType: "application/json" }))
      const request = yield* lastRequest
      assert.strictEqual(request.body, "{\"a\":1}")
      assert.strictEqual(request.headers["content-type"], "application/json")
      assert.strictEqual(request.headers["content-length"], "7")
      yield* execute(HttpClientRequest.bodyStream(api(), Stream.empty, { contentLength: 7 }))
      assert.notStrictEqual((yield* lastRequest).headers["content-length"], "7")
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("keeps a content type that was set after the body", () =>
    Effect.gen(function*() {
      yield* execute(HttpClientRequest.setHeader(HttpClientRequest.bodyText(api(), "<a/>"), "content-type", "text/xml"))
      assert.strictEqual((yield* lastRequest).headers["content-type"], "text/xml")
    }).pipe(Effect.provide(signedOverCloud(user))))

  const paths = ["/clusters/c x/节点", "/a+b*c(d)'!~", "/%7E/%2f%2F", "/a//b/?x=1+2&y=%20&z#fragment", "/100%"]
  for (const path of paths) {
    for (const method of ["GET", "PUT", "DELETE", "PATCH"] as const) {
      it.effect(`${method} ${path} in ROA style is accepted`, () =>
        Effect.gen(function*() {
          const request = api(path, method).pipe(HttpClientRequest.setUrlParams({ Filter: "a b*~+中", Empty: "" }))
          const response = yield* execute(request)
          assert.strictEqual(response.status, 200, yield* response.text)
        }).pipe(Effect.provide(signedOverCloud(role))))
    }
  }

  it.effect("has no fragment in its address", () =>
    Effect.gen(function*() {
      const { layer, requests } = scripted(() => new Response("{}"))
      yield* Effect.provide(execute(api("/a#fragment")), Layer.provide(signed(user), layer))
      assert.strictEqual(requests[0]?.url, "https://ecs.cn-hangzhou.aliyuncs.com/a")
    }))

  it.effect("has the token of a session, and the name of a chain", () =>
    Effect.gen(function*() {
      yield* execute(identity)
      const { accessKeyId, headers } = yield* lastRequest
      assert.strictEqual(headers["x-acs-accesskey-id"], accessKeyId)
      assert.match(headers["x-acs-security-token"]!, /^CAIS/)
      assert.strictEqual(headers["x-acs-credentials-provider"], "default/ram_role_arn/static_ak")
      assert.match(headers["x-acs-date"]!, /^1970-01-01T00:00:00Z$/)
      assert.strictEqual(headers["accept"], "application/json")
      assert.match(headers["user-agent"]!, /^effect-alicloud-credentials\//)
    }).pipe(Effect.provide(signedOverCloud(CredentialChain.layer([role])))))

  it.effect("shows a provider name without characters that are not allowed in a header", () =>
    Effect.gen(function*() {
      yield* execute(identity)
      const { headers, status } = yield* lastRequest
      assert.strictEqual(status, 200)
      assert.strictEqual(headers["x-acs-credentials-provider"], "vault/___")
    }).pipe(Effect.provide(signedOverCloud(StaticCredentials.layer(Credentials.AccessKey({
      provider: "vault/保险库",
      accessKeyId: defaults.accessKeyId,
      accessKeySecret: Redacted.make(defaults.accessKeySecret)
    }))))))

  it.effect("with a bearer token has no signature, in both styles", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* execute(api())).status, 200)
      const rpc = yield* lastRequest
      assert.strictEqual(rpc.query["SignatureType"], "BEARERTOKEN")
      assert.notProperty(rpc.headers, "x-acs-signature-type")
      assert.strictEqual((yield* execute(api("/regions", "GET"))).status, 200)
      const roa = yield* lastRequest
      assert.strictEqual(roa.headers["x-acs-signature-type"], "BEARERTOKEN")
      assert.notProperty(roa.query, "SignatureType")
      for (const { headers } of [rpc, roa]) {
        assert.strictEqual(headers["x-acs-date"], "1970-01-01T00:00:00Z")
        assert.strictEqual(headers["x-acs-content-sha256"], acs3.hashBody(new Uint8Array()))
        assert.match(headers["x-acs-signature-nonce"]!, /^[0-9a-f-]{36}$/)
        assert.match(headers["x-acs-credentials-provider"]!, /^\w+$/)
        assert.strictEqual(headers["x-acs-bearer-token"], defaults.bearerToken)
        assert.notProperty(headers, "authorization")
      }
    }).pipe(Effect.provide(signedOverCloud(bearer))))

  it.effect("replaces signature headers of an earlier attempt", () =>
    Effect.gen(function*() {
      const response = yield* execute(HttpClientRequest.setHeaders(identity, {
        authorization: "Basic x",
        "x-acs-security-token": "stale",
        "x-acs-accesskey-id": "stale",
        "x-acs-signature-nonce": "stale"
      }))
      assert.strictEqual(response.status, 200)
      assert.notProperty((yield* lastRequest).headers, "x-acs-security-token")
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("covers headers added by mapRequest on the signing client", () =>
    Effect.gen(function*() {
      const client = HttpClient.mapRequest(
        yield* SignedHttpClient.SignedHttpClient,
        HttpClientRequest.setHeader("x-acs-extra", "1")
      )
      assert.strictEqual((yield* client.execute(identity)).status, 200)
      assert.include((yield* lastRequest).headers["authorization"], ";x-acs-extra;")
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.live("of more than 64 KiB has the same hash", () =>
    Effect.gen(function*() {
      const { layer, requests } = scripted(() => new Response("{}"))
      const long = new Uint8Array(64 * 1024 + 1).fill(9)
      yield* execute(HttpClientRequest.bodyUint8Array(api(), long)).pipe(
        Effect.provide(Layer.provide(signed(user), layer))
      )
      assert.strictEqual(requests[0]?.headers["x-acs-content-sha256"], acs3.hashBody(long))
    }))
})

describe("a request that cannot be signed", () => {
  const cases: Readonly<Record<string, readonly [HttpClientRequest.HttpClientRequest, RegExp]>> = {
    "a multipart body": [HttpClientRequest.bodyFormDataRecord(api(), { a: "1" }), /multipart/],
    "a raw body of another kind": [HttpClientRequest.setBody(api(), HttpBody.raw(new Blob(["x"]))), /text or bytes/],
    "a stream that is too long": [
      HttpClientRequest.bodyStream(api(), Stream.repeatValue(new Uint8Array(10))),
      /over 25 bytes/
    ],
    "a stream that is one byte too long": [
      HttpClientRequest.bodyStream(api(), Stream.make(new Uint8Array(20), new Uint8Array(6))),
      /over 25 bytes/
    ],
    "a stream that fails": [
      HttpClientRequest.bodyStream(api(), Stream.concat(Stream.make(bytes), Stream.fail("x"))),
      /failed/
    ],
    "an invalid URL": [HttpClientRequest.post("no address"), /address/],
    "a path that is not UTF-8": [api("/%FFa%20b"), /UTF-8/]
  }
  for (const [what, [request, message]] of Object.entries(cases)) {
    it.effect(`fails with SigningError for ${what}, and is not sent`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(execute(request))
        assert.strictEqual(error._tag, "SigningError")
        assert.match(error.message, message)
        assert.strictEqual(yield* (yield* cloud).count(), 0)
      }).pipe(Effect.provide(signedOverCloud(user, { maxBody: 25 }))))
  }

  it.effect("is sent after all if a stream has exactly the maximum length", () =>
    Effect.gen(function*() {
      const stream = Stream.make(new Uint8Array(20), new Uint8Array(5))
      assert.strictEqual((yield* execute(HttpClientRequest.bodyStream(api(), stream))).status, 200)
    }).pipe(Effect.provide(signedOverCloud(user, { maxBody: 25 }))))

  const [good, bad] = [Redacted.make("good"), Redacted.make("line\nbreak")]
  const sessionOf = { provider: "test", accessKeyId: "STS.A", expiration: Option.none() }
  const unsendable = {
    "a bearer token": Credentials.BearerToken({ provider: "test", bearerToken: bad }),
    "the token of a session": Credentials.StsToken({ ...sessionOf, accessKeySecret: good, securityToken: bad }),
    "the id of a key": Credentials.AccessKey({ provider: "test", accessKeyId: "line\nbreak", accessKeySecret: good })
  }
  for (const [what, credentials] of Object.entries(unsendable)) {
    it.effect(`fails with SigningError for ${what} that is not allowed in a header, and is not sent`, () =>
      Effect.gen(function*() {
        const { layer, requests } = scripted(() => new Response())
        const provider = Layer.succeed(
          CredentialProvider.CredentialProvider,
          CredentialProvider.succeed(credentials)
        )
        const error = yield* Effect.flip(Effect.provide(execute(api()), Layer.provide(signed(provider), layer)))
        assert.strictEqual(error._tag, "SigningError")
        assert.include(error.message, "the credentials contain characters that are not allowed in a header")
        assert.lengthOf(requests, 0)
      }))
  }

  it.effect("fails with the error of the provider if that fails", () =>
    Effect.gen(function*() {
      const failing = TestCredentialProvider.layerFailing(
        new CredentialError.CredentialsNotConfigured({ provider: "test", reason: "nothing" })
      )
      const error = yield* Effect.flip(Effect.provide(execute(api()), signedOverCloud(failing)))
      assert.strictEqual(error._tag, "CredentialsNotConfigured")
    }))
})
