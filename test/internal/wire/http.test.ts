import {
  FetchHttpClient,
  HttpClient,
  HttpClientError,
  HttpClientRequest,
  type HttpClientResponse
} from "@effect/platform"
import { UndiciRequestOptions } from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, FiberRef, Layer, Redacted, Stream, TestClock } from "effect"
import {
  type CredentialProvider,
  CredentialsUri,
  EcsRamRole,
  OidcRoleArn,
  RamRoleArn
} from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { inspect } from "node:util"
import { elapsed } from "../../support/clock.ts"
import { always, clearRequests, count, defaults, fault, overCloud, user } from "../../support/cloud.ts"
import { uri, uriSource } from "../../support/credentialsUri.ts"
import { type Answer, fakeHttp, type Reply, scripted, sessionFields } from "../../support/network.ts"
import { failure, get } from "../../support/provider.ts"
import { assertShowsNone } from "../../support/renderings.ts"
import { recordedSpans } from "../../support/spans.ts"
import { variables } from "../../support/variables.ts"

const uriOver = (answer: Answer, options: Partial<CredentialsUri.UriOptions> = {}) =>
  CredentialsUri.layer({ uri, ...options }).pipe(Layer.provide(fakeHttp(answer)), Layer.provide(variables()))

const replying = (reply: Reply, options?: Partial<CredentialsUri.UriOptions>) =>
  uriOver(() => Effect.succeed(reply), options)

const sessionText = JSON.stringify(sessionFields)

const blanks = new Uint8Array(64 * 1024).fill(32)

const piece = new TextEncoder().encode(" ")

/** An endless body with one space per interval. */
const drip = (every: Duration.DurationInput) => Stream.repeatEffect(Effect.delay(Effect.succeed(piece), every))

const cut = (stream: Stream.Stream<Uint8Array>) => {
  const state = { closed: 0 }
  return { state, stream: Stream.ensuring(stream, Effect.sync(() => state.closed++)) }
}

describe("time limits", () => {
  for (
    const [name, delay, expected] of [["accept", 14_900, "StsToken"], [
      "reject",
      15_100,
      "CredentialsUnavailable"
    ]] as const
  ) {
    it.effect(`${name} headers that arrive after ${delay} ms`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "delay", delay, ...always })
        const { millis, value } = yield* elapsed(Effect.merge(get))
        assert.strictEqual(value._tag, expected)
        assert.strictEqual(millis, Math.min(delay, 15_000))
        assert.strictEqual(yield* count, 2, "the second is sent after 5 s, and none after the limit")
      }).pipe(Effect.provide(uriSource())))
  }

  it.effect("interrupt a request without a response at connectTimeout plus timeout", () => {
    let interrupted = 0
    const silent = uriOver(() => Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++)), {
      timeout: "2 seconds",
      connectTimeout: "500 millis"
    })
    return Effect.gen(function*() {
      const { millis, value } = yield* elapsed(failure)
      assert.strictEqual(millis, 2500)
      assert.strictEqual(
        value.message,
        "credential_uri: unavailable\n  server: credentials.local: no answer within 2500 ms"
      )
      assert.strictEqual(interrupted, 2)
    }).pipe(Effect.provide(silent))
  })

  it.effect("a first request that hangs does not matter if a second one is answered", () => {
    let sent = 0
    const first = uriOver(() => ++sent === 1 ? Effect.never : Effect.succeed({ body: sessionText }))
    return Effect.gen(function*() {
      const { millis, value } = yield* elapsed(get)
      assert.strictEqual(value._tag, "StsToken")
      assert.strictEqual(millis, 5000)
      assert.strictEqual(sent, 2)
    }).pipe(Effect.provide(first))
  })

  it.effect("a first request that fails at once is not followed by a second one in parallel", () => {
    let sent = 0
    const broken = uriOver(() => Effect.suspend(() => ++sent === 1 ? Effect.succeed({ status: 403 }) : Effect.never))
    return Effect.gen(function*() {
      const { millis } = yield* elapsed(failure)
      assert.strictEqual(millis, 0)
      assert.strictEqual(sent, 1)
    }).pipe(Effect.provide(broken))
  })

  it.effect("a body that stops: at timeout after its last piece, and it is closed", () => {
    const { state, stream } = cut(Stream.concat(Stream.take(drip("2 seconds"), 3), Stream.never))
    return Effect.gen(function*() {
      const { millis, value } = yield* elapsed(failure)
      assert.strictEqual(millis, 6000 + 5000)
      assert.include(value.message, "the answer stopped within 5000 ms")
      assert.strictEqual(state.closed, 1)
    }).pipe(Effect.provide(replying({ body: stream })))
  })

  it.effect("do not retry a request whose body stops", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "drip", ...always })
      const { millis } = yield* elapsed(failure)
      assert.strictEqual(millis, 5000)
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(uriSource())))

  it.effect("close a slow endless body at twice the sum of both", () => {
    const { state, stream } = cut(drip("4 seconds"))
    const late = uriOver(() => Effect.delay(Effect.succeed({ body: stream }), "14 seconds"))
    return Effect.gen(function*() {
      const { millis, value } = yield* elapsed(failure)
      assert.strictEqual(millis, 30_000)
      assert.include(value.message, "no whole answer within 30000 ms")
      assert.strictEqual(state.closed, 1)
    }).pipe(Effect.provide(late))
  })

  it.effect("accept a slow body that arrives in time", () => {
    const slow = Stream.concat(Stream.take(drip("4 seconds"), 7), Stream.make(new TextEncoder().encode(sessionText)))
    return Effect.gen(function*() {
      const { millis, value } = yield* elapsed(get)
      assert.strictEqual(value._tag, "StsToken")
      assert.strictEqual(millis, 28_000)
    }).pipe(Effect.provide(replying({ body: slow })))
  })
})

