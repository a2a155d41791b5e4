import { HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import { CredentialError, Credentials, OpenApi, SignedHttpClient } from "effect-alicloud-credentials"
import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { flatten } from "../../src/internal/signing/parameters.ts"
import { cloud, defaults, fault, lastRequest, role, user } from "../support/cloud.ts"
import { network, scripted } from "../support/network.ts"
import { signed, signedOverCloud } from "../support/signedHttp.ts"

const Regions = Schema.Struct({
  RequestId: Schema.String,
  Regions: Schema.Struct({ Region: Schema.Array(Schema.Struct({ RegionId: Schema.String })) })
})

const ecs = { endpoint: "ecs.cn-hangzhou.aliyuncs.com", version: "2014-05-26" } as const
const describeRegions = { ...ecs, action: "DescribeRegions", schema: Regions } as const

describe("an OpenApi call", () => {
  it.effect("in RPC style sends its parameters in the query and decodes the response", () =>
    Effect.gen(function*() {
      const answer = yield* OpenApi.call({
        ...describeRegions,
        parameters: { AcceptLanguage: "zh-CN", Tag: [{ Key: "a b", Value: "*~中" }], DryRun: false, Absent: undefined }
      })
      assert.deepStrictEqual(answer.Regions.Region.map((region) => region.RegionId), [...defaults.world.regions])
      const request = yield* lastRequest
      assert.strictEqual(`${request.method} ${request.host}${request.path}`, "POST ecs.cn-hangzhou.aliyuncs.com/")
      assert.deepStrictEqual(request.query, {
        AcceptLanguage: "zh-CN",
        "Tag.1.Key": "a b",
        "Tag.1.Value": "*~中",
        DryRun: "false"
      })
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("in ROA style has a path, a method and a JSON body", () =>
    Effect.gen(function*() {
      yield* OpenApi.call({
        ...describeRegions,
        method: "PUT",
        path: "clusters/c x/节点",
        parameters: { page: 1 },
        body: { name: "桶" },
        headers: { "x-acs-region-id": "cn-hangzhou" }
      })
      const request = yield* lastRequest
      assert.strictEqual(request.method, "PUT")
      assert.strictEqual(request.path, "/clusters/c%20x/%E8%8A%82%E7%82%B9")
      assert.strictEqual(request.query["page"], "1")
      assert.strictEqual(request.body, "{\"name\":\"桶\"}")
      assert.strictEqual(request.headers["content-type"], "application/json; charset=utf-8")
      assert.strictEqual(request.headers["x-acs-region-id"], "cn-hangzhou")
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("can have a form", () =>
    Effect.gen(function*() {
      yield* OpenApi.call({ ...describeRegions, form: { Secret: Redacted.make("a&b"), List: ["x", "y"] } })
      const request = yield* lastRequest
      assert.deepStrictEqual(request.form, { Secret: "a&b", "List.1": "x", "List.2": "y" })
      assert.deepStrictEqual(request.query, {})
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("uses http only if the endpoint says so", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const layer = network((_, url) => Effect.sync(() => (seen.push(url.href), Response.json(null))))
      for (const endpoint of ["http://127.0.0.1:1/", "https://a.example/", "a.example:8443"]) {
        yield* OpenApi.call({ ...ecs, action: "A", endpoint, schema: Schema.Null }).pipe(
          Effect.provide(Layer.provide(signed(user), layer))
        )
      }
      assert.deepStrictEqual(seen, ["http://127.0.0.1:1/", "https://a.example/", "https://a.example:8443/"])
    }))

  it.effect("decodes an empty body as null", () =>
    Effect.gen(function*() {
      for (const answer of [() => new Response(null, { status: 204 }), () => new Response("")]) {
        const call = OpenApi.call({ ...ecs, action: "A", schema: Schema.NullOr(Schema.String) })
        assert.isNull(yield* Effect.provide(call, Layer.provide(signed(user), scripted(answer).layer)))
      }
    }))
})

describe("the error of an OpenApi call", () => {
  it.effect("has the code, message and request id of the service", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(OpenApi.call({ ...describeRegions, action: "Nothing" }))
      assert(error._tag === "OpenApiError")
      assert.deepInclude(error, {
        host: ecs.endpoint,
        action: "Nothing",
        status: 404,
        code: "InvalidAction.NotFound",
        reason: "Specified api is not found, please check it.",
        isTransient: false
      })
      assert.match(error.requestId!, /^[0-9A-F-]{36}$/)
      assert.strictEqual(error.recommend, "https://api.aliyun.com/troubleshoot?q=InvalidAction.NotFound")
      assert.match(
        error.message,
        /^Nothing at ecs.*: status 404, InvalidAction.NotFound: Specified api .* \(request id [0-9A-F-]+\)$/
      )
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("is transient for throttling, and says how long to wait", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 400, code: "Throttling.User", headers: { "retry-after": "7" } })
      const error = yield* Effect.flip(OpenApi.call(describeRegions))
      assert(error._tag === "OpenApiError")
      assert.isTrue(error.isTransient)
      assert.strictEqual(Duration.toMillis(error.retryAfter!), 7000)
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("computes how long to wait from a date, even in a cached response", () =>
    Effect.gen(function*() {
      const { layer } = scripted(() =>
        Response.json({ Code: "Throttling" }, {
          status: 429,
          headers: { date: "Thu, 01 Jan 1970 00:00:00 GMT", age: "50", "retry-after": "Thu, 01 Jan 1970 00:01:00 GMT" }
        })
      )
      const error = yield* Effect.flip(OpenApi.call(describeRegions)).pipe(
        Effect.provide(Layer.provide(signed(user), layer))
      )
      assert(error._tag === "OpenApiError")
      assert.strictEqual(Duration.toMillis(error.retryAfter!), 10_000)
    }))

  const shapes: ReadonlyArray<readonly [string, () => Response, object]> = [
    [
      "XML",
      () => new Response("<Error><Code>C</Code><Message>a &lt;b&gt; &amp;amp;</Message></Error>", { status: 409 }),
      {
        status: 409,
        code: "C",
        reason: "a <b> &amp;"
      }
    ],
    ["ROA", () => Response.json({ code: "C", message: "m", requestId: "AB-1" }, { status: 400 }), {
      code: "C",
      reason: "m",
      requestId: "AB-1"
    }],
    ["HTML", () => new Response("<html>", { status: 502, headers: { "x-acs-request-id": "AB-2" } }), {
      status: 502,
      code: undefined,
      reason: undefined,
      requestId: "AB-2",
      isTransient: true
    }],
    ["a JSON list", () => Response.json(["x"], { status: 400 }), { status: 400, code: undefined }],
    ["null", () => Response.json(null, { status: 400 }), { status: 400, code: undefined }],
    ["a redirect", () => new Response(null, { status: 302 }), { status: 302 }],
    [
      "a recommendation with an id in its address",
      () =>
        Response.json({
          Recommend: "https://api.alibabacloud.com/troubleshoot?q=C&requestId=0123456789ABCDEF0123456789"
        }, {
          status: 400
        }),
      { recommend: "https://api.alibabacloud.com/troubleshoot?q=C" }
    ],
    [
      "a recommendation that is not an https address",
      () => Response.json({ Code: "C", Recommend: "javascript:1" }, { status: 400 }),
      {
        recommend: undefined
      }
    ]
  ]
  for (const [what, answer, expected] of shapes) {
    it.effect(`is derived from ${what}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(OpenApi.call(describeRegions)).pipe(
          Effect.provide(Layer.provide(signed(user), scripted(answer).layer))
        )
        assert(error._tag === "OpenApiError")
        for (const [field, value] of Object.entries(expected)) {
          assert.strictEqual(error[field as keyof typeof error], value, field)
        }
      }))
  }

  const reference = "40l1drjvcki3les17ps53hk0"
  const failedConnections: Readonly<Record<string, Error>> = {
    ECONNREFUSED: new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNREFUSED" }) }),
    "ECONNREFUSED at 10.0.0.7:3128, perhaps that of a proxy": Object.assign(new Error("x"), {
      code: "ECONNREFUSED",
      address: "10.0.0.7",
      port: 3128
    }),
    [`internal error of the runtime, reference ${reference} in its log`]: new Error(
      `internal error; reference = ${reference}`
    )
  }
  for (const [cause, error] of Object.entries(failedConnections)) {
    it.effect(`is OpenApiUnavailable for a failed connection: ${cause}`, () =>
      Effect.gen(function*() {
        const refusing = network((request) =>
          Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause: error }))
        )
        const failed = yield* Effect.flip(OpenApi.call(describeRegions)).pipe(
          Effect.provide(Layer.provide(signed(user), refusing))
        )
        assert(failed._tag === "OpenApiUnavailable")
        assert.strictEqual(failed.reason, `no connection: ${cause}`)
        assert.isTrue(failed.isTransient)
      }))
  }

  it.effect("is OpenApiUnavailable for a body that breaks off", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "disconnect", at: "body" })
      const error = yield* Effect.flip(OpenApi.call(describeRegions))
      assert.strictEqual(error._tag, "OpenApiUnavailable")
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("is OpenApiMalformed for an endless body", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "endless" })
      const error = yield* Effect.flip(OpenApi.call(describeRegions))
      assert(error._tag === "OpenApiMalformed")
      assert.deepStrictEqual(error.issues, ["the body is larger than 10 MiB"])
    }).pipe(Effect.provide(signedOverCloud(user))))

  const blanks = new Uint8Array(1024 * 1024).fill(32)
  const lengths: ReadonlyArray<readonly [what: string, headers: Readonly<Record<string, string>>]> = [
    ["a longer body than is accepted", { "content-length": String(10 * 1024 * 1024 + 1) }],
    ["a short body that is compressed", { "content-length": "900", "content-encoding": "gzip" }],
    ["a length that is not a number", { "content-length": "1e3" }]
  ]
  for (const [what, headers] of lengths) {
    it.effect(`is OpenApiMalformed for much that was announced as ${what}, and the rest is not read`, () =>
      Effect.gen(function*() {
        let pieces = 0
        const endless = new ReadableStream<Uint8Array>({
          pull: (controller) => {
            pieces += 1
            if (pieces < 64) controller.enqueue(blanks)
            else controller.close()
          }
        })
        const error = yield* Effect.flip(OpenApi.call(describeRegions)).pipe(
          Effect.provide(Layer.provide(signed(user), scripted(() => new Response(endless, { headers })).layer))
        )
        assert(error._tag === "OpenApiMalformed")
        assert.deepStrictEqual(error.issues, ["the body is larger than 10 MiB"])
        assert.isBelow(pieces, 20)
      }))
  }

  it.effect("is OpenApiUnavailable for a body of known length that breaks off", () =>
    Effect.gen(function*() {
      const broken = new ReadableStream<Uint8Array>({
        start: (controller) => {
          controller.enqueue(blanks)
          controller.error(new Error("reset"))
        }
      })
      const headers = { "content-length": String(2 * blanks.length) }
      const error = yield* Effect.flip(OpenApi.call(describeRegions)).pipe(
        Effect.provide(Layer.provide(signed(user), scripted(() => new Response(broken, { headers })).layer))
      )
      assert(error._tag === "OpenApiUnavailable")
      assert.strictEqual(error.reason, "connection lost")
    }))

  const malformed: ReadonlyArray<readonly [body: string, issues: ReadonlyArray<string>]> = [
    ["{", ["the body is not JSON"]],
    ["[]", ["the body is not an object"]],
    ["{\"Regions\":{\"Region\":[{\"RegionId\":7}]}}", ["RequestId is missing", "Regions.Region.0.RegionId is not text"]]
  ]
  for (const [body, issues] of malformed) {
    it.effect(`names what is wrong with the body ${body}, without values`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(OpenApi.call(describeRegions)).pipe(
          Effect.provide(Layer.provide(signed(user), scripted(() => new Response(body)).layer))
        )
        assert(error._tag === "OpenApiMalformed")
        assert.deepStrictEqual([...error.issues].sort(), [...issues].sort())
      }))
  }

  it.effect("names the wrong type of a field, whatever its name means elsewhere", () =>
    Effect.gen(function*() {
      const schema = Schema.Struct({ Expiration: Schema.String, expires_in: Schema.String, constructor: Schema.String })
      const body = JSON.stringify({ Expiration: 7, expires_in: 7, constructor: 7 })
      const error = yield* Effect.flip(OpenApi.call({ ...describeRegions, schema })).pipe(
        Effect.provide(Layer.provide(signed(user), scripted(() => new Response(body)).layer))
      )
      assert(error._tag === "OpenApiMalformed")
      assert.deepStrictEqual([...error.issues].sort(), [
        "Expiration is not text",
        "constructor is not text",
        "expires_in is not text"
      ])
    }))

  it.effect("is SigningError for an invalid call, and nothing is sent", () =>
    Effect.gen(function*() {
      const cyclic: Record<string, unknown> = {}
      cyclic["self"] = cyclic
      const calls = [
        { ...describeRegions, endpoint: "not a host" },
        { ...describeRegions, body: cyclic },
        { ...describeRegions, body: 1n },
        { ...describeRegions, body: {}, form: {} }
      ]
      for (const call of calls) {
        assert.strictEqual((yield* Effect.flip(OpenApi.call(call)))._tag, "SigningError")
      }
      assert.strictEqual(yield* (yield* cloud).count(), 0)
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("is the error of the provider if that fails", () =>
    Effect.gen(function*() {
      const failing = TestCredentialProvider.layerFailing(
        new CredentialError.CredentialsNotConfigured({ provider: "test", reason: "nothing" })
      )
      const error = yield* Effect.flip(Effect.provide(OpenApi.call(describeRegions), signedOverCloud(failing)))
      assert.strictEqual(error._tag, "CredentialsNotConfigured")
    }))

  it.effect("hides the description of a client that quotes a secret parameter", () =>
    Effect.gen(function*() {
      const quoting = (from: (request: HttpClientRequest.HttpClientRequest) => string) =>
        HttpClient.make((request) =>
          Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", description: from(request) }))
        )
      const client = quoting((request) => `cannot reach ${JSON.stringify(request.urlParams)}`)
      const foreign = Layer.succeed(SignedHttpClient.SignedHttpClient, client as SignedHttpClient.Service)
      const ours = Layer.provide(signed(user), Layer.succeed(HttpClient.HttpClient, client))
      for (const layer of [foreign, ours]) {
        const error = yield* Effect.flip(
          OpenApi.call({ ...describeRegions, parameters: { Password: Redacted.make("open sesame and barley") } })
        ).pipe(Effect.provide(layer))
        assert.strictEqual(error._tag, "OpenApiUnavailable")
        assert.include(error.message, "no connection")
      }
    }))

  it.effect("hides a secret parameter from who looks at the request of a response", () =>
    Effect.gen(function*() {
      const shown: Array<string> = []
      const looking = Layer.effect(
        SignedHttpClient.SignedHttpClient,
        Effect.map(SignedHttpClient.SignedHttpClient, (client) =>
          HttpClient.tap(client, ({ request }) =>
            Effect.sync(() => void shown.push(JSON.stringify(request.urlParams)))))
      )
      const parameters = { Password: Redacted.make("open sesame and barley"), RegionId: "cn-hangzhou" }
      yield* OpenApi.call({ ...describeRegions, parameters }).pipe(
        Effect.provide(Layer.provideMerge(looking, signedOverCloud(user)))
      )
      assert.lengthOf(shown, 1)
      assert.include(shown[0], "<redacted>")
      assert.include(shown[0], "cn-hangzhou")
      assert.notInclude(shown[0], "sesame")
    }))

  it.effect("hides the message of the service if another client does not expose the request it sent", () =>
    Effect.gen(function*() {
      const other = HttpClient.make((request) =>
        Effect.succeed(HttpClientResponse.fromWeb(request, Response.json({ Code: "C", Message: "m" }, { status: 400 })))
      )
      const error = yield* Effect.flip(OpenApi.call(describeRegions)).pipe(
        Effect.provideService(SignedHttpClient.SignedHttpClient, other as SignedHttpClient.Service)
      )
      assert(error._tag === "OpenApiError")
      assert.strictEqual(error.code, "C")
      assert.isUndefined(error.reason)
    }))

  it.effect("is that of the service even if the client filters by status", () =>
    Effect.gen(function*() {
      const client = HttpClient.filterStatusOk(yield* SignedHttpClient.SignedHttpClient)
      yield* fault({ kind: "status", status: 409, code: "Conflict" })
      const error = yield* Effect.flip(OpenApi.call(describeRegions)).pipe(
        Effect.provideService(SignedHttpClient.SignedHttpClient, client)
      )
      assert(error._tag === "OpenApiError")
      assert.strictEqual(error.code, "Conflict")
    }).pipe(Effect.provide(signedOverCloud(user))))
})

describe("an answer", () => {
  const ask = <A, I>(schema: Schema.Schema<A, I>, body: unknown) =>
    OpenApi.call({ ...ecs, action: "A", schema }).pipe(
      Effect.provide(Layer.provide(signed(user), scripted(() => Response.json(body)).layer))
    )

  it.effect("may be one text of 9.5 MB", () =>
    Effect.gen(function*() {
      const text = "a".repeat(9_500_000)
      assert.strictEqual((yield* ask(Schema.String, text)).length, text.length)
    }))

  it.effect("that is wrong in thousands of places is described by eight of them, without the keys of its records", () =>
    Effect.gen(function*() {
      const record = Schema.Record({ key: Schema.String, value: Schema.Number })
      const keys = Array.from({ length: 5000 }, (_, index) => `k3y${index}Of9Server`)
      const error = yield* Effect.flip(ask(
        Schema.Struct({ list: Schema.Array(Schema.Number), record }),
        { list: keys, record: Object.fromEntries(keys.map((key) => [key, "x"])) }
      ))
      assert(error._tag === "OpenApiMalformed")
      assert.lengthOf(error.issues, 9)
      assert.match(error.issues[8] ?? "", /^and \d+ more$/)
      assert.notInclude(error.message, "k3y")
      assert.isBelow(error.message.length, 500)
      const odd = yield* Effect.flip(ask(record, { CpuUsage: "x", qWkZtRmPlKbNvCxSdFgH: "x", Ab1Cd2Ef3: "x" }))
      assert.deepStrictEqual(odd._tag === "OpenApiMalformed" && odd.issues, [
        "CpuUsage is not a number",
        "… is not a number"
      ])
    }))

  it.effect("is described by its own schema, although this library has words for fields of those names", () =>
    Effect.gen(function*() {
      const schema = Schema.Struct({ Expiration: Schema.Boolean, expires_in: Schema.String })
      const error = yield* Effect.flip(ask(schema, { Expiration: 1, expires_in: 2 }))
      assert.deepStrictEqual(error._tag === "OpenApiMalformed" && error.issues, [
        "Expiration is neither true nor false",
        "expires_in is not text"
      ])
    }))
})

describe("the words of a service", () => {
  // Of words, so that nothing but knowing them can tell that they are secret.
  const words = {
    key: "correct horse battery staple",
    token: "secret-words-of-a-session",
    parameter: "open sesame and barley"
  }
  const session = TestCredentialProvider.layer(Credentials.StsToken({
    provider: "test",
    accessKeyId: "STS.A",
    accessKeySecret: Redacted.make(words.key),
    securityToken: Redacted.make(words.token),
    expiration: Option.none()
  }))
  const reasonOf = (body: object) =>
    Effect.flip(OpenApi.call({ ...describeRegions, form: { Secret: [Redacted.make(words.parameter)] } })).pipe(
      Effect.provide(Layer.provide(signed(session), scripted(() => Response.json(body, { status: 400 })).layer)),
      Effect.map((error) => error._tag === "OpenApiError" ? error.reason : error._tag)
    )

  for (const [what, word] of Object.entries(words)) {
    it.effect(`is not shown if it contains the ${what} of the request or a part of it`, () =>
      Effect.gen(function*() {
        assert.isUndefined(yield* reasonOf({ Code: "C", Message: `got ${word}` }))
        assert.isUndefined(yield* reasonOf({ Code: "C", Message: `got ${encodeURIComponent(word.slice(3, 18))}` }))
      }))
  }

  it.effect("is not shown if it contains a secret of the response itself", () =>
    Effect.gen(function*() {
      assert.isUndefined(yield* reasonOf({ Code: "C", Message: "got some other words", NewSecret: "some other words" }))
    }))

  it.effect("is never shown for SignatureDoesNotMatch", () =>
    Effect.gen(function*() {
      assert.isUndefined(yield* reasonOf({ Code: "SignatureDoesNotMatch", Message: "harmless" }))
      assert.strictEqual(yield* reasonOf({ Code: "C", Message: "harmless" }), "harmless")
    }))
})

describe("the parameters of an OpenApi call", () => {
  it("are flattened, with list indexes from 1", () => {
    assert.deepStrictEqual(
      flatten({
        a: "x",
        n: 1.5,
        big: 12345678901234567890n,
        yes: true,
        absent: undefined,
        secret: Redacted.make("s"),
        list: ["p", undefined, "q"],
        deep: [{ Key: "k", Values: [1, 2] }, { Key: "l" }],
        object: { inner: { leaf: "z" } },
        none: [],
        empty: {}
      }),
      {
        a: "x",
        n: "1.5",
        big: "12345678901234567890",
        yes: "true",
        secret: "s",
        "list.1": "p",
        "list.3": "q",
        "deep.1.Key": "k",
        "deep.1.Values.1": "1",
        "deep.1.Values.2": "2",
        "deep.2.Key": "l",
        "object.inner.leaf": "z"
      }
    )
  })

  it("cannot change a prototype", () => {
    assert.deepStrictEqual(Object.keys(flatten(JSON.parse("{\"__proto__\":\"a\"}"))), ["__proto__"])
    assert.isDefined(HttpClientRequest.get("https://a"))
  })
})
