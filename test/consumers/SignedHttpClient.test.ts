import { HttpBody, HttpClient, type HttpClientError, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Either, Exit, Fiber, Layer, Redacted, Stream, TestClock } from "effect"
import {
  CredentialChain,
  CredentialError,
  CredentialProvider,
  Credentials,
  SignedHttpClient,
  StaticCredentials
} from "effect-alicloud-credentials"
import { LocalCloud, TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { inspect } from "node:util"
import * as acs3 from "../../src/testing/internal/services/acs3.ts"
import { bearer, cloud, defaults, fault, lastRequest, role, user } from "../support/cloud.ts"
import { logs } from "../support/logs.ts"
import { refusing, scripted } from "../support/network.ts"
import { api, execute, identity, signed, signedOverCloud } from "../support/signedHttp.ts"
import { type RecordedSpan, recordedSpans } from "../support/spans.ts"

const bytes = new Uint8Array([0, 255, 1, 254])

const bodies: Readonly<Record<string, HttpBody.HttpBody>> = {
  none: HttpBody.empty,
  JSON: HttpBody.unsafeJson({ name: "桶-📦", n: 1 }),
  urlencoded: HttpBody.text("a=b+c&d=%E4%B8%AD", "application/x-www-form-urlencoded"),
  text: HttpBody.text("text"),
  bytes: HttpBody.uint8Array(bytes),
  "no bytes": HttpBody.uint8Array(new Uint8Array()),
  "raw text": HttpBody.raw("raw", { contentType: "text/plain" }),
  "raw bytes": HttpBody.raw(bytes),
  "a stream": HttpBody.stream(Stream.make(bytes, bytes), "application/octet-stream"),
  "an empty stream": HttpBody.stream(Stream.empty, "text/plain", 7),
  "much": HttpBody.uint8Array(new Uint8Array(200 * 1024).fill(7))
}

describe("a signed request", () => {
  for (const [name, body] of Object.entries(bodies)) {
    it.effect(`with ${name} in its body passes the checks of the service`, () =>
      Effect.gen(function*() {
        const response = yield* execute(HttpClientRequest.setBody(api(), body))
        assert.strictEqual(response.status, 200, yield* response.text)
      }).pipe(Effect.provide(signedOverCloud(user))))
  }

  it.effect("sends what a stream held, with its type", () =>
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
      it.effect(`${method} ${path} in ROA style`, () =>
        Effect.gen(function*() {
          const request = api(path, method).pipe(HttpClientRequest.setUrlParams({ Filter: "a b*~+中", Empty: "" }))
          const response = yield* execute(request)
          assert.strictEqual(response.status, 200, yield* response.text)
        }).pipe(Effect.provide(signedOverCloud(role))))
    }
  }

  it.effect("of a session carries its token; of a chain, the chain's name", () =>
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

  it.effect("tells of a provider what a header can carry", () =>
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

  it.effect("with a bearer token carries no signature, in either style", () =>
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
        assert.strictEqual(headers["x-acs-bearer-token"], defaults.bearerToken)
        assert.notProperty(headers, "authorization")
      }
    }).pipe(Effect.provide(signedOverCloud(bearer))))

  it.effect("drops the signature headers that it came with", () =>
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

  it.effect("covers what mapRequest of the result adds", () =>
    Effect.gen(function*() {
      const client = HttpClient.mapRequest(
        yield* SignedHttpClient.SignedHttpClient,
        HttpClientRequest.setHeader("x-acs-extra", "1")
      )
      assert.strictEqual((yield* client.execute(identity)).status, 200)
      assert.include((yield* lastRequest).headers["authorization"], ";x-acs-extra;")
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.live("of more than 64 KiB is hashed in the same way", () =>
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
    "a stream that fails": [
      HttpClientRequest.bodyStream(api(), Stream.concat(Stream.make(bytes), Stream.fail("x"))),
      /failed/
    ],
    "no address": [HttpClientRequest.post("no address"), /address/],
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

  it.effect("takes a stream of exactly the limit", () =>
    Effect.gen(function*() {
      const stream = Stream.make(new Uint8Array(20), new Uint8Array(5))
      assert.strictEqual((yield* execute(HttpClientRequest.bodyStream(api(), stream))).status, 200)
    }).pipe(Effect.provide(signedOverCloud(user, { maxBody: 25 }))))

  it.effect("fails for a token with characters that no header can carry", () =>
    Effect.gen(function*() {
      const { layer, requests } = scripted(() => new Response())
      const token = StaticCredentials.layer(
        Credentials.BearerToken({ provider: "test", bearerToken: Redacted.make("line\nbreak") })
      )
      const error = yield* Effect.flip(Effect.provide(execute(api()), Layer.provide(signed(token), layer)))
      assert.strictEqual(error._tag, "SigningError")
      assert.lengthOf(requests, 0)
    }))

  it.effect("fails with the provider's own error", () =>
    Effect.gen(function*() {
      const failing = TestCredentialProvider.layerFailing(
        new CredentialError.CredentialsNotConfigured({ provider: "test", reason: "nothing" })
      )
      const error = yield* Effect.flip(Effect.provide(execute(api()), signedOverCloud(failing)))
      assert.strictEqual(error._tag, "CredentialsNotConfigured")
    }))
})

describe("refused credentials", () => {
  it.effect("are renewed once, however many requests they are refused for", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      const before = yield* CredentialProvider.get
      assert(before._tag === "StsToken")
      assert.strictEqual((yield* execute(identity)).status, 200)
      yield* local.revoke(before.accessKeyId)
      // All of them are on their way before the first is refused.
      yield* local.fault({ kind: "delay", delay: "1 second", operation: "GetCallerIdentity", times: 51 })
      const fiber = yield* Effect.fork(Effect.all(Array.from({ length: 51 }, () => execute(identity)), {
        concurrency: "unbounded"
      }))
      yield* TestClock.adjust("1 second")
      const responses = yield* Fiber.join(fiber)
      assert.deepStrictEqual([...new Set(responses.map((response) => response.status))], [200])
      assert.strictEqual(yield* local.count({ operation: "AssumeRole" }), 2)
      assert.strictEqual(yield* local.count({ operation: "GetCallerIdentity", status: 400 }), 51)
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("are not renewed again for a request that comes back late", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      const before = yield* CredentialProvider.get
      assert(before._tag === "StsToken")
      yield* local.revoke(before.accessKeyId)
      yield* local.fault({ kind: "delay", delay: "10 seconds", operation: "GetCallerIdentity" })
      const late = yield* Effect.fork(execute(identity))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* execute(identity)).status, 200)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(late)).status, 200)
      assert.strictEqual(yield* local.count({ operation: "AssumeRole" }), 2)
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("are renewed once only: a second refusal is the caller's", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 403, code: "InvalidSecurityToken.Expired", service: "openapi", times: 2 })
      const response = yield* execute(api())
      assert.strictEqual(response.status, 403)
      const local = yield* cloud
      assert.strictEqual(yield* local.count({ service: "openapi" }), 2)
      assert.strictEqual(yield* local.count({ operation: "AssumeRole" }), 2)
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("of a fixed key leave the answer to the caller, after one request", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      yield* local.revoke(defaults.accessKeyId)
      const response = yield* execute(identity)
      assert.strictEqual(response.status, 404)
      assert.propertyVal(yield* response.json, "Code", "InvalidAccessKeyId.NotFound")
      assert.strictEqual(yield* local.count(), 1)
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("that cannot be renewed end in the error of the provider", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      const before = yield* CredentialProvider.get
      assert(before._tag === "StsToken")
      yield* local.revoke(before.accessKeyId)
      yield* local.revoke(defaults.accessKeyId)
      const error = yield* Effect.flip(execute(identity))
      assert.strictEqual(error._tag, "CredentialsRejected")
    }).pipe(Effect.provide(signedOverCloud(role))))

  const refused = [
    "InvalidAccessKeyId.NotFound",
    "InvalidAccessKeyId.Inactive",
    "InvalidSecurityToken.Expired",
    "InvalidSecurityToken.Malformed",
    "InvalidSecurityToken.MismatchWithAccessKey",
    "SecurityTokenExpired"
  ]
  const others = [
    "NoPermission",
    "Forbidden.RAM",
    "Forbidden",
    "SignatureDoesNotMatch",
    "Throttling.User",
    "MissingSecurityToken",
    "InvalidParameter"
  ]
  for (const code of [...refused, ...others]) {
    const renewed = refused.includes(code)
    it.effect(`are ${renewed ? "" : "not "}told by ${code}`, () =>
      Effect.gen(function*() {
        const { layer, requests } = scripted(refusing(code, 403), () => Response.json({}))
        const control = TestCredentialProvider.layer()
        yield* Effect.gen(function*() {
          const { invalidated } = yield* TestCredentialProvider.TestCredentialProvider
          yield* execute(api())
          assert.lengthOf(yield* invalidated, renewed ? 1 : 0)
        }).pipe(Effect.provide(Layer.provide(signed(control), layer)))
        assert.lengthOf(requests, 1)
      }))
  }

  it.effect("are told by XML and by other names of the code too", () =>
    Effect.gen(function*() {
      const answers = [
        new Response("<Error><Code>InvalidSecurityToken.Expired</Code><Message>a</Message></Error>", { status: 403 }),
        Response.json({ code: "InvalidSecurityToken.Expired" }, { status: 401 }),
        Response.json({ errorCode: "SecurityTokenExpired" }, { status: 401 })
      ]
      for (const answer of answers) {
        const { layer } = scripted(() => answer)
        const control = TestCredentialProvider.layer()
        yield* Effect.gen(function*() {
          yield* execute(api())
          assert.lengthOf(yield* (yield* TestCredentialProvider.TestCredentialProvider).invalidated, 1)
        }).pipe(Effect.provide(Layer.provide(signed(control), layer)))
      }
    }))

  it.effect("can be told by a rule of one's own, which sees every answer of 400 and more", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const local = yield* cloud
      yield* local.fault({ kind: "status", status: 418, code: "Teapot", service: "openapi" })
      const client = yield* SignedHttpClient.make(yield* HttpClient.HttpClient, {
        isCredentialFailure: (answer) => {
          seen.push(answer)
          return answer.status === 418
        }
      })
      assert.strictEqual((yield* client.execute(api())).status, 200)
      assert.deepStrictEqual(seen, [{ status: 418, code: "Teapot" }])
      assert.strictEqual(yield* local.count({ operation: "AssumeRole" }), 2)
    }).pipe(Effect.provide(Layer.provideMerge(role, LocalCloud.layer()))))
})

