import { type HttpClient, HttpClientError } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Config, DateTime, Effect, Layer, Option, Redacted, TestClock } from "effect"
import { CredentialProvider, Credentials, CredentialsUri } from "effect-alicloud-credentials"
import { elapsed, settle } from "../support/clock.ts"
import { count, fault, overCloud, requests } from "../support/cloud.ts"
import { uri, uriSource } from "../support/credentialsUri.ts"
import { fakeHttp, type Reply, sessionFields } from "../support/network.ts"
import { failure, get, getSession } from "../support/provider.ts"
import { assertShowsNone } from "../support/renderings.ts"
import { type Texts, variables } from "../support/variables.ts"

/** A server that always sends the same response, for which nobody waits, and the requests it got. */
const serving = (reply: Reply, address: CredentialsUri.UriOptions["uri"] = uri) => {
  const asked: Array<
    { readonly url: string; readonly method: string; readonly headers: Readonly<Record<string, string>> }
  > = []
  const layer = CredentialsUri.layer({ uri: address, refresh: { maxWait: 0 } }).pipe(
    Layer.provide(fakeHttp((request, url) =>
      Effect.sync(() => {
        asked.push({ url: url.href, method: request.method, headers: { ...request.headers } })
        return reply
      })
    )),
    Layer.provide(variables())
  )
  return { asked, layer }
}

const answering = (reply: Reply) => serving(reply).layer

const jsonReply = (fields: Readonly<Record<string, unknown>>): Reply => ({ body: JSON.stringify(fields) })

