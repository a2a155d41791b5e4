/**
 * Nothing that callers of the signing client, of typed calls, or of services built on them can print shows a secret,
 * whatever a service answers. The server quotes everything it was sent, in every field and encoding.
 */
import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
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
import { bodyOf, leakDetector, quotingHttp, secretOf } from "../support/leaks.ts"
import { renderings, renderValue } from "../support/renderings.ts"
import { execute } from "../support/signedHttp.ts"
import { noVariables } from "../support/variables.ts"

const secrets = {
  accessKey: `${secretOf("access-key-secret")} with spaces 中`,
  securityToken: secretOf("security-token"),
  bearerToken: secretOf("bearer-token"),
  parameter: secretOf("parameter"),
  kept: secretOf("kept-in-kms"),
  renewed: secretOf("renewed-token")
}

const leaks = leakDetector(secrets)

type ServiceAnswer = (quoted: string) => Response | "disconnect"

const serviceAnswers: Readonly<Record<string, ServiceAnswer>> = {
  "a success that quotes the request": (quoted) => Response.json({ a: quoted }, { headers: { "x-quoted": "1" } }),
  "almost valid JSON": (quoted) =>
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
  "a refused signature and the string to sign": (quoted) =>
    Response.json({ Code: "SignatureDoesNotMatch", Message: `server string to sign is:${quoted}` }, { status: 400 }),
  "an error that quotes the encoded request": (quoted) =>
    Response.json({ Code: encodeURIComponent(quoted), Message: encodeURIComponent(quoted), RequestId: quoted }, {
      status: 400
    }),
  "an error that quotes the doubly encoded request": (quoted) =>
    Response.json({ Code: "X", Message: encodeURIComponent(encodeURIComponent(quoted)) }, { status: 400 }),
  "an error whose code is a secret": () =>
    Response.json({ Code: secrets.kept, RequestId: secrets.kept }, { status: 400 }),
  "an error that contains half a token": () =>
    Response.json({
      Code: "InvalidParameter",
      Message: `token ${secrets.securityToken.slice(0, 30)} ${secrets.bearerToken.slice(0, 30)}`
    }, { status: 400 }),
  "a code for refused credentials": (quoted) =>
    Response.json({ Code: "InvalidSecurityToken.Expired", Message: quoted }, { status: 403 }),
  "an error in XML": (quoted) => new Response(`<Code>${quoted}</Code><Message>${quoted}</Message>`, { status: 400 }),
  "an error of 200 KiB": (quoted) => new Response(quoted + " ".repeat(200 * 1024) + quoted, { status: 500 }),
  "an error whose body breaks off": (quoted) =>
    new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => {
          controller.enqueue(new TextEncoder().encode(quoted))
          controller.error(new Error(quoted))
        }
      }),
      { status: 500 }
    ),
  "a success whose body breaks off": (quoted) =>
    new Response(
      new ReadableStream<Uint8Array>({
        pull: (controller) => controller.error(new Error(quoted))
      })
    ),
  "throttling": (quoted) => new Response(quoted, { status: 429, headers: { "retry-after": "canary" } }),
  "a KMS secret of the wrong type": () => Response.json({ SecretData: [secrets.kept], RotationInterval: secrets.kept }),
  "a KMS secret that is not a key pair": () => Response.json({ SecretData: `not JSON: ${secrets.kept}` }),
  "a KMS secret": () =>
    Response.json({ SecretData: JSON.stringify({ AccessKeyId: "LTAI", AccessKeySecret: secrets.kept }) }),
  "a caller identity": () =>
    Response.json({ IdentityType: "RAMUser", AccountId: "1", Arn: "arn", PrincipalId: "2", RequestId: "R" }),
  "no answer": () => "disconnect"
}

const quoteOf = (request: HttpClientRequest.HttpClientRequest, url: string): string =>
  [
    url,
    JSON.stringify(request.headers),
    bodyOf(request),
    ...Object.values(secrets)
  ].join(" ")

