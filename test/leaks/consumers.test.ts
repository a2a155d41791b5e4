/**
 * Nothing that a caller of the signing client, of typed calls, or of what is built on them can print shows a secret,
 * whatever a service answers: a server that quotes everything it was sent, in every field and encoding.
 */
import { FetchHttpClient, HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Option, Redacted, Schema, type Scope, Stream } from "effect"
import {
  CallerIdentity,
  CredentialProvider,
  Credentials,
  KmsSecret,
  OpenApi,
  SignedHttpClient
} from "effect-alicloud-credentials"
import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { renderings, renderValue } from "../support/renderings.ts"
import { execute } from "../support/signedHttp.ts"
import { noVariables } from "../support/variables.ts"

const secret = (name: string) => `canary-${name}/+=~%41&bc-${"0123456789".repeat(3)}`

const secrets = {
  accessKey: `${secret("access-key-secret")} with spaces 中`,
  securityToken: secret("security-token"),
  bearerToken: secret("bearer-token"),
  parameter: secret("parameter"),
  kept: secret("kept-in-kms"),
  renewed: secret("renewed-token")
}

const traces = Object.values(secrets).flatMap((value) =>
  [value, encodeURIComponent(value), encodeURIComponent(encodeURIComponent(value)), value.replaceAll(" ", "+")].flatMap(
    (text) => [text.slice(0, 20), text.slice(-14)]
  )
)

const leaks = (text: string): ReadonlyArray<string> => traces.filter((trace) => text.includes(trace))

type Answer = (quoted: string) => Response | "disconnect"

const answers: Readonly<Record<string, Answer>> = {
  "a success that quotes the request": (quoted) => Response.json({ a: quoted }, { headers: { "x-quoted": "1" } }),
  "text that is almost JSON": (quoted) =>
    new Response(`{"SecretData": "${secrets.kept}", ${quoted}`, { headers: { "content-type": "application/json" } }),
  "an error that quotes the request": (quoted) =>
    Response.json({
      Code: "NoPermission",
      Message: quoted,
      RequestId: "A-B",
      Recommend: `https://a.example/?${quoted}`
    }, {
      status: 403
    }),
  "a refused signature with the string to sign": (quoted) =>
    Response.json({ Code: "SignatureDoesNotMatch", Message: `server string to sign is:${quoted}` }, { status: 400 }),
  "an error that quotes it encoded": (quoted) =>
    Response.json({ Code: encodeURIComponent(quoted), Message: encodeURIComponent(quoted), RequestId: quoted }, {
      status: 400
    }),
  "an error that quotes it encoded twice": (quoted) =>
    Response.json({ Code: "X", Message: encodeURIComponent(encodeURIComponent(quoted)) }, { status: 400 }),
  "an error whose code is a secret": () =>
    Response.json({ Code: secrets.kept, RequestId: secrets.kept }, { status: 400 }),
  "an error with half a token": () =>
    Response.json({
      Code: "InvalidParameter",
      Message: `token ${secrets.securityToken.slice(0, 30)} ${secrets.bearerToken.slice(0, 30)}`
    }, { status: 400 }),
  "refused credentials": (quoted) =>
    Response.json({ Code: "InvalidSecurityToken.Expired", Message: quoted }, { status: 403 }),
  "an error in XML": (quoted) => new Response(`<Code>${quoted}</Code><Message>${quoted}</Message>`, { status: 400 }),
  "an error of 200 KiB": (quoted) => new Response(quoted + " ".repeat(200 * 1024) + quoted, { status: 500 }),
  "an error that breaks off": (quoted) =>
    new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => {
          controller.enqueue(new TextEncoder().encode(quoted))
          controller.error(new Error(quoted))
        }
      }),
      { status: 500 }
    ),
  "a success that breaks off": (quoted) =>
    new Response(
      new ReadableStream<Uint8Array>({
        pull: (controller) => controller.error(new Error(quoted))
      })
    ),
  "throttling": (quoted) => new Response(quoted, { status: 429, headers: { "retry-after": "canary" } }),
  "a secret of KMS of the wrong kind": () =>
    Response.json({ SecretData: [secrets.kept], RotationInterval: secrets.kept }),
  "a secret of KMS with other data": () => Response.json({ SecretData: `not JSON: ${secrets.kept}` }),
  "a secret of KMS": () =>
    Response.json({ SecretData: JSON.stringify({ AccessKeyId: "LTAI", AccessKeySecret: secrets.kept }) }),
  "an identity": () =>
    Response.json({ IdentityType: "RAMUser", AccountId: "1", Arn: "arn", PrincipalId: "2", RequestId: "R" }),
  "no answer": () => "disconnect"
}

const quoteOf = (request: HttpClientRequest.HttpClientRequest, url: string): string =>
  [
    url,
    JSON.stringify(request.headers),
    request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : "",
    ...Object.values(secrets)
  ].join(" ")

/** A client of the platform's own kind, with its spans; it complains with everything it was given. */
const hostile = (answer: Answer) =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request, url) => {
      const quoted = quoteOf(request, url.href)
      const given = answer(quoted)
      return given === "disconnect"
        ? Effect.fail(
          new HttpClientError.RequestError({
            request,
            reason: "Transport",
            description: quoted,
            cause: Object.assign(new Error(quoted), { code: secrets.kept.toUpperCase(), headers: request.headers })
          })
        )
        : Effect.succeed(HttpClientResponse.fromWeb(request, given))
    })
  )

