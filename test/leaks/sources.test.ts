/**
 * No error, log line, span, metric, `inspect`, JSON or stack shows a secret, whatever a server answers. Each source
 * calls a server that quotes everything it was sent, in every field and encoding, along with secrets of its own.
 */
import { FileSystem, HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { type Duration, Effect, Layer, Option, Redacted, TestClock } from "effect"
import {
  CredentialChain,
  CredentialProvider,
  Credentials,
  CredentialsUri,
  EcsRamRole,
  Environment,
  Explain,
  OidcRoleArn,
  RamRoleArn,
  StaticCredentials
} from "effect-alicloud-credentials"
import { bodyOf, leakDetector, quotingHttp, secretOf } from "../support/leaks.ts"
import { renderings, renderValue } from "../support/renderings.ts"
import { variables } from "../support/variables.ts"
import { logChanges, logHealth } from "../support/watched.ts"

const secret = (name: string) => secretOf(name, " ")

const secrets = {
  accessKey: secret("access-key-secret"),
  securityToken: secret("security-token"),
  oidc: `eyJ${secret("oidc-header").replaceAll(/[^\w-]/g, "")}.${"payload-canary-abcdefgh"}.${"signature-canary-xyz"}`,
  imdsToken: "canary-imds-token-0123456789",
  ticket: secret("uri-ticket"),
  password: "canary-password-0123456789",
  path: "canary-path-segment-0123456789",
  issuedSecret: secret("issued-secret"),
  issuedToken: secret("issued-token")
}

const leaks = leakDetector(secrets)

const issued = {
  AccessKeyId: "STS.Issued",
  AccessKeySecret: secrets.issuedSecret,
  SecurityToken: secrets.issuedToken,
  Expiration: "1970-01-01T01:00:00Z"
}

interface ServerAnswer {
  readonly status: number
  readonly body: string
  readonly headers?: Record<string, string>
}

const withSession = (session: unknown): string =>
  JSON.stringify({ Code: "Success", ...(session as object), Credentials: session, AssumedRoleUser: { Arn: "arn" } })

/** Answers of hostile and broken servers, which quote the request. */
const serverAnswers: Readonly<Record<string, (quoted: string) => ServerAnswer | "disconnect">> = {
  "text that quotes the request": (quoted) => ({ status: 200, body: quoted }),
  "almost valid JSON": (quoted) => ({
    status: 200,
    body: `{"AccessKeySecret": "${secrets.issuedSecret}", ${quoted}`
  }),
  "an error that quotes the request": (quoted) => ({
    status: 403,
    body: JSON.stringify({ Code: "NoPermission", Message: quoted, RequestId: "A-B" })
  }),
  "an error that quotes the encoded request": (quoted) => ({
    status: 400,
    body: JSON.stringify({ Code: "SignatureDoesNotMatch", Message: encodeURIComponent(quoted), RequestId: quoted })
  }),
  "an error that quotes the doubly encoded request": (quoted) => ({
    status: 400,
    body: JSON.stringify({ Code: "X", Message: encodeURIComponent(encodeURIComponent(quoted)), RequestId: "A" })
  }),
  "an error whose code is a secret": () => ({
    status: 400,
    body: JSON.stringify({ Code: secrets.imdsToken, Message: secrets.imdsToken, RequestId: secrets.imdsToken })
  }),
  "an error that contains half a token": () => ({
    status: 400,
    body: JSON.stringify({
      Code: "InvalidSecurityToken.Malformed",
      Message: `token ${secrets.securityToken.slice(0, 30)} ${secrets.oidc.slice(0, 30)} ${secrets.ticket.slice(0, 25)}`
    })
  }),
  "an error and issued keys": () => ({
    status: 200,
    body: JSON.stringify({ Code: "Failed", Message: `not ${secrets.issuedToken}`, ...issued })
  }),
  "a server error": (quoted) => ({
    status: 503,
    body: quoted,
    headers: { "retry-after": quoted.slice(0, 30) }
  }),
  "throttling": (quoted) => ({ status: 429, body: JSON.stringify({ Code: "Throttling.User", Message: quoted }) }),
  "a redirect": (quoted) => ({
    status: 302,
    body: quoted,
    headers: { location: `https://evil.example/?${encodeURIComponent(quoted)}` }
  }),
  "fields of the wrong type": () => ({
    status: 200,
    body: withSession({
      AccessKeyId: [secrets.issuedSecret],
      AccessKeySecret: { a: secrets.issuedSecret },
      SecurityToken: 1,
      Expiration: secrets.issuedToken
    })
  }),
  "missing fields": () => ({ status: 200, body: withSession({ AccessKeySecret: secrets.issuedSecret }) }),
  "an expired session": () => ({
    status: 200,
    body: withSession({ ...issued, Expiration: "1969-12-31T00:00:00Z" })
  }),
  "a valid session": () => ({ status: 200, body: withSession(issued) }),
  "no answer": () => "disconnect"
}

const quoting = quotingHttp(
  (request, url) => [url.href, JSON.stringify(request.headers), bodyOf(request), ...Object.values(secrets)].join(" "),
  secrets.imdsToken
)

const hostileServers = (answer: (quoted: string) => ServerAnswer | "disconnect") =>
  quoting((quoted, url) => {
    if (url.pathname === "/latest/api/token") return new Response(secrets.imdsToken)
    const given = answer(quoted)
    return given === "disconnect"
      ? given
      : new Response(given.body, { status: given.status, headers: given.headers ?? {} })
  })

const tokenFile = FileSystem.layerNoop({
  stat: () => Effect.succeed({ type: "File", size: FileSystem.Size(100) } as FileSystem.File.Info),
  readFileString: (path) => Effect.succeed(path.startsWith("/sys/") ? "" : secrets.oidc)
})

const roleArn = "acs:ram::1:role/r"
const secretKey = {
  provider: "static_ak",
  accessKeyId: "LTAI",
  accessKeySecret: Redacted.make(secrets.accessKey)
}
const keySource = StaticCredentials.layer(Credentials.AccessKey(secretKey))
const stsToken = StaticCredentials.layer(Credentials.StsToken({
  ...secretKey,
  securityToken: Redacted.make(secrets.securityToken),
  expiration: Option.none()
}))
const secretUri = `http://user:${secrets.password}@keys.example/${secrets.path}?ticket=${
  encodeURIComponent(secrets.ticket)
}`

const sources = {
  "ram_role_arn with an AccessKey": RamRoleArn.layer({ roleArn }).pipe(Layer.provide(keySource)),
  "ram_role_arn with an STS token": RamRoleArn.layer({ roleArn }).pipe(Layer.provide(stsToken)),
  "oidc_role_arn": OidcRoleArn.layer({ roleArn, oidcProviderArn: "p", oidcTokenFile: "/token" }),
  "ecs_ram_role": EcsRamRole.layer({ roleName: "web" }),
  "ecs_ram_role without a role name": EcsRamRole.layerEnv,
  "credentials_uri": CredentialsUri.layer({ uri: secretUri }),
  "credentials_uri from the environment": CredentialsUri.layerEnv
}

const links = Object.entries(sources).map(([name, source]) => CredentialChain.link(name, source)) as [
  CredentialChain.Named<HttpClient.HttpClient | FileSystem.FileSystem>
]

const explained = Effect.map(
  Explain.run(links, { all: true, identity: true }),
  (report) => ({ report, text: Explain.render(report), json: Explain.toJson(report) })
)

// Two fibers that move the test clock at once can set it back.
const clockTurn = Effect.unsafeMakeSemaphore(1)
const pass = (duration: Duration.DurationInput) => clockTurn.withPermits(1)(TestClock.adjust(duration))

/** A first get, a renewal that fails in the background, a get after the end, with the health after each, and changes. */
const live = Effect.scoped(Effect.gen(function*() {
  const provider = yield* CredentialProvider.CredentialProvider
  const get = Effect.zipLeft(Effect.exit(provider.get), logHealth(provider))
  yield* logHealth(provider)
  const first = yield* get
  if (first._tag === "Success") yield* logChanges(provider, { every: "20 minutes" })
  yield* pass("50 minutes")
  yield* get
  yield* pass("20 minutes")
  yield* get
  return yield* first
}))

/** Advances the test clock again and again: some pauses begin only after work in real time. */
const pushed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.raceFirst(
    effect,
    Effect.forever(
      Effect.zipRight(Effect.promise(() => new Promise((done) => setTimeout(done, 1))), pass("10 seconds"))
    )
  )

describe("no secret is shown", () => {
  for (const [what, answer] of Object.entries(serverAnswers)) {
    it.scoped(`when servers answer with ${what}`, () =>
      Effect.gen(function*() {
        const outside = Layer.mergeAll(
          hostileServers(answer),
          tokenFile,
          variables({ ALIBABA_CLOUD_CREDENTIALS_URI: secretUri })
        )
        for (const [name, source] of Object.entries(sources)) {
          yield* TestClock.setTime(0)
          const text = yield* renderings(pushed(live).pipe(Effect.provide(Layer.provideMerge(source, outside))))
          assert.deepStrictEqual(leaks(text), [], name)
          assert.include(text, "isUsable", name)
          // This answer is no list of roles.
          if (what === "a valid session" && name !== "ecs_ram_role without a role name") {
            assert.include(text, `"accessKeyId":"STS.Issued"`, name)
          }
        }
        const chain = CredentialChain.layer(
          Object.entries(sources).map(([name, source]) => CredentialChain.link(name, source)) as [CredentialChain.Named]
        )
        yield* TestClock.setTime(0)
        const text = yield* renderings(pushed(live).pipe(Effect.provide(Layer.provideMerge(chain, outside))))
        assert.deepStrictEqual(leaks(text), [], "chain")
        const report = yield* renderings(pushed(explained).pipe(Effect.provide(outside)))
        assert.include(report, "ecs_ram_role")
        assert.deepStrictEqual(leaks(report), [], "dry run")
      }))
  }

  it.effect("in errors about invalid options and variables", () =>
    Effect.gen(function*() {
      const cases = [
        Environment.layer.pipe(Layer.provide(variables({ ALIBABA_CLOUD_ACCESS_KEY_SECRET: secrets.accessKey }))),
        Environment.layer.pipe(Layer.provide(variables({ ALIBABA_CLOUD_SECURITY_TOKEN: secrets.securityToken }))),
        CredentialsUri.layerEnv.pipe(
          Layer.provide(variables({ ALIBABA_CLOUD_CREDENTIALS_URI: `ftp://${secrets.ticket}` }))
        ),
        CredentialsUri.layer({ uri: secrets.ticket }),
        StaticCredentials.layer(Credentials.AccessKey({ ...secretKey, accessKeyId: "" })),
        RamRoleArn.layer({
          roleArn: secrets.ticket,
          policy: secrets.ticket,
          externalId: secrets.ticket,
          roleSessionName: secrets.ticket
        }).pipe(
          Layer.provide(keySource)
        ),
        RamRoleArn.layer({ roleArn, sts: { endpoint: secrets.ticket } }).pipe(Layer.provide(keySource))
      ]
      for (const [index, layer] of cases.entries()) {
        const text = yield* renderings(
          Effect.provide(
            CredentialProvider.get,
            Layer.provide(layer, hostileServers(serverAnswers["a valid session"]!))
          )
        )
        assert.include(text, "CredentialsMisconfigured", `case ${index}`)
        assert.deepStrictEqual(leaks(text), [], `case ${index}`)
      }
    }))

  it("when credentials and providers are printed", () => {
    const values = [
      Credentials.AccessKey(secretKey),
      Credentials.StsToken({
        ...secretKey,
        securityToken: Redacted.make(secrets.securityToken),
        expiration: Option.none()
      }),
      Credentials.BearerToken({ provider: "bearer", bearerToken: Redacted.make(secrets.securityToken) })
    ]
    for (const value of values) {
      assert.deepStrictEqual(leaks(renderValue(value)), [])
      assert.deepStrictEqual(leaks(renderValue(CredentialProvider.succeed(value))), [])
    }
  })
})

describe("the detector of leaks", () => {
  it.effect("finds a secret in a foreign error, a log line, a span and a metric", () =>
    Effect.gen(function*() {
      const quoting = Effect.fail({ _tag: "Foreign", quoted: secrets.accessKey })
      assert.isNotEmpty(leaks(yield* renderings(quoting)))
      assert.isNotEmpty(leaks(yield* renderings(Effect.log(secrets.accessKey))))
      assert.isNotEmpty(leaks(yield* renderings(Effect.annotateCurrentSpan("a", secrets.accessKey))))
      assert.isNotEmpty(leaks(yield* renderings(Effect.withSpan(Effect.void, secrets.accessKey))))
      assert.isNotEmpty(leaks(yield* renderings(Effect.die(new Error("x", { cause: secrets.oidc })))))
      const traced = Effect.flatMap(HttpClient.HttpClient, (client) => client.get(secretUri))
      assert.isNotEmpty(
        leaks(yield* renderings(Effect.provide(traced, hostileServers(serverAnswers["a valid session"]!))))
      )
      assert.isEmpty(leaks(yield* renderings(Effect.log(Redacted.make(secrets.accessKey)))))
    }))
})