/** A client of the platform, with its spans, whose errors quote everything it was given. */
const hostileService = quotingHttp((request, url) => quoteOf(request, url.href), secrets.kept)

/** The same as a `fetch` function, below the errors and responses of the platform. */
const hostileFetch = (answer: ServiceAnswer) =>
  FetchHttpClient.layer.pipe(Layer.provideMerge(Layer.succeed(FetchHttpClient.Fetch, (url, init) => {
    const quoted = [url instanceof Request ? url.url : url, JSON.stringify(init?.headers), ...Object.values(secrets)]
      .join(" ")
    const given = answer(quoted)
    return given === "disconnect" ? Promise.reject(new TypeError(quoted)) : Promise.resolve(given)
  })))

const shownKey = { provider: "test", accessKeyId: "LTAI", accessKeySecret: Redacted.make(secrets.accessKey) }
const sessionWith = (token: string) =>
  Credentials.StsToken({ ...shownKey, securityToken: Redacted.make(token), expiration: Option.none() })

/** Provides another session once the first is refused. */
const renewing = Layer.sync(CredentialProvider.CredentialProvider, () => {
  let refused = false
  return {
    name: "test",
    get: Effect.sync(() => sessionWith(refused ? secrets.renewed : secrets.securityToken)),
    invalidate: () => Effect.sync(() => void (refused = true))
  }
})

const providers = {
  "an AccessKey": TestCredentialProvider.layer(Credentials.AccessKey(shownKey)),
  "a session": renewing,
  "a bearer token": TestCredentialProvider.layer(
    Credentials.BearerToken({ provider: "test", bearerToken: Redacted.make(secrets.bearerToken) })
  ),
  "a token that is not allowed in a header": TestCredentialProvider.layer(sessionWith(`${secrets.securityToken}\n`))
}

const request = HttpClientRequest.post("https://ecs.aliyuncs.com/path", {
  headers: { "x-acs-action": "A", "x-acs-version": "V" }
})

/** The ways to use the client. */
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
  "a KMS secret": Effect.gen(function*() {
    const source = yield* CredentialProvider.CredentialProvider
    const provider = yield* KmsSecret.make({
      source,
      secretName: "s",
      region: "r",
      timeout: 1,
      connectTimeout: 500,
      refresh: { maxWait: "1 second" }
    })
    return [yield* provider.get, provider]
  })
}

describe("no secret is shown", () => {
  for (const [what, answer] of Object.entries(serviceAnswers)) {
    it.scopedLive(`when the service answers with ${what}`, () =>
      Effect.gen(function*() {
        for (const [who, provider] of Object.entries(providers)) {
          // This token is never sent, so the answer does not matter.
          if (who === "a token that is not allowed in a header" && what !== "no answer") continue
          const isSession = who === "a session"
          const networks = { any: hostileService(answer), ...(isSession ? { fetch: hostileFetch(answer) } : {}) }
          for (const [client, network] of Object.entries(networks)) {
            const Test = Layer.provideMerge(SignedHttpClient.layer(), Layer.mergeAll(provider, network, noVariables))
            for (const [use, effect] of Object.entries(uses)) {
              // KMS is slow here, because it pauses between its attempts.
              if (use === "a KMS secret" && !(isSession && client === "any")) continue
              const text = yield* renderings(effect).pipe(Effect.provide(Test))
              assert.deepStrictEqual(leaks(text), [], `${use} of ${who} over ${client}`)
            }
          }
        }
      }))
  }
})

describe("the detector of leaks", () => {
  it.scopedLive("finds the secrets that an ordinary client shows for the same request", () =>
    Effect.gen(function*() {
      const signed = HttpClientRequest.setHeaders(request, { "x-acs-security-token": secrets.securityToken })
      const plain = Effect.flatMap(HttpClient.HttpClient, (client) => client.execute(signed))
      for (const what of ["a caller identity", "no answer"]) {
        const text = yield* renderings(plain).pipe(Effect.provide(hostileService(serviceAnswers[what]!)))
        assert.isNotEmpty(leaks(text), what)
      }
    }))
})