describe("a credentials URI", () => {
  it.effect("is requested with GET, once per session", () =>
    Effect.gen(function*() {
      const session = yield* getSession
      assert.strictEqual(session.provider, "credential_uri")
      assert.strictEqual(Option.getOrThrow(session.expiration).epochMillis, 3_600_000)
      yield* TestClock.adjust("44 minutes")
      assert.strictEqual(yield* get, session)
      const all = yield* requests
      assert.lengthOf(all, 1)
      assert.strictEqual(all[0]?.method, "GET")
      assert.strictEqual(all[0]?.path, "/credentials")
      assert.strictEqual(all[0]?.body, "")
      assert.deepStrictEqual(Object.keys(all[0]?.headers ?? {}).sort(), [
        "accept",
        "accept-encoding",
        "host",
        "user-agent"
      ])
      yield* TestClock.adjust("2 minutes")
      yield* get
      yield* settle
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(uriSource())))

  for (
    const [name, reply, expected] of [
      ["200", jsonReply({ Code: "Success", ...sessionFields }), "StsToken"],
      ["200 without Code", jsonReply(sessionFields), "StsToken"],
      ["200 with more fields", jsonReply({ ...sessionFields, LastUpdated: "x", Extra: { a: 1 } }), "StsToken"],
      ["201", { status: 201, body: JSON.stringify({ Code: "Success", ...sessionFields }) }, "CredentialsRejected"],
      ["204", { status: 204 }, "CredentialsRejected"],
      ["301", { status: 301, headers: { location: "http://127.0.0.1/" } }, "CredentialsRejected"],
      ["302", { status: 302, headers: { location: "http://127.0.0.1/" } }, "CredentialsRejected"],
      ["304", { status: 304 }, "CredentialsRejected"],
      ["400", { status: 400 }, "CredentialsRejected"],
      ["401", { status: 401 }, "CredentialsRejected"],
      ["404", { status: 404 }, "CredentialsRejected"],
      ["Code Fail", jsonReply({ Code: "Fail", ...sessionFields }), "CredentialsRejected"],
      ["Code success", jsonReply({ Code: "success", ...sessionFields }), "CredentialsRejected"],
      ["empty Code", jsonReply({ Code: "", ...sessionFields }), "CredentialsRejected"],
      ["Code 200", jsonReply({ Code: 200, ...sessionFields }), "CredentialsRejected"],
      ["Code null", jsonReply({ Code: null, ...sessionFields }), "CredentialsRejected"],
      ["no body", { body: "" }, "CredentialsMalformed"],
      ["HTML", { body: "<html></html>" }, "CredentialsMalformed"],
      ["null", { body: "null" }, "CredentialsMalformed"],
      ["an array", { body: "[]" }, "CredentialsMalformed"],
      ["a text", { body: "\"Success\"" }, "CredentialsMalformed"],
      ["half an object", { body: JSON.stringify(sessionFields).slice(0, -1) }, "CredentialsMalformed"],
      ["two objects", { body: JSON.stringify(sessionFields).repeat(2) }, "CredentialsMalformed"],
      [
        "throttling",
        { status: 400, body: "{\"Code\": \"Throttling\"}", headers: { "retry-after": "9" } },
        "CredentialsUnavailable"
      ],
      ["429", { status: 429, headers: { "retry-after": "9" } }, "CredentialsUnavailable"]
    ] as ReadonlyArray<readonly [string, Reply, string]>
  ) {
    const { asked, layer } = serving(reply)
    it.effect(`${name} is ${expected}, after one request`, () =>
      Effect.gen(function*() {
        const outcome = yield* Effect.merge(get)
        assert.strictEqual(outcome._tag, expected)
        assert.lengthOf(asked, 1)
        assertShowsNone(outcome, ["fake-session-secret", "fake-session-token"])
      }).pipe(Effect.provide(layer)))
  }

  for (const status of [500, 502, 503, 504]) {
    it.effect(`${status} is retried twice, then CredentialsUnavailable`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "status", status, times: 3 })
        const { value } = yield* elapsed(failure)
        assert.strictEqual(value._tag === "CredentialsUnavailable" && value.status, status)
        assert.strictEqual(yield* count, 3)
        yield* get
      }).pipe(Effect.provide(uriSource())))
  }

  for (const field of Object.keys(sessionFields) as Array<keyof typeof sessionFields>) {
    const wrongType = field === "Expiration" ? "is not a time such as 2030-01-01T00:00:00Z" : "is not text"
    for (
      const [name, wrong, issue] of [
        ["absent", undefined, "is missing"],
        ["null", null, wrongType],
        ["empty", "", "is empty"],
        ["as a number", 1767323045, wrongType],
        ["as a list", ["fake"], wrongType]
      ] as const
    ) {
      it.effect(`${field} ${name} is CredentialsMalformed, which names only that field`, () =>
        Effect.gen(function*() {
          const error = yield* failure
          assert.isTrue(error._tag === "CredentialsMalformed")
          if (error._tag !== "CredentialsMalformed") return
          assert.deepStrictEqual(error.issues, [`${field} ${issue}`])
          assertShowsNone(error, ["fake-session-secret", "fake-session-token", "1767323045"])
        }).pipe(Effect.provide(answering(jsonReply({ ...sessionFields, [field]: wrong })))))
    }
  }

  for (
    const [text, millis] of [
      ["1970-01-01T01:00:00Z", 3_600_000],
      ["1970-01-01T01:00:00.5Z", 3_600_500],
      ["1970-01-01T01:00:00.123Z", 3_600_123],
      ["1970-01-01T01:00:00.123456Z", 3_600_123],
      ["1970-01-01T01:00:00.123456789Z", 3_600_123],
      ["1970-01-01T09:00:00+08:00", 3_600_000],
      ["1970-01-01T09:00:00+0800", 3_600_000],
      ["1969-12-31T20:00:00.250-05:00", 3_600_250]
    ] as const
  ) {
    it.effect(`Expiration ${text} is accepted`, () =>
      Effect.gen(function*() {
        const session = yield* get
        assert.deepStrictEqual(
          Option.getOrUndefined(Option.map(Credentials.expiration(session), DateTime.toEpochMillis)),
          millis
        )
      }).pipe(Effect.provide(answering(jsonReply({ ...sessionFields, Expiration: text })))))
  }

  for (
    const text of [
      "tomorrow",
      "1970-01-01",
      "1970-01-01 01:00:00Z",
      "1970-01-01T01:00:00",
      "1970-01-01T01:00Z",
      "1970-13-01T01:00:00Z",
      "1970-01-01T25:00:00Z",
      "1970-01-01T01:00:00+8",
      "Thu, 01 Jan 1970 01:00:00 GMT",
      "3600000",
      " 1970-01-01T01:00:00Z"
    ]
  ) {
    it.effect(`Expiration ${JSON.stringify(text)} is CredentialsMalformed`, () =>
      Effect.gen(function*() {
        const error = yield* failure
        assert.strictEqual(error._tag, "CredentialsMalformed")
        assert.include(error.message, "Expiration")
        assert.notInclude(error.message, text)
      }).pipe(Effect.provide(answering(jsonReply({ ...sessionFields, Expiration: text })))))
  }

  it.effect("with an expired session is CredentialsExpired", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* failure)._tag, "CredentialsExpired")
    }).pipe(Effect.provide(answering(jsonReply(sessionFields)))))

  const clocks: ReadonlyArray<readonly [title: string, minutes: number, headers: Texts, expiration: number]> = [
    ["may have a clock that differs from the local one", 0, { date: "Thu, 01 Jan 1970 00:30:00 GMT" }, 1_800_000],
    [
      "may be behind a cache, whose Age header is added to the date",
      30,
      { date: "Thu, 01 Jan 1970 00:20:00 GMT", age: "600" },
      3_600_000
    ]
  ]
  for (const [title, minutes, headers, expiration] of clocks) {
    it.effect(title, () =>
      Effect.gen(function*() {
        yield* TestClock.adjust(`${minutes} minutes`)
        const session = yield* get
        assert.deepStrictEqual(
          Option.getOrUndefined(Option.map(Credentials.expiration(session), DateTime.toEpochMillis)),
          expiration
        )
      }).pipe(Effect.provide(answering({ body: JSON.stringify(sessionFields), headers }))))
  }
})