describe("response bodies", () => {
  it.effect("that are endless are closed after 1 MiB", () => {
    let sent = 0
    const endless = Stream.repeatEffect(Effect.sync(() => {
      sent += blanks.length
      return blanks
    }))
    const { state, stream } = cut(endless)
    return Effect.gen(function*() {
      const error = yield* failure
      assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, ["the body is over 1 MiB"])
      assert.isAtMost(sent, 1024 * 1024 + 2 * blanks.length)
      assert.strictEqual(state.closed, 1)
    }).pipe(Effect.provide(replying({ body: stream })))
  })

  for (
    const [bytes, issue] of [[1024 * 1024, "credentials.local: status 200, an empty answer"], [
      1024 * 1024 + 1,
      "the body is over 1 MiB"
    ]] as const
  ) {
    it.effect(`of ${bytes} bytes are reported: ${issue}`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "endless", bytes })
        const error = yield* failure
        assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, [issue])
        assert.strictEqual(yield* count, 1)
      }).pipe(Effect.provide(uriSource())))
  }

  it.effect("are limited with any status", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsMalformed")
    }).pipe(Effect.provide(replying({ status: 500, body: Stream.repeatValue(blanks) }))))

  it.effect("may arrive byte by byte, and start with a byte order mark", () => {
    const text = `\uFEFF${JSON.stringify({ ...sessionFields, AccessKeyId: "STS.钥匙📦" })}`
    const bytes = Stream.fromIterable(Array.from(new TextEncoder().encode(text), (byte) => new Uint8Array([byte])))
    return Effect.gen(function*() {
      const credentials = yield* get
      assert.strictEqual(credentials._tag === "StsToken" && credentials.accessKeyId, "STS.钥匙📦")
    }).pipe(Effect.provide(replying({ body: Stream.rechunk(bytes, 1) })))
  })

  const request = HttpClientRequest.get(uri)
  const responseError = (reason: HttpClientError.ResponseError["reason"]) =>
    new HttpClientError.ResponseError({
      request,
      response: { request, status: 200, secret: "leak-word" } as unknown as HttpClientResponse.HttpClientResponse,
      reason,
      description: "leak-word"
    })

  it.effect("are empty if the client reports an empty body", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, [
        "credentials.local: status 200, an empty answer"
      ])
    }).pipe(Effect.provide(replying({ body: Stream.fail(responseError("EmptyBody")) }))))

  it.effect("that break off are retried, and fail without the error of the client", () => {
    let asked = 0
    const breaking = uriOver(() =>
      Effect.sync(() => {
        asked++
        return { body: Stream.concat(Stream.make(piece), Stream.fail(responseError("Decode"))) }
      })
    )
    return Effect.gen(function*() {
      const { value } = yield* elapsed(failure)
      assert.strictEqual(value.message, "credential_uri: unavailable\n  server: credentials.local: connection lost")
      assert.isUndefined(value.cause)
      assertShowsNone(value, ["leak-word"])
      assert.strictEqual(asked, 3)
    }).pipe(Effect.provide(breaking))
  })
})

