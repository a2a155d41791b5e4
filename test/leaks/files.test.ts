/**
 * No error, log line, span or metric shows a secret of `config.json`, whatever the servers of a login answer and however
 * the file cannot be written.
 */
import { type FileSystem, HttpClient, HttpClientError, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { CliProfile } from "effect-alicloud-credentials"
import { defaults } from "../support/cloud.ts"
import { configOf, type Fields, pathIn, withHome, writeConfig } from "../support/configFiles.ts"
import { failingCall, faultyFiles } from "../support/faultyFiles.ts"
import { renderings } from "../support/renderings.ts"

const secret = (name: string) => `canary-${name}/+=~%41&-${"0123456789".repeat(2)}`

const secrets = {
  // Without digits, so that these do not look like secrets to who does not know them.
  access: "canary-access-token-abcdefghij",
  refresh: "canary-refresh-token-abcdefghij",
  sso: "canary-sso-token-abcdefghij",
  stored: secret("stored-secret"),
  storedToken: secret("stored-token"),
  issuedAccess: secret("issued-access"),
  issuedRefresh: secret("issued-refresh"),
  issuedSecret: secret("issued-secret"),
  issuedToken: secret("issued-token"),
  argument: "canary-argument-0123456789"
}

const traces = Object.values(secrets).flatMap((value) =>
  [value, encodeURIComponent(value), encodeURIComponent(encodeURIComponent(value))].flatMap(
    (text) => [text.slice(0, 18), text.slice(-14)]
  )
)

const leaks = (text: string) => traces.filter((trace) => text.includes(trace))

const profiles: ReadonlyArray<Fields> = [
  { name: "due", mode: "OAuth", oauth_access_token: secrets.access, oauth_refresh_token: secrets.refresh },
  {
    name: "works",
    mode: "OAuth",
    oauth_access_token: secrets.access,
    oauth_refresh_token: secrets.refresh,
    oauth_access_token_expire: 9_999_999_999
  },
  { name: "unrenewable", mode: "OAuth", oauth_access_token: secrets.access },
  {
    name: "sso",
    mode: "CloudSSO",
    cloud_sso_sign_in_url: defaults.cloudSsoSignInUrl,
    cloud_sso_account_id: "1",
    cloud_sso_access_config: "ac",
    access_token: secrets.sso
  },
  { name: "role", mode: "ChainableRamRoleArn", ram_role_arn: defaults.roleArn, source_profile: "works" },
  { name: "program", mode: "External", process_command: `sh -c 'echo ${secrets.issuedSecret}' ${secrets.argument}` }
].map((profile) => ({
  ...profile,
  access_key_id: "STS.Stored",
  access_key_secret: secrets.stored,
  sts_token: secrets.storedToken,
  sts_expiration: 1
}))

const session = {
  AccessKeyId: "STS.Issued",
  AccessKeySecret: secrets.issuedSecret,
  SecurityToken: secrets.issuedToken,
  Expiration: "2100-01-01T00:00:00Z"
}

const tokens = { access_token: secrets.issuedAccess, refresh_token: secrets.issuedRefresh, expires_in: 3600 }

const everything = { ...session, ...tokens, CloudCredential: session, Credentials: session }

type Reply = readonly [status: number, body: unknown]

const replies: Readonly<Record<string, (quoted: string, path: string) => Reply | "disconnect">> = {
  "what they should": () => [200, everything],
  "the request": (quoted) => [200, quoted],
  "an error that quotes the request": (quoted) => [
    400,
    { error: "invalid_grant", error_description: quoted, ErrorCode: "X", ErrorMessage: quoted, requestId: quoted }
  ],
  "a refusal that quotes it encoded": (quoted) => {
    const text = encodeURIComponent(quoted)
    return [401, { error: "expired_token", error_description: text, ErrorCode: "X", ErrorMessage: text }]
  },
  "an error whose code is a secret": () => [
    403,
    {
      error: secrets.argument,
      ErrorCode: secrets.argument,
      refresh_token: secrets.argument,
      RequestId: secrets.argument
    }
  ],
  "tokens, and then nothing": (_, path) => path === "/v1/token" ? [200, tokens] : "disconnect",
  "tokens, and then a refusal": (quoted, path) =>
    path === "/v1/token" ? [200, tokens] : [401, { error: "invalid_token", error_description: quoted }],
  "fields of the wrong kind": () => [
    200,
    {
      access_token: [secrets.issuedAccess],
      refresh_token: { a: secrets.issuedRefresh },
      expires_in: secrets.issuedToken,
      CloudCredential: { AccessKeySecret: [secrets.issuedSecret], Expiration: secrets.issuedToken }
    }
  ],
  "a session that had ended": () => {
    const ended = { ...session, Expiration: "1999-01-01T00:00:00Z" }
    return [200, { ...tokens, ...ended, CloudCredential: ended, Credentials: ended }]
  },
  "no answer": () => "disconnect"
}

const hostile = (reply: (quoted: string, path: string) => Reply | "disconnect") =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request, url) => {
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
      // Secrets first, since messages are cut after some 200 characters.
      const quoted = [request.headers["authorization"], body.slice(body.indexOf("canary")), url.href].join(" ").trim()
      const given = reply(quoted, url.pathname)
      if (given === "disconnect") {
        const cause = Object.assign(new Error(quoted), { code: secrets.argument.toUpperCase() })
        return Effect.fail(
          new HttpClientError.RequestError({ request, reason: "Transport", cause, description: quoted })
        )
      }
      const text = typeof given[1] === "string" ? given[1] : JSON.stringify(given[1])
      return Effect.succeed(HttpClientResponse.fromWeb(request, new Response(text, { status: given[0] })))
    })
  )