describe("attempts", () => {
  it.effect("of an outer retry are signed anew, each with the credentials of its moment", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      yield* local.fault({ kind: "status", status: 503, service: "openapi", times: 2 })
      const client = HttpClient.retryTransient(yield* SignedHttpClient.SignedHttpClient, { times: 3 })
      assert.strictEqual((yield* client.execute(api())).status, 200)
      const requests = (yield* local.requests).filter((request) => request.service === "openapi")
      assert.lengthOf(new Set(requests.map((request) => request.headers["x-acs-signature-nonce"])), 3)
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("use the clock of the server, once it is known", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      yield* local.fault({ kind: "skew", millis: 3_600_000, times: Infinity })
      assert.strictEqual((yield* execute(identity)).status, 200)
      assert.strictEqual((yield* execute(identity)).status, 200)
      assert.deepStrictEqual((yield* local.requests).map((request) => request.code), [
        "InvalidTimeStamp.Expired",
        undefined,
        undefined
      ])
      assert.strictEqual((yield* lastRequest).headers["x-acs-date"], "1970-01-01T01:00:00Z")
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("know how long a cache kept an answer", () =>
    Effect.gen(function*() {
      const { layer, requests } = scripted(
        () => Response.json({}, { headers: { date: "Thu, 01 Jan 1970 00:00:00 GMT", age: "3600" } })
      )
      yield* TestClock.setTime(3_600_000)
      yield* Effect.provide(Effect.repeatN(execute(api()), 1), Layer.provide(signed(user), layer))
      assert.deepStrictEqual(requests.map((request) => request.headers["x-acs-date"]), [
        "1970-01-01T01:00:00Z",
        "1970-01-01T01:00:00Z"
      ])
    }))

  it.effect("do not forget that clock over an answer without a date", () =>
    Effect.gen(function*() {
      const { layer, requests } = scripted(
        () => Response.json({}, { headers: { date: "Thu, 01 Jan 1970 01:00:00 GMT" } }),
        () => Response.json({})
      )
      yield* Effect.provide(Effect.repeatN(execute(api()), 2), Layer.provide(signed(user), layer))
      assert.deepStrictEqual(requests.map((request) => request.headers["x-acs-date"]), [
        "1970-01-01T00:00:00Z",
        "1970-01-01T01:00:00Z",
        "1970-01-01T01:00:00Z"
      ])
    }))

  it.effect("are not repeated for a timestamp that is refused by a clock like ours", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 400, code: "InvalidTimeStamp.Expired", times: 5 })
      assert.strictEqual((yield* execute(identity)).status, 400)
      assert.strictEqual(yield* (yield* cloud).count(), 1)
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("survive a wrong clock and a revoked session at once", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      const before = yield* CredentialProvider.get
      assert(before._tag === "StsToken")
      yield* local.revoke(before.accessKeyId)
      yield* local.fault({ kind: "skew", millis: -3_600_000, times: Infinity })
      assert.strictEqual((yield* execute(identity)).status, 200)
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("end when the caller is interrupted", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "silent" })
      const fiber = yield* Effect.fork(execute(identity))
      yield* TestClock.adjust("1 minute")
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
    }).pipe(Effect.provide(signedOverCloud(user))))
})