describe("failed connections", () => {
  const failingNetwork = (reason: HttpClientError.RequestError["reason"], cause?: unknown) => {
    const state = { asked: 0 }
    const layer = uriOver((request) =>
      Effect.suspend(() => {
        state.asked++
        return Effect.fail(
          new HttpClientError.RequestError({
            request,
            reason,
            description: "leak-word",
            ...(cause === undefined ? {} : { cause })
          })
        )
      })
    )
    return { state, layer }
  }

  const start = "\n  fix: start the server at credentials.local:80, or correct uri"

  const coded = (code: unknown, more: object = {}) => Object.assign(new Error("leak-word"), { code, ...more })

  for (
    const [name, cause, words] of [
      ["no code", undefined, "no connection"],
      ["its code", coded("ECONNREFUSED"), `no connection: ECONNREFUSED${start}`],
      [
        "the code of a cause",
        new TypeError("fetch failed", { cause: coded("ENOTFOUND") }),
        "no connection: host does not resolve (ENOTFOUND)"
      ],
      [
        "the first code of several",
        Object.assign(coded("UND_ERR_SOCKET"), { cause: coded("ECONNRESET") }),
        "no connection: UND_ERR_SOCKET"
      ],
      [
        "a name that does not resolve at the moment",
        coded("EAI_AGAIN", { hostname: "credentials.local" }),
        "no connection: host does not resolve (EAI_AGAIN)"
      ],
      [
        "the name of a proxy that does not resolve",
        coded("ENOTFOUND", { hostname: "leak-word.example" }),
        "no connection: the host of the proxy does not resolve (ENOTFOUND)"
      ],
      [
        "where the connection was refused",
        coded("ECONNREFUSED", { address: "127.0.0.1", port: 80 }),
        `no connection: ECONNREFUSED at 127.0.0.1:80${start}`
      ],
      [
        "the first address of several",
        coded("ECONNREFUSED", { errors: [coded("ECONNREFUSED", { address: "::1", port: 80 })] }),
        `no connection: ECONNREFUSED at [::1]:80${start}`
      ],
      [
        "a port that is not that of the address",
        coded("ECONNREFUSED", { address: "10.0.0.7", port: 3128 }),
        `no connection: ECONNREFUSED at 10.0.0.7:3128, perhaps that of a proxy${start}`
      ],
      [
        "a text in the place of the address",
        coded("ECONNREFUSED", { address: "leak-word", port: 3128 }),
        `no connection: ECONNREFUSED${start}`
      ],
      ["a code in another format", coded("leak-word"), "no connection"],
      ["a numeric code", coded(7), "no connection"],
      ["a text as cause", "leak-word", "no connection"]
    ] as const
  ) {
    it.effect(`are tried three times, and reported for ${name}`, () => {
      const { layer, state } = failingNetwork("Transport", cause)
      return Effect.gen(function*() {
        const { millis, value } = yield* elapsed(failure)
        assert.strictEqual(value._tag, "CredentialsUnavailable")
        assert.strictEqual(value.message, `credential_uri: unavailable\n  server: credentials.local: ${words}`)
        assertShowsNone(value, ["leak-word"])
        assert.strictEqual(state.asked, 3)
        assert.isAtLeast(millis, 100 + 200)
        assert.isAtMost(millis, 200 + 400)
      }).pipe(Effect.provide(layer))
    })
  }

  for (const code of ["SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"]) {
    it.effect(`say which certificate to trust for ${code}`, () =>
      Effect.gen(function*() {
        const { value } = yield* elapsed(failure)
        assert.include("hint" in value ? value.hint : "", "NODE_EXTRA_CA_CERTS=/path/to/ca.pem")
      }).pipe(Effect.provide(failingNetwork("Transport", coded(code)).layer)))
  }

  const miscoded = coded("Z_DATA_ERROR")
  const broken = () => new Response(new ReadableStream({ start: (controller) => controller.error(miscoded) }))
  const unreadable = {
    "before its head is there": failingNetwork("Transport", miscoded).layer,
    "in its body": CredentialsUri.layer({ uri }).pipe(Layer.provide(scripted(broken).layer))
  }
  for (const [when, layer] of Object.entries(unreadable)) {
    it.live(`say that an answer is not compressed as it says, ${when}`, () =>
      Effect.gen(function*() {
        const value = yield* failure
        assert.strictEqual(value._tag, "CredentialsMalformed")
        assert.strictEqual(
          value.message,
          "credential_uri: malformed answer (credentials.local: the answer is not compressed as its content-encoding says)"
            + "\n  fix: check HTTPS_PROXY and NO_PROXY, or the server: something on the way changes the answer or its head"
        )
      }).pipe(Effect.provide(layer)))
  }

  it.effect("with circular causes are reported too", () => {
    const circle: { cause?: unknown } = {}
    circle.cause = circle
    return Effect.gen(function*() {
      const { value } = yield* elapsed(failure)
      assert.strictEqual(value.message, "credential_uri: unavailable\n  server: credentials.local: no connection")
    }).pipe(Effect.provide(failingNetwork("Transport", circle).layer))
  })

  for (const reason of ["Encode", "InvalidUrl"] as const) {
    it.effect(`are not retried if the request is invalid (${reason})`, () => {
      const { layer, state } = failingNetwork(reason)
      return Effect.gen(function*() {
        const error = yield* failure
        assert.strictEqual(error._tag, "CredentialsMisconfigured")
        assertShowsNone(error, ["leak-word"])
        assert.strictEqual(state.asked, 1)
      }).pipe(Effect.provide(layer))
    })
  }
})