describe("the address of a credentials URI", () => {
  const good = jsonReply(sessionFields)

  for (
    const [name, address, url, authorization] of [
      ["plain", "http://keys.example/a/b", "http://keys.example/a/b", undefined],
      ["with a port", "https://keys.example:8443/", "https://keys.example:8443/", undefined],
      [
        "with a query",
        "http://keys.example/a?x=1&x=2&y=a%20b+c%2F&z",
        "http://keys.example/a?x=1&x=2&y=a%20b+c%2F&z",
        undefined
      ],
      ["with a fragment, which is not sent", "http://keys.example/a?x=1#part", "http://keys.example/a?x=1", undefined],
      [
        "with user and password",
        "http://us%65r:p%40ss%3Aword@keys.example/a",
        "http://keys.example/a",
        "user:p@ss:word"
      ],
      ["with a user alone", "http://user@keys.example/a", "http://keys.example/a", "user:"],
      ["with a password alone", "http://:word@keys.example/a", "http://keys.example/a", ":word"],
      ["with a password beyond Latin-1", "http://user:密钥@keys.example/a", "http://keys.example/a", "user:密钥"],
      [
        "with a password that is not percent-encoded",
        "http://user:100%@keys.example/a",
        "http://keys.example/a",
        "user:100%"
      ]
    ] as const
  ) {
    it.effect(`${name}: ${url}`, () => {
      const { asked, layer } = serving(good, address)
      return Effect.gen(function*() {
        yield* get
        assert.lengthOf(asked, 1)
        assert.strictEqual(asked[0]?.url, url)
        const header = asked[0]?.headers["authorization"]
        if (authorization === undefined) return assert.isUndefined(header)
        assert.match(header ?? "", /^Basic /)
        assert.strictEqual(Buffer.from((header ?? "").slice(6), "base64").toString("utf8"), authorization)
      }).pipe(Effect.provide(layer))
    })
  }

  for (
    const [name, address] of [
      ["a URL", new URL("http://keys.example/a?b=c")],
      ["a redacted text", Redacted.make("http://keys.example/a?b=c")],
      ["a redacted URL", Redacted.make(new URL("http://keys.example/a?b=c"))]
    ] as const
  ) {
    it.effect(`may be ${name}, which is not changed`, () => {
      const { asked, layer } = serving(good, address)
      return Effect.gen(function*() {
        yield* get
        assert.strictEqual(asked[0]?.url, "http://keys.example/a?b=c")
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("as a URL with a password is not changed either", () => {
    const address = new URL("http://user:password@keys.example/a#b")
    return Effect.gen(function*() {
      yield* get
      assert.strictEqual(address.href, "http://user:password@keys.example/a#b")
    }).pipe(Effect.provide(serving(good, address).layer))
  })

  const bad = [
    "",
    "garbage-address",
    "keys.example/secret-path",
    "ftp://keys.example/secret-path",
    "file:///etc/secret-path",
    "javascript:secret-path",
    "data:application/json,secret-path",
    "http://",
    "http://keys.example:99999/secret-path",
    "//keys.example/secret-path"
  ]
  for (const address of bad) {
    it.effect(`${JSON.stringify(address)} is misconfigured, and not shown`, () => {
      const { asked, layer } = serving(good, address)
      return Effect.gen(function*() {
        const error = yield* failure
        assert.strictEqual(error._tag === "CredentialsMisconfigured" && error.at, "uri")
        assertShowsNone(error, ["secret-path", "garbage-address"])
        assert.lengthOf(asked, 0)
      }).pipe(Effect.provide(layer))
    })
  }

  const address =
    "https://user-name:hunter2@keys.example:8443/path-ticket-1/tick%20et-22345?ticket=query-ticket-1&plain-ticket-1"
  const secrets = [
    "user-name",
    "hunter2",
    "path-ticket-1",
    "tick%20et-22345",
    "tick et-22345",
    "query-ticket-1",
    "plain-ticket-1",
    Buffer.from("user-name:hunter2").toString("base64")
  ]

  const connection = (code: string): Layer.Layer<HttpClient.HttpClient> =>
    fakeHttp((request) =>
      Effect.fail(
        new HttpClientError.RequestError({ request, reason: "Transport", cause: Object.assign(new Error(), { code }) })
      )
    )
  const session = { ...sessionFields, Expiration: "1970-01-01T00:00:00Z" }
  const foreign = { AccessKeyId: "a", SecretAccessKey: "b", Token: "c", Expiration: "1970-01-01T01:00:00Z" }
  const answer =
    "Make the server at keys.example:80 answer with AccessKeyId, AccessKeySecret, SecurityToken and Expiration"
  const date = (text: string) => ({ body: JSON.stringify(session), headers: { date: text } })
  const both = "1. restart the server at keys.example:80, which gave an old session; 2. check the clock of this machine"
  const start = "Start the tool that set AT again: the server does not accept the address any more"
  const serves = (reply: Reply) => fakeHttp(() => Effect.succeed(reply))

  for (
    const [name, network, hint] of [
      ["no server", connection("ECONNREFUSED"), ["Start the server at keys.example:80, or unset AT", "or correct uri"]],
      ["another failure", connection("ECONNRESET"), [undefined, ""]],
      ["401", serves({ status: 401 }), [start]],
      ["403", serves({ status: 403 }), [start]],
      ["404", serves({ status: 404 }), [
        "Correct the path in AT, or start the tool that set it again: its path may be a new one each time"
      ]],
      ["308", serves({ status: 308, headers: { location: "/" } }), ["Set AT to the address that it redirects to"]],
      ["400", serves({ status: 400 }), [undefined]],
      ["a page", serves({ body: "<html>" }), ["Set AT to the address that answers with the session as JSON"]],
      ["other names", serves(jsonReply(foreign)), [answer]],
      ["a missing field", serves(jsonReply({ ...sessionFields, SecurityToken: undefined })), [answer]],
      ["an old session, without a date", serves(jsonReply(session)), [both]],
      ["an old session, by a clock that differs", serves(date("Thu, 01 Jan 1970 06:00:00 GMT")), [both]],
      [
        "an old session, by a clock that agrees",
        serves(date("Thu, 01 Jan 1970 00:00:00 GMT")),
        ["Restart the server at keys.example:80: it gave an old session"]
      ]
    ] as ReadonlyArray<readonly [string, Layer.Layer<HttpClient.HttpClient>, readonly [string | undefined, string?]]>
  ) {
    it.effect(`is named by how to fix ${name}: ${hint[0] ?? "nothing"}`, () =>
      Effect.gen(function*() {
        const variable = "ALIBABA_CLOUD_CREDENTIALS_URI"
        const from = "http://keys.example/a/secret-path"
        const hintOver = (
          layer: Layer.Layer<CredentialProvider.CredentialProvider, unknown, HttpClient.HttpClient>,
          entries: Texts
        ) =>
          Effect.map(
            elapsed(failure).pipe(
              Effect.provide(layer.pipe(Layer.provide(network), Layer.provide(variables(entries))))
            ),
            ({ value }) => "hint" in value ? value.hint : undefined
          )
        const ofVariable = yield* hintOver(CredentialsUri.layerEnv, { [variable]: from })
        assert.strictEqual(ofVariable, hint[0]?.replace("AT", variable))
        yield* TestClock.setTime(0)
        const ofOption = yield* hintOver(CredentialsUri.layer({ uri: from }), {})
        if (hint[1] === undefined) assert.strictEqual(ofOption, hint[0]?.replace("AT", "uri"))
        else assert.include(ofOption ?? "", hint[1])
      }))
  }

  it.effect("is not shown by an answer with other names, which are", () =>
    Effect.gen(function*() {
      const error = yield* Effect.provide(failure, serving(jsonReply(foreign), "http://keys.example/secret-path").layer)
      assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, [
        "keys.example: the answer has SecretAccessKey, Token instead of AccessKeySecret, SecurityToken"
      ])
    }))

  it.effect("needs a scheme", () =>
    Effect.gen(function*() {
      const error = yield* Effect.provide(failure, serving(good, "127.0.0.1:8080/credentials").layer)
      assert.strictEqual("hint" in error && error.hint, "Begin it with http:// or https://")
    }))

  it.effect("shows only its host in errors", () =>
    Effect.gen(function*() {
      const replies: ReadonlyArray<Reply> = [
        { status: 404 },
        { status: 302, headers: { location: address } },
        { status: 429, headers: { "retry-after": "60" } },
        { body: "<html>" },
        { body: " ".repeat(1024 * 1024 + 1) },
        ...secrets.flatMap((secret): ReadonlyArray<Reply> => [
          { status: 403, body: JSON.stringify({ Code: "Forbidden", Message: `no ${secret} here`, RequestId: secret }) },
          { status: 403, body: JSON.stringify({ Code: secret, Message: `no ${encodeURIComponent(secret)} here` }) },
          jsonReply({ Code: "Fail", Message: `GET ${address}` })
        ])
      ]
      for (const reply of replies) {
        const error = yield* Effect.provide(failure, serving(reply, address).layer)
        assertShowsNone(error, secrets)
        if (error.message.includes("over 1 MiB")) continue
        assert.include(error.message, "keys.example:8443")
      }
    }))

  it.effect("does not hide messages of the server that do not quote it", () =>
    Effect.gen(function*() {
      const reply = { status: 403, body: JSON.stringify({ Code: "Forbidden", Message: "ask the operator" }) }
      const error = yield* Effect.provide(failure, serving(reply, address).layer)
      assert.include(error.message, "Forbidden: ask the operator")
    }))
})

describe("CredentialsUri", () => {
  it.effect("layerConfig takes an address as text or Redacted", () =>
    Effect.gen(function*() {
      for (
        const layer of [
          CredentialsUri.layerConfig({ uri: Config.redacted("KEYS") }),
          CredentialsUri.layerConfig({ uri: Config.string("KEYS") }),
          CredentialsUri.layerConfig({ uri: Config.url("KEYS") }),
          CredentialsUri.layerConfig({ uri: Config.redacted(Config.url("KEYS")), timeout: Config.duration("WAIT") })
        ]
      ) {
        const session = yield* Effect.provide(get, overCloud(layer, { variables: { KEYS: uri, WAIT: "1 second" } }))
        assert.strictEqual(session._tag, "StsToken")
      }
    }))

  const fromVariables = (entries: Readonly<Record<string, string>>) =>
    overCloud(CredentialsUri.layerEnv, { variables: entries })
  const name = "ALIBABA_CLOUD_CREDENTIALS_URI"

  it.effect("layerEnv takes the address from the variable", () =>
    Effect.gen(function*() {
      yield* get
      const [request] = yield* requests
      assert.deepStrictEqual(request?.query, { a: "b" })
    }).pipe(Effect.provide(fromVariables({ [name]: `${uri}?a=b` }))))

  for (const entries of [{}, { [name]: "" }]) {
    it.effect(`layerEnv is not configured with ${JSON.stringify(entries)}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Effect.scoped(Layer.build(fromVariables(entries))))
        assert.strictEqual(error._tag, "CredentialsNotConfigured")
        assert.include(error.message, name)
      }))
  }

  it.effect("layerEnv fails to build for an invalid address, without showing it", () =>
    Effect.gen(function*() {
      for (const address of ["secret-garbage", "ftp://secret-garbage/"]) {
        const error = yield* Effect.flip(Effect.scoped(Layer.build(fromVariables({ [name]: address }))))
        assert.strictEqual(error._tag === "CredentialsMisconfigured" && error.at, name)
        assertShowsNone(error, ["secret-garbage"])
      }
    }))

  it.effect("layer reads no address from the variables", () =>
    Effect.gen(function*() {
      const provider = yield* CredentialProvider.CredentialProvider
      assert.strictEqual(provider.name, "credential_uri")
      yield* get
      assert.deepStrictEqual((yield* requests)[0]?.query, {})
    }).pipe(Effect.provide(
      overCloud(CredentialsUri.layer({ uri }), { variables: { [name]: `${uri}?other=1` } })
    )))
})