describe("what is told of a request", () => {
  it.effect("is one span for each attempt, as of any client, without the signature", () =>
    Effect.gen(function*() {
      yield* CredentialProvider.get
      const { spans, tracer } = recordedSpans()
      const request = HttpClientRequest.setUrlParam(api(), "a", "b")
      yield* Effect.withTracer(execute(request), tracer)
      assert.deepStrictEqual(spans.map((span) => span.name), ["http.client POST"])
      const [{ attributes }] = spans as [RecordedSpan]
      assert.strictEqual(attributes.get("url.full"), "https://ecs.cn-hangzhou.aliyuncs.com/?a=REDACTED")
      assert.strictEqual(attributes.get("http.request.header.x-acs-action"), "DescribeRegions")
      assert.strictEqual(attributes.get("http.response.status_code"), 200)
      assert.isTrue(attributes.has("http.response.header.date"))
      assert.notMatch([...attributes.keys()].join(), /authorization|security-token|accesskey/)
      assert.strictEqual((yield* lastRequest).headers["traceparent"], "00-trace-span1-01")
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("has no value of a parameter, and nothing of a user in the address", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recordedSpans()
      const { layer } = scripted(() => Response.json({}))
      const request = HttpClientRequest.post("https://me:hunter2@ecs.example/path?Password=hunter2&b&%20c=hunter2")
      yield* Effect.withTracer(Effect.provide(execute(request), Layer.provide(signed(user), layer)), tracer)
      const [{ attributes }] = spans as [RecordedSpan]
      assert.strictEqual(attributes.get("url.query"), "Password=REDACTED&b=REDACTED&%20c=REDACTED")
      assert.strictEqual(
        attributes.get("url.full"),
        "https://ecs.example/path?Password=REDACTED&b=REDACTED&%20c=REDACTED"
      )
      assert.notInclude(inspect([...attributes]), "hunter2")
    }))

  it.effect("follows the settings of the platform", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recordedSpans()
      const client = yield* SignedHttpClient.SignedHttpClient
      const traced = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.withTracer(effect, tracer)
      yield* traced(HttpClient.withTracerDisabledWhen(client, () => true).execute(api()))
      yield* traced(Effect.withTracerEnabled(client.execute(api()), false))
      assert.lengthOf(spans, 0)
      yield* traced(HttpClient.withTracerPropagation(client, false).execute(api()))
      assert.notProperty((yield* lastRequest).headers, "traceparent")
      yield* traced(HttpClient.withSpanNameGenerator(client, () => "mine").execute(api()))
      assert.deepStrictEqual(spans.map((span) => span.name), ["http.client POST", "mine"])
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("is one warning for credentials that were refused, however often", () =>
    Effect.gen(function*() {
      const { layer, lines } = logs()
      const local = yield* cloud
      const before = yield* CredentialProvider.get
      assert(before._tag === "StsToken")
      yield* local.revoke(before.accessKeyId)
      yield* local.fault({ kind: "delay", delay: "1 second", operation: "GetCallerIdentity", times: 5 })
      const fiber = yield* Effect.fork(
        Effect.all(Array.from({ length: 5 }, () => execute(identity)), { concurrency: "unbounded" }).pipe(
          Effect.provide(layer)
        )
      )
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      const warnings = lines.filter((line) => line.startsWith("WARN"))
      assert.lengthOf(warnings, 1)
      assert.include(
        warnings[0],
        "sts.aliyuncs.com refused the credentials at hand (InvalidSecurityToken.Expired); new ones are used"
      )
    }).pipe(Effect.provide(signedOverCloud(role))))
})

describe("an answer", () => {
  const big = JSON.stringify({ Code: "InvalidParameter", Message: "x".repeat(200 * 1024) })
  const small = JSON.stringify({ Code: "InvalidParameter", Message: "桶-📦" })
  const ways: Readonly<Record<string, (response: Effect.Effect.Success<ReturnType<typeof execute>>) => unknown>> = {
    text: (response) => response.text,
    "text, twice": (response) => Effect.zipRight(response.text, response.text),
    json: (response) => Effect.map(response.json, JSON.stringify),
    arrayBuffer: (response) => Effect.map(response.arrayBuffer, (buffer) => new TextDecoder().decode(buffer)),
    stream: (response) => Stream.mkString(Stream.decodeText(response.stream))
  }
  for (const [size, body] of Object.entries({ small, big })) {
    for (const status of [200, 400, 503]) {
      for (const [way, read] of Object.entries(ways)) {
        it.live(`of status ${status}, ${size}, can be read as ${way}`, () =>
          Effect.gen(function*() {
            const { layer } = scripted(() =>
              new Response(body, { status, headers: { "x-a": "1", "set-cookie": "a=b" } })
            )
            const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))
            assert.strictEqual(response.status, status)
            assert.strictEqual(response.headers["x-a"], "1")
            assert.isTrue("a" in response.cookies.cookies)
            assert.strictEqual(yield* read(response) as Effect.Effect<string>, body)
          }))
      }
    }
  }

  const inPieces = (text: string) =>
    Stream.toReadableStream(
      Stream.rechunk(Stream.fromIterable(text.match(/[^]{1,10000}/gu) ?? []).pipe(Stream.encodeText), 1)
    )

  it.live("that was streamed to its end is not given in part to who asks again", () =>
    Effect.gen(function*() {
      const { layer } = scripted(() => new Response(inPieces(big), { status: 500 }))
      const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))
      assert.isTrue((yield* Stream.mkString(Stream.decodeText(response.stream))) === big)
      for (const again of [response.text, Stream.runDrain(response.stream), response.arrayBuffer]) {
        const error = yield* Effect.flip(again as Effect.Effect<unknown, HttpClientError.ResponseError>)
        assert.strictEqual(error.reason, "Decode")
        assert.include(error.message, "streamed before")
      }
    }))

  it.live("that was gathered, or is short, can be read as often as one likes", () =>
    Effect.gen(function*() {
      // Compared as a whole, since the difference of two long texts takes minutes to print.
      for (const body of [small, big]) {
        const { layer } = scripted(() => new Response(inPieces(body), { status: 500 }))
        const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))
        const streamed = Stream.mkString(Stream.decodeText(response.stream))
        if (body === small) assert.isTrue((yield* streamed) === body)
        assert.isTrue((yield* response.text) === body)
        assert.isTrue((yield* streamed) === body)
        assert.isTrue((yield* streamed) === body)
        assert.isTrue((yield* response.text) === body)
      }
    }))

  it.live("can be read as form data and as parameters", () =>
    Effect.gen(function*() {
      const form = new FormData()
      form.set("a", "1")
      for (const status of [200, 400]) {
        const multipart = scripted(() => new Response(form, { status }))
        const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), multipart.layer))
        assert.strictEqual((yield* response.formData).get("a"), "1")
        const urlencoded = scripted(() => new Response("a=1&b=2", { status }))
        const other = yield* Effect.provide(execute(api()), Layer.provide(signed(user), urlencoded.layer))
        assert.deepStrictEqual([...yield* other.urlParamsBody], [["a", "1"], ["b", "2"]])
      }
    }))

  it.live("without a body is empty", () =>
    Effect.gen(function*() {
      const { layer } = scripted(() => new Response(null, { status: 404 }))
      const response = yield* Effect.provide(execute(api("/", "HEAD")), Layer.provide(signed(user), layer))
      assert.strictEqual(yield* response.text, "")
      assert.isNull(yield* response.json)
      assert.strictEqual((yield* Stream.runCollect(response.stream)).length, 0)
    }))

  it.effect("that breaks off can be read up to there, and fails for who reads on", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 500 })
      yield* fault({ kind: "disconnect", at: "body" })
      assert.strictEqual((yield* execute(api())).status, 500)
      const broken = yield* execute(HttpClientRequest.setHeader(api(), "x-acs-version", "0"))
      assert.strictEqual(broken.status, 404)
      const error = yield* Effect.flip(broken.text)
      assert.strictEqual(error._tag, "ResponseError")
      assert.strictEqual(error.response, broken)
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.live("of which no more than 64 KiB are read ahead", () =>
    Effect.gen(function*() {
      let pulled = 0
      const cancelled = yield* Deferred.make<void>()
      const body = () =>
        new ReadableStream<Uint8Array>({
          pull: (controller) => {
            pulled += 1
            controller.enqueue(new Uint8Array(16 * 1024).fill(32))
          },
          cancel: () => Deferred.unsafeDone(cancelled, Effect.void)
        }, { highWaterMark: 0 })
      const { layer } = scripted(() => new Response(body(), { status: 400 }))
      const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))
      assert.isAtMost(pulled, 5)
      yield* Stream.runDrain(Stream.take(response.stream, 8))
      yield* Deferred.await(cancelled)
    }))

  it.live("whose request is sent again is let go", () =>
    Effect.gen(function*() {
      const cancelled = yield* Deferred.make<void>()
      const long = () =>
        new ReadableStream<Uint8Array>({
          pull: (controller) =>
            controller.enqueue(new TextEncoder().encode(`<Code>SecurityTokenExpired</Code>${" ".repeat(16 * 1024)}`)),
          cancel: () => Deferred.unsafeDone(cancelled, Effect.void)
        }, { highWaterMark: 0 })
      let count = 0
      const provider = CredentialProvider.layer({
        name: "counting",
        fetch: Effect.sync(() =>
          Credentials.AccessKey({
            provider: "counting",
            accessKeyId: `key${count++}`,
            accessKeySecret: Redacted.make("s")
          })
        )
      })
      const { layer } = scripted(() => new Response(long(), { status: 403 }), () => Response.json({}))
      const response = yield* Effect.provide(execute(api()), Layer.provide(signed(provider), layer))
      assert.strictEqual(response.status, 200)
      yield* Deferred.await(cancelled)
    }))

  it.effect("and an error show the request as it was before it was signed", () =>
    Effect.gen(function*() {
      const request = api()
      assert.strictEqual((yield* execute(request)).request, request)
      yield* fault({ kind: "status", status: 400 })
      assert.strictEqual((yield* execute(request)).request, request)
      yield* fault({ kind: "disconnect" })
      const error = yield* Effect.flip(execute(request))
      assert(error._tag === "RequestError")
      assert.strictEqual(error.request, request)
      assert.strictEqual(error.reason, "Transport")
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.live("that is not JSON fails without a word of it", () =>
    Effect.gen(function*() {
      for (const status of [200, 400]) {
        const { layer } = scripted(() => new Response("secret words", { status }))
        const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))
        const error = yield* Effect.flip(response.json)
        assert.notInclude(inspect(error, { depth: 9 }), "secret")
        assert.isUndefined(error.cause)
      }
    }))

  it.live("that was read is printed without its body", () =>
    Effect.gen(function*() {
      for (const status of [200, 400]) {
        for (const type of ["application/json", "text/plain"]) {
          const body = JSON.stringify({ AccessKeySecret: "a body that is a secret" })
          const { layer } = scripted(() => new Response(body, { status, headers: { "content-type": type } }))
          const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))
          assert.strictEqual(yield* response.text, body)
          for (const printed of [String(response), inspect(response, { depth: 9 }), JSON.stringify(response)]) {
            assert.notInclude(printed, "a body")
            assert.include(printed, "status")
          }
        }
      }
    }))

  it.effect("of the client's own filter keeps its kind", () =>
    Effect.gen(function*() {
      const client = yield* SignedHttpClient.make(HttpClient.filterStatusOk(yield* HttpClient.HttpClient))
      yield* fault({ kind: "status", status: 409 })
      const error = yield* Effect.flip(client.execute(api()))
      assert(error._tag === "ResponseError")
      assert.strictEqual(error.reason, "StatusCode")
      assert.strictEqual(error.response.status, 409)
      assert.isTrue(Either.isRight(yield* Effect.either(error.response.text)))
    }).pipe(Effect.provide(Layer.provideMerge(user, LocalCloud.layer()))))
})