describe("an answer that asks for fewer requests", () => {
  for (const [seconds, requests] of [[0, 3], [1, 1], [2, 1], [60, 1]] as const) {
    it.effect(`with Retry-After ${seconds} allows ${requests} requests in the same call`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "status", status: 503, headers: { "retry-after": String(seconds) }, times: Infinity })
        const { millis, value } = yield* elapsed(failure)
        assert.isTrue(value._tag === "CredentialsUnavailable")
        if (value._tag !== "CredentialsUnavailable") return
        assert.strictEqual(value.retryAfter && Duration.toMillis(value.retryAfter), seconds * 1000)
        assert.strictEqual(yield* count, requests)
        if (requests === 1) assert.strictEqual(millis, 0)
      }).pipe(Effect.provide(uriSource({ refresh: { maxWait: 0 } }))))
  }

  for (
    const answer of [{ status: 429 }, { status: 400, code: "Throttling" }]
  ) {
    it.effect(`with ${JSON.stringify(answer)} allows one request in the same call`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "status", ...answer, times: Infinity })
        yield* elapsed(failure)
        assert.strictEqual(yield* count, 1)
      }).pipe(Effect.provide(uriSource({ refresh: { maxWait: 0 } }))))
  }
})

describe("a renewal in the background", () => {
  for (const what of [{ kind: "status", status: 500 }, { kind: "disconnect" }, { kind: "silent" }] as const) {
    it.effect(`sends one request if it fails with ${JSON.stringify(what)}`, () =>
      Effect.gen(function*() {
        yield* get
        yield* clearRequests
        yield* fault({ ...what, times: Infinity })
        yield* TestClock.adjust("2700 seconds")
        yield* get
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* count, 1)
      }).pipe(Effect.provide(uriSource())))
  }
})

