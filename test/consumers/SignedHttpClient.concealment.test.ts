import {
  Cookies,
  FetchHttpClient,
  Headers,
  HttpClient,
  HttpClientError,
  HttpClientRequest,
  HttpClientResponse
} from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted, Schema, TestClock, Tracer } from "effect"
import {
  CredentialProvider,
  Credentials,
  OpenApi,
  SignedHttpClient,
  StaticCredentials
} from "effect-alicloud-credentials"
import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { inspect } from "node:util"
import * as httpError from "../../src/internal/compat/httpError.ts"
import { cloud, fault, lastRequest, revokeSession, role, user } from "../support/cloud.ts"
import { logs } from "../support/logs.ts"
import { network, scripted } from "../support/network.ts"
import { renderValue } from "../support/renderings.ts"
import { api, execute, identity, newKeys, signed, signedOverCloud } from "../support/signedHttp.ts"
import { type RecordedSpan, recordedSpans } from "../support/spans.ts"

const canaryToken = "CAISqWkZtRmPlKb0123456789NvCxSdFgH"

const session = StaticCredentials.layerStsToken({
  accessKeyId: "STS.A",
  accessKeySecret: Redacted.make("9RtYuIoPaSdFgHjKlZxCvBnM012345"),
  securityToken: Redacted.make(canaryToken)
})

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

describe("the client that a request is sent with", () => {
  const bearer = TestCredentialProvider.layer(
    Credentials.BearerToken({ provider: "test", bearerToken: Redacted.make("a-bearer-token-0123456789") })
  )

  it.effect("logs no header with credentials, and none that the program keeps secret", () =>
    Effect.gen(function*() {
      const { layer, lines } = logs()
      const logging = network((request) => Effect.as(Effect.logInfo(request), Response.json({})))
      const request = HttpClientRequest.setHeader(api(), "x-mine", "a secret of the program")
      for (const credentials of [session, bearer]) {
        yield* execute(request).pipe(
          Effect.locally(Headers.currentRedactedNames, ["x-mine"]),
          Effect.provide(Layer.provideMerge(layer, Layer.provide(signed(credentials), logging)))
        )
      }
      const log = lines.join("\n")
      for (
        const name of [
          "authorization",
          "x-acs-accesskey-id",
          "x-acs-security-token",
          "x-acs-bearer-token",
          "x-mine"
        ]
      ) {
        const values = [...log.matchAll(new RegExp(`"${name}": ?"?([^",}]*)`, "g"))].map(([, value]) => value)
        assert.deepStrictEqual([...new Set(values)], ["<redacted>"])
      }
      assert.match(log, /"x-acs-action": ?"DescribeRegions"/)
    }))

  it.live("is asked to return redirects, with the other options of the program", () =>
    Effect.gen(function*() {
      const seen: Array<RequestInit | undefined> = []
      const fetching = FetchHttpClient.layer.pipe(
        Layer.provideMerge(Layer.succeed(FetchHttpClient.Fetch, (_, init) => {
          seen.push(init)
          return Promise.resolve(new Response(null, { status: 302, headers: { location: "https://other.example" } }))
        }))
      )
      const response = yield* execute(api()).pipe(
        Effect.provideService(FetchHttpClient.RequestInit, { cache: "no-store" }),
        Effect.provide(Layer.provide(signed(user), fetching))
      )
      assert.strictEqual(response.status, 302)
      assert.deepStrictEqual(seen.map((init) => [init?.redirect, init?.cache]), [["manual", "no-store"]])
    }))

  const descriptionOf = (fail: (request: HttpClientRequest.HttpClientRequest) => HttpClientError.HttpClientError) =>
    Effect.flip(execute(api())).pipe(
      Effect.provide(Layer.provide(signed(session), network((request) => Effect.fail(fail(request))))),
      Effect.map((error) => {
        assert(HttpClientError.isHttpClientError(error))
        assert.isUndefined(error.cause)
        assert.notProperty(error.request.headers, "authorization")
        if (error._tag === "ResponseError") assert.notProperty(error.response.request.headers, "authorization")
        return httpError.descriptionOf(error)
      })
    )

  const refused = Object.assign(new Error(canaryToken), { code: "ECONNREFUSED" })

  it.effect("has errors with what it says, or with what a failed connection means", () =>
    Effect.gen(function*() {
      const failed = (
        reason: HttpClientError.RequestError["reason"],
        more: { readonly description?: string; readonly cause?: unknown }
      ) => descriptionOf((request) => new HttpClientError.RequestError({ request, reason, ...more }))
      for (const reason of ["Transport", "InvalidUrl"] as const) {
        assert.strictEqual(yield* failed(reason, { cause: refused }), "no connection: ECONNREFUSED")
        assert.strictEqual(yield* failed(reason, {}), "no connection")
        assert.strictEqual(yield* failed(reason, { description: "not today", cause: refused }), "not today")
        assert.strictEqual(yield* failed(reason, { description: `no ${canaryToken}` }), "no connection")
      }
    }))

  it.effect("has errors about a response that say nothing of a connection", () =>
    Effect.gen(function*() {
      const broken = (description?: string) =>
        descriptionOf((request) => {
          const response = HttpClientResponse.fromWeb(request, new Response("", { headers: { "x-echo": canaryToken } }))
          const more = description === undefined ? {} : { description }
          return new HttpClientError.ResponseError({ request, response, reason: "Decode", cause: refused, ...more })
        })
      assert.isUndefined(yield* broken())
      assert.isUndefined(yield* broken(`no ${canaryToken}`))
      assert.strictEqual(yield* broken("not JSON"), "not JSON")
    }))

  it.effect("may have errors of its own", () =>
    Effect.gen(function*() {
      const own = { _tag: "NoQuota", left: 0 } as const
      const client = yield* SignedHttpClient.make(
        HttpClient.transform(HttpClient.make(() => Effect.never), () => Effect.fail(own))
      )
      assert.strictEqual(yield* Effect.flip(client.execute(api())), own)
    }).pipe(Effect.provide(user)))
})