/** The same below `fetch`, which makes the errors and the responses. */
const hostileFetch = (answer: Answer) =>
  FetchHttpClient.layer.pipe(Layer.provideMerge(Layer.succeed(FetchHttpClient.Fetch, (url, init) => {
    const quoted = [url instanceof Request ? url.url : url, JSON.stringify(init?.headers), ...Object.values(secrets)]
      .join(" ")
    const given = answer(quoted)
    return given === "disconnect" ? Promise.reject(new TypeError(quoted)) : Promise.resolve(given)
  })))

const key = { provider: "test", accessKeyId: "LTAI", accessKeySecret: Redacted.make(secrets.accessKey) }
const session = (token: string) =>
  Credentials.StsToken({ ...key, securityToken: Redacted.make(token), expiration: Option.none() })

/** Another session once the first was refused. */
const renewing = Layer.sync(CredentialProvider.CredentialProvider, () => {
  let refused = false
  return {
    name: "test",
    get: Effect.sync(() => session(refused ? secrets.renewed : secrets.securityToken)),
    invalidate: () => Effect.sync(() => void (refused = true))
  }
})

const providers = {
  "an AccessKey": TestCredentialProvider.layer(Credentials.AccessKey(key)),
  "a session": renewing,
  "a bearer token": TestCredentialProvider.layer(
    Credentials.BearerToken({ provider: "test", bearerToken: Redacted.make(secrets.bearerToken) })
  ),
  "a token that no header can carry": TestCredentialProvider.layer(session(`${secrets.securityToken}\n`))
}

const request = HttpClientRequest.post("https://ecs.aliyuncs.com/path", {
  headers: { "x-acs-action": "A", "x-acs-version": "V" }
})

/** Everything that a caller may do with the client, each in a way of its own. */
type Services =
  | SignedHttpClient.SignedHttpClient
  | CredentialProvider.CredentialProvider
  | HttpClient.HttpClient
  | Scope.Scope

const uses: Readonly<Record<string, Effect.Effect<unknown, unknown, Services>>> = {
  "the response, printed": Effect.flatMap(execute(request), (response) => {
    const text = renderValue(response)
    return Effect.as(Effect.log("response", response, text), [response, text])
  }),
  "the response, read": Effect.flatMap(
    execute(request),
    (response) =>
      Effect.all([Effect.exit(response.text), Effect.exit(response.json)]).pipe(
        Effect.map((exits) => exits.filter(Exit.isFailure)),
        Effect.tap((failures) => Effect.log("failures", ...failures)),
        Effect.map((failures) => [failures, response])
      )
  ),
  "the response, streamed": Effect.flatMap(execute(request), (response) => Stream.runDrain(response.stream)),
  "a filter by status": Effect.flatMap(
    SignedHttpClient.SignedHttpClient,
    (client) => HttpClient.filterStatusOk(client).execute(request)
  ),
  "a typed call": OpenApi.call({
    endpoint: "ecs.aliyuncs.com",
    action: "A",
    version: "V",
    form: { Secret: Redacted.make(secrets.parameter) },
    schema: Schema.Struct({ a: Schema.Number })
  }),
  "a typed call with a secret in its query": OpenApi.call({
    endpoint: "ecs.aliyuncs.com",
    action: "A",
    version: "V",
    parameters: { Account: { Password: Redacted.make(secrets.parameter) } },
    schema: Schema.Struct({ a: Schema.Number })
  }),
  "the caller's identity": CallerIdentity.get(),
  "the guard": Layer.build(CallerIdentity.guard({ accountId: "9" })),
  "a secret of KMS": Effect.gen(function*() {
    const source = yield* CredentialProvider.CredentialProvider
    const provider = yield* KmsSecret.make({ source, secretName: "s", region: "r", timeout: 1, connectTimeout: 500 })
    return [yield* provider.get, provider]
  })
}

describe("no secret shows", () => {
  for (const [what, answer] of Object.entries(answers)) {
    it.scopedLive(`when the service answers with ${what}`, () =>
      Effect.gen(function*() {
        for (const [who, provider] of Object.entries(providers)) {
          // Nothing is sent with it, so that it is all the same what would be answered.
          if (who === "a token that no header can carry" && what !== "no answer") continue
          const isSession = who === "a session"
          const networks = { any: hostile(answer), ...(isSession ? { fetch: hostileFetch(answer) } : {}) }
          for (const [client, network] of Object.entries(networks)) {
            const Test = Layer.provideMerge(SignedHttpClient.layer(), Layer.mergeAll(provider, network, noVariables))
            for (const [use, effect] of Object.entries(uses)) {
              // It waits between its tries.
              if (use === "a secret of KMS" && !(isSession && client === "any")) continue
              const text = yield* renderings(effect).pipe(Effect.provide(Test))
              assert.deepStrictEqual(leaks(text), [], `${use} of ${who} over ${client}`)
            }
          }
        }
      }), 60_000)
  }
})

describe("the detector", () => {
  it.scopedLive("finds the secrets in what an ordinary client shows of the same request", () =>
    Effect.gen(function*() {
      const signed = HttpClientRequest.setHeaders(request, { "x-acs-security-token": secrets.securityToken })
      const plain = Effect.flatMap(HttpClient.HttpClient, (client) => client.execute(signed))
      for (const what of ["an identity", "no answer"]) {
        const text = yield* renderings(plain).pipe(Effect.provide(hostile(answers[what]!)))
        assert.isNotEmpty(leaks(text), what)
      }
    }))
})