describe("the HTTP client of the program", () => {
  it.effect("may filter by status, and the error of the service is the same", () => {
    const strict = Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, HttpClient.filterStatusOk))
    const layer = CredentialsUri.layer({ uri }).pipe(
      Layer.provide(strict),
      Layer.provideMerge(LocalCloud.layer()),
      Layer.provide(variables())
    )
    return Effect.gen(function*() {
      yield* fault({ kind: "status", status: 403, code: "Forbidden", message: "ask the operator" })
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.code, "Forbidden")
      assert.include(error.message, "ask the operator")
    }).pipe(Effect.provide(layer))
  })

  it.effect("asks for an answer that is not compressed", () =>
    Effect.gen(function*() {
      const seen: Array<string | undefined> = []
      const http = fakeHttp((request) =>
        Effect.sync(() => (seen.push(request.headers["accept-encoding"]), { body: sessionText }))
      )
      const layer = CredentialsUri.layer({ uri }).pipe(Layer.provide(http), Layer.provide(variables()))
      yield* Effect.provide(get, layer)
      assert.deepStrictEqual(seen, ["identity"])
    }))

  it.effect("keeps its options, but for redirects", () => {
    const seen: Array<unknown> = []
    const spying = Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request, _url, _signal, fiber) =>
        Effect.sync(() => {
          const context = fiber.getFiberRef(FiberRef.currentContext) as Context.Context<never>
          seen.push(
            Context.unsafeGet(context, FetchHttpClient.RequestInit),
            Context.unsafeGet(context, UndiciRequestOptions)
          )
          const body = Stream.make(new TextEncoder().encode(sessionText))
          return { request, status: 200, headers: {}, stream: body } as unknown as HttpClientResponse.HttpClientResponse
        })
      )
    )
    const undici = { highWaterMark: 7, maxRedirections: 3 } as unknown as UndiciRequestOptions["Type"]
    const options = Layer.merge(
      Layer.succeed(FetchHttpClient.RequestInit, { cache: "no-store", redirect: "follow" }),
      Layer.succeed(UndiciRequestOptions, undici)
    )
    const layer = CredentialsUri.layer({ uri }).pipe(Layer.provide([spying, options, variables()]))
    return Effect.gen(function*() {
      yield* get
      assert.deepStrictEqual(seen, [
        { cache: "no-store", redirect: "manual" },
        { highWaterMark: 7, maxRedirections: 0 }
      ])
    }).pipe(Effect.provide(layer))
  })
})

describe("tracing", () => {
  const traceHeaders = ["traceparent", "tracestate", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled"]

  const isTraced = (headers: Readonly<Record<string, string>>) => traceHeaders.some((name) => name in headers)

  const sources: Readonly<
    Record<string, Layer.Layer<CredentialProvider.CredentialProvider, never, HttpClient.HttpClient>>
  > = {
    "AssumeRole": RamRoleArn.layer({ roleArn: defaults.roleArn }).pipe(Layer.provide(user)),
    "AssumeRoleWithOIDC": OidcRoleArn.layerToken({
      roleArn: defaults.roleArn,
      oidcProviderArn: defaults.oidcProviderArn,
      token: Effect.succeed(Redacted.make(defaults.oidcToken))
    }),
    "metadata": EcsRamRole.layer(),
    "credentials URI": CredentialsUri.layer({ uri: `${uri}?ticket=query-ticket` })
  }

  for (const [name, source] of Object.entries(sources)) {
    it.effect(`of ${name} has no span for a request, no trace header, and no secret in a span`, () => {
      const { layer, spans } = recordedSpans()
      return Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        yield* fault({ kind: "status", status: 503 })
        yield* elapsed(get)
        const requests = yield* cloud.requests
        assert.isAbove(requests.length, 1)
        for (const request of requests) assert.isFalse(isTraced(request.headers), request.operation)
        const names = spans.map((span) => span.name)
        assert.include(names, "CredentialProvider.renew")
        assert.deepStrictEqual(names.filter((name) => name.startsWith("http")), [])
        const text = spans.map((span) => inspect([span.name, span.attributes, span.status], { depth: 12 })).join("\n")
        for (const secret of [...(yield* cloud.secrets), "query-ticket"]) assert.notInclude(text, secret)
      }).pipe(Effect.withSpan("caller"), Effect.provide(overCloud(source).pipe(Layer.provideMerge(layer))))
    })
  }

  it.effect("works for requests of the program, so the tests above can fail", () => {
    const { layer, spans } = recordedSpans()
    return Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      yield* client.get(`${uri}?ticket=query-ticket`)
      const [request] = yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.requests)
      assert.isTrue(isTraced(request?.headers ?? {}))
      assert.include(spans.map((span) => span.name), "http.client GET")
      assert.include(spans.map((span) => inspect(span.attributes)).join("\n"), "query-ticket")
    }).pipe(Effect.withSpan("caller"), Effect.provide(LocalCloud.layer().pipe(Layer.provideMerge(layer))))
  })
})

describe("a date in Retry-After", () => {
  it.effect("is ignored without the date of the server", () =>
    Effect.gen(function*() {
      const { value } = yield* elapsed(failure)
      assert.isTrue(value._tag === "CredentialsUnavailable" && value.retryAfter === undefined)
    }).pipe(
      Effect.provide(replying({ status: 503, headers: { "retry-after": "Thu, 01 Jan 1970 00:00:09 GMT" } }))
    ))
})
