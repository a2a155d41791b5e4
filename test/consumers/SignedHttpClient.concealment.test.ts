import { HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted, TestClock, Tracer } from "effect"
import { CredentialProvider, SignedHttpClient, StaticCredentials } from "effect-alicloud-credentials"
import { inspect } from "node:util"
import { cloud, fault, lastRequest, revokeSession, role, user } from "../support/cloud.ts"
import { logs } from "../support/logs.ts"
import { network, scripted } from "../support/network.ts"
import { renderValue } from "../support/renderings.ts"
import { api, execute, identity, signed, signedOverCloud } from "../support/signedHttp.ts"
import { type RecordedSpan, recordedSpans } from "../support/spans.ts"

describe("telemetry of a signed request", () => {
  it.effect("is one span for each attempt, without the signature", () =>
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
      assert.strictEqual(
        (yield* lastRequest).headers["traceparent"],
        `00-${"1".padStart(32, "0")}-${"1".padStart(16, "0")}-01`
      )
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("shows neither values of parameters nor a user in the URL", () =>
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
      yield* Effect.withTracerEnabled(client.execute(api()), false).pipe(Effect.withSpan("around"), traced)
      assert.notProperty((yield* lastRequest).headers, "traceparent")
      spans.length = 0
      yield* traced(HttpClient.withTracerPropagation(client, false).execute(api()))
      assert.notProperty((yield* lastRequest).headers, "traceparent")
      yield* traced(HttpClient.withSpanNameGenerator(client, () => "mine").execute(api()))
      assert.deepStrictEqual(spans.map((span) => span.name), ["http.client POST", "mine"])
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("passes on the trace of a span around it if there is no tracer, and begins none", () =>
    Effect.gen(function*() {
      const traceparent = Effect.map(lastRequest, (request) => request.headers["traceparent"])
      yield* execute(api())
      assert.isUndefined(yield* traceparent)
      const around = Tracer.externalSpan({ traceId: "a".repeat(32), spanId: "b".repeat(16) })
      yield* Effect.withParentSpan(execute(api()), around)
      const [, trace, span] = ((yield* traceparent) ?? "").split("-")
      assert.strictEqual(trace, around.traceId)
      assert.match(span ?? "", /^[0-9a-f]{16}$/)
      assert.notStrictEqual(span, around.spanId)
      yield* Effect.withSpan(execute(api()), "mine")
      assert.match((yield* traceparent) ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("is one warning for refused credentials, even if they are refused repeatedly", () =>
    Effect.gen(function*() {
      const { layer, lines } = logs()
      const local = yield* cloud
      yield* revokeSession
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
        "sts.aliyuncs.com refused the cached credentials (InvalidSecurityToken.Expired); new ones are used"
      )
    }).pipe(Effect.provide(signedOverCloud(role))))
})

describe("a response", () => {
  it.effect("or an error shows the request as it was before it was signed", () =>
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

  it.live("that is not JSON causes an error that does not quote it", () =>
    Effect.gen(function*() {
      for (const status of [200, 400]) {
        const { layer } = scripted(() => new Response("secret words", { status }))
        const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))
        const error = yield* Effect.flip(response.json)
        assert.notInclude(inspect(error, { depth: 9 }), "secret")
        assert.isUndefined(error.cause)
      }
    }))

  it.live("is printed without its body, even after it was read", () =>
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

  const echoes: Readonly<Record<string, (token: string) => string>> = {
    "as it is": (token) => token,
    "in a cookie": (token) => `session=${encodeURIComponent(token)}; Path=/`,
    "in Base64": btoa,
    "in part": (token) => `bad token ${token.slice(3, 14)}`
  }
  for (const [how, echo] of Object.entries(echoes)) {
    it.live(`shows nothing of a secret that the server echoes in a header ${how}`, () =>
      Effect.gen(function*() {
        for (const status of [200, 400]) {
          const { spans, tracer } = recordedSpans()
          const echoing = network((request) =>
            Effect.sync(() => {
              const token = request.headers["x-acs-security-token"] ?? ""
              const headers = { "set-cookie": echo(token), "x-echo": echo(token), "x-acs-request-id": "0-1" }
              return new Response("{}", { status, headers: { ...headers, [`x-${token.toLowerCase()}`]: "1" } })
            })
          )
          const layer = Layer.provide(signed(session), echoing)
          const response = yield* Effect.withTracer(Effect.provide(execute(api()), layer), tracer)
          const error = yield* Effect.flip(Effect.provide(
            Effect.flatMap(SignedHttpClient.SignedHttpClient, (client) =>
              HttpClient.filterStatus(client, () => false).execute(api())),
            layer
          ))
          const shown = [
            ...spans.map((span) =>
              inspect([...span.attributes])
            ),
            renderValue(response),
            renderValue(error),
            inspect(response.headers),
            inspect(response.cookies)
          ].join("\n")
          for (const form of [echo(canaryToken), canaryToken.toLowerCase(), canaryToken.slice(3, 14)]) {
            assert.notInclude(shown.toLowerCase(), form.toLowerCase())
          }
          assert.strictEqual(response.headers["x-acs-request-id"], "0-1")
          assert.strictEqual(response.headers["x-echo"], "<redacted>")
        }
      }))
  }
})

const canaryToken = "CAISqWkZtRmPlKb0123456789NvCxSdFgH"

const session = StaticCredentials.layerStsToken({
  accessKeyId: "STS.A",
  accessKeySecret: Redacted.make("9RtYuIoPaSdFgHjKlZxCvBnM012345"),
  securityToken: Redacted.make(canaryToken)
})