describe("the warning about refused credentials", () => {
  it.effect("comes again for others, and says so if the service named no code", () =>
    Effect.gen(function*() {
      const refuse = () => new Response("", { status: 403 })
      const { layer } = scripted(refuse, () => Response.json({}), refuse, () => Response.json({}))
      const { layer: logging, lines } = logs()
      const options = { isCredentialFailure: ({ status }: { readonly status: number }) => status === 403 }
      yield* Effect.repeatN(execute(api()), 1).pipe(
        Effect.provide(Layer.provideMerge(logging, Layer.provide(signed(newKeys(), options), layer)))
      )
      const warning = "WARN ecs.cn-hangzhou.aliyuncs.com refused the cached credentials (no code); new ones are used"
      assert.deepStrictEqual(lines, [warning, warning])
    }))
})

describe("a signed request", () => {
  it.effect("shows no secret parameter in its span that the server echoes", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recordedSpans()
      const password = "open sesame and barley"
      const { layer } = scripted(() => Response.json({}, { headers: { "x-echo": password, "x-other": "1" } }))
      yield* OpenApi.call({
        endpoint: "ecs.cn-hangzhou.aliyuncs.com",
        action: "A",
        version: "2014-05-26",
        parameters: { Password: Redacted.make(password) },
        schema: Schema.Unknown
      }).pipe(Effect.provide(Layer.provide(signed(user), layer)), Effect.withTracer(tracer))
      const attributes = spans.flatMap((span) => [...span.attributes])
      assert.notInclude(inspect(attributes), "sesame")
      assert.deepStrictEqual(attributes.filter(([name]) => name.endsWith(".x-other")).map(([, value]) => value), ["1"])
    }))
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
        assert.include(error.message, "the body is not JSON")
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
              const headers = new globalThis.Headers({ "x-echo": echo(token), "x-acs-request-id": "0-1" })
              headers.set(`x-${token.toLowerCase()}`, "1")
              headers.append("set-cookie", echo(token))
              headers.append("set-cookie", "harmless=1")
              return new Response("{}", { status, headers })
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
          assert.deepStrictEqual(Object.keys(response.cookies.cookies), ["harmless"])
        }
      }))
  }

  it.live("shows no secret in the cookies of a client that keeps them out of the headers", () =>
    Effect.gen(function*() {
      const jar = Cookies.fromSetCookie([`session=${canaryToken}`, "harmless=1"])
      const echoing = Layer.succeed(
        HttpClient.HttpClient,
        HttpClient.make((request) =>
          Effect.sync(() => {
            const response = HttpClientResponse.fromWeb(request, new Response("{}"))
            return Object.defineProperty(response, "cookies", { value: jar })
          })
        )
      )
      const response = yield* Effect.provide(execute(api()), Layer.provide(signed(session), echoing))
      assert.deepStrictEqual(Object.keys(response.cookies.cookies), ["harmless"])
    }))
})