const disks: Readonly<Record<string, Partial<FileSystem.FileSystem>>> = {
  "a disk that works": {},
  "a folder that takes no files": { writeFileString: failingCall("writeFileString", "PermissionDenied") },
  "a file that cannot be replaced": { rename: failingCall("rename", "Unknown") }
}

const use = (profile: string) =>
  Effect.scoped(Effect.gen(function*() {
    const provider = yield* CliProfile.make({ profile })
    const first = yield* Effect.exit(provider.get)
    if (first._tag === "Success") yield* provider.invalidate(first.value)
    yield* Effect.exit(provider.get)
    return yield* first
  }))

describe("no secret shows", () => {
  for (const [what, reply] of Object.entries(replies)) {
    it.live(`when servers answer with ${what}`, () =>
      withHome((home) =>
        Effect.gen(function*() {
          // Where there is nothing to store, one disk is as good as another.
          for (const [disk, faults] of Object.entries(disks).slice(0, /nothing|no answer/.test(what) ? 1 : undefined)) {
            yield* writeConfig(home, configOf(profiles))
            const texts = yield* Effect.forEach(profiles, ({ name }) => renderings(use(String(name))), {
              concurrency: "unbounded"
            }).pipe(
              Effect.provide([hostile(reply), faultyFiles(() => faults)])
            )
            assert.deepStrictEqual(leaks(texts.join("\n")), [], disk)
            assert.notInclude(texts.join("\n"), "STS.Stored", disk)
            if (what === "what they should" && disk !== "a disk that works") {
              assert.include(texts.join("\n"), "could not be stored")
            }
          }
        })
      ), 30_000)
  }

  it.live("of a file that breaks while it is in use", () =>
    withHome((home) =>
      Effect.gen(function*() {
        for (const [name, damage] of Object.entries(damages)) {
          yield* writeConfig(home, configOf(profiles))
          const text = yield* renderings(Effect.scoped(Effect.gen(function*() {
            const provider = yield* CliProfile.make({ profile: "works" })
            const first = yield* provider.get
            yield* writeConfig(home, damage(configOf(profiles)))
            yield* provider.invalidate(first)
            return yield* provider.get
          }))).pipe(Effect.provide(hostile(() => [200, everything])))
          assert.include(text, pathIn(home), name)
          assert.deepStrictEqual(leaks(text), [], name)
        }
      })
    ))
})

const damages: Readonly<Record<string, (text: string) => string>> = {
  "cut short": (text) => text.slice(0, text.indexOf("0123456789") + 15),
  "with a comma too many": (text) => text.replaceAll("\"mode\"", ",\"mode\""),
  "with another mode": (text) => text.replaceAll("\"OAuth\"", "\"RsaKeyPair\""),
  "with tokens that are numbers": (text) =>
    text.replaceAll(/"oauth_access_token": "[^"]*"/g, "\"oauth_access_token\": 5"),
  "with names that are secrets": (text) => text.replaceAll(/"name": "[^"]*"/g, "\"name\": [1]")
}

it("the detector finds a secret", () => {
  assert.isNotEmpty(leaks(`x ${secrets.refresh} y`))
  assert.isNotEmpty(leaks(configOf(profiles)))
})
