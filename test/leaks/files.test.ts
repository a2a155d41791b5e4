/**
 * No error, log line, span or metric shows a secret of `config.json`, whatever the servers of a login answer and for
 * whatever reason the file cannot be written.
 */
import type { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { CliProfile } from "effect-alicloud-credentials"
import { defaults } from "../support/cloud.ts"
import { configOf, type Fields, pathIn, withHome, writeConfig } from "../support/configFiles.ts"
import { failingCall, faultyFiles } from "../support/faultyFiles.ts"
import { bodyOf, leakDetector, quotingHttp, secretOf } from "../support/leaks.ts"
import { renderings } from "../support/renderings.ts"
import { logHealth } from "../support/watched.ts"

const secrets = {
  // Without digits, so that they are hidden because they are known, and not because they look like secrets.
  access: "canary-access-token-abcdefghij",
  refresh: "canary-refresh-token-abcdefghij",
  sso: "canary-sso-token-abcdefghij",
  stored: secretOf("stored-secret"),
  storedToken: secretOf("stored-token"),
  issuedAccess: secretOf("issued-access"),
  issuedRefresh: secretOf("issued-refresh"),
  issuedSecret: secretOf("issued-secret"),
  issuedToken: secretOf("issued-token"),
  argument: "canary-argument-0123456789"
}

const leaks = leakDetector(secrets)

const secretProfiles: ReadonlyArray<Fields> = [
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

const issuedFields = {
  AccessKeyId: "STS.Issued",
  AccessKeySecret: secrets.issuedSecret,
  SecurityToken: secrets.issuedToken,
  Expiration: "2100-01-01T00:00:00Z"
}

const tokens = { access_token: secrets.issuedAccess, refresh_token: secrets.issuedRefresh, expires_in: 3600 }

const everything = { ...issuedFields, ...tokens, CloudCredential: issuedFields, Credentials: issuedFields }

type LoginReply = readonly [status: number, body: unknown]

const replies: Readonly<Record<string, (quoted: string, path: string) => LoginReply | "disconnect">> = {
  "valid tokens and sessions": () => [200, everything],
  "a success that quotes the request": (quoted) => [200, quoted],
  "an error that quotes the request": (quoted) => [
    400,
    { error: "invalid_grant", error_description: quoted, ErrorCode: "X", ErrorMessage: quoted, requestId: quoted }
  ],
  "a refusal that quotes the encoded request": (quoted) => {
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
  "tokens, and then close the connection": (_, path) => path === "/v1/token" ? [200, tokens] : "disconnect",
  "tokens, and then refuse them": (quoted, path) =>
    path === "/v1/token" ? [200, tokens] : [401, { error: "invalid_token", error_description: quoted }],
  "fields of the wrong type": () => [
    200,
    {
      access_token: [secrets.issuedAccess],
      refresh_token: { a: secrets.issuedRefresh },
      expires_in: secrets.issuedToken,
      CloudCredential: { AccessKeySecret: [secrets.issuedSecret], Expiration: secrets.issuedToken }
    }
  ],
  "an expired session": () => {
    const expired = { ...issuedFields, Expiration: "1999-01-01T00:00:00Z" }
    return [200, { ...tokens, ...expired, CloudCredential: expired, Credentials: expired }]
  },
  "a closed connection": () => "disconnect"
}

const quotingLogin = quotingHttp(
  // Secrets come first, because messages are cut after some 200 characters.
  (request, url) => {
    const body = bodyOf(request)
    return [request.headers["authorization"], body.slice(body.indexOf("canary")), url.href].join(" ").trim()
  },
  secrets.argument
)

const hostileLogin = (reply: (quoted: string, path: string) => LoginReply | "disconnect") =>
  quotingLogin((quoted, url) => {
    const given = reply(quoted, url.pathname)
    if (given === "disconnect") return given
    const [status, body] = given
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status })
  })

const disks: Readonly<Record<string, Partial<FileSystem.FileSystem>>> = {
  "a disk that works": {},
  "a folder that is not writable": { open: failingCall("open", "PermissionDenied") },
  "a file that cannot be replaced": { rename: failingCall("rename", "Unknown") }
}

const use = (profile: string) =>
  Effect.scoped(Effect.gen(function*() {
    const provider = yield* CliProfile.make({ profile })
    const first = yield* Effect.exit(provider.get)
    yield* logHealth(provider)
    if (first._tag === "Success") yield* provider.invalidate(first.value)
    yield* logHealth(provider)
    yield* Effect.exit(provider.get)
    yield* logHealth(provider)
    return yield* first
  }))

describe("no secret is shown", () => {
  for (const [what, reply] of Object.entries(replies)) {
    it.live(`when servers answer with ${what}`, () =>
      withHome((home) =>
        Effect.gen(function*() {
          // Nothing is stored in these cases, so the disk does not matter.
          for (const [disk, faults] of Object.entries(disks).slice(0, /close/.test(what) ? 1 : undefined)) {
            yield* writeConfig(home, configOf(secretProfiles))
            const texts = yield* Effect.forEach(secretProfiles, ({ name }) => renderings(use(String(name))), {
              concurrency: "unbounded"
            }).pipe(
              Effect.provide([hostileLogin(reply), faultyFiles(() => faults)])
            )
            assert.deepStrictEqual(leaks(texts.join("\n")), [], disk)
            assert.notInclude(texts.join("\n"), "STS.Stored", disk)
            if (what === "valid tokens and sessions" && disk !== "a disk that works") {
              assert.include(texts.join("\n"), "could not be stored")
            }
          }
        })
      ))
  }

  it.live("when the file becomes invalid while it is in use", () =>
    withHome((home) =>
      Effect.gen(function*() {
        for (const [name, damage] of Object.entries(damages)) {
          yield* writeConfig(home, configOf(secretProfiles))
          const text = yield* renderings(Effect.scoped(Effect.gen(function*() {
            const provider = yield* CliProfile.make({ profile: "works" })
            const first = yield* provider.get
            yield* writeConfig(home, damage(configOf(secretProfiles)))
            yield* provider.invalidate(first)
            const second = yield* Effect.exit(provider.get)
            yield* logHealth(provider)
            return yield* second
          }))).pipe(Effect.provide(hostileLogin(() => [200, everything])))
          assert.include(text, pathIn(home), name)
          assert.deepStrictEqual(leaks(text), [], name)
        }
      })
    ))
})

const damages: Readonly<Record<string, (text: string) => string>> = {
  "cut short": (text) => text.slice(0, text.indexOf("0123456789") + 15),
  "with an extra comma": (text) => text.replaceAll("\"mode\"", ",\"mode\""),
  "with another mode": (text) => text.replaceAll("\"OAuth\"", "\"RsaKeyPair\""),
  "with tokens that are numbers": (text) =>
    text.replaceAll(/"oauth_access_token": "[^"]*"/g, "\"oauth_access_token\": 5"),
  "with names that are secrets": (text) => text.replaceAll(/"name": "[^"]*"/g, "\"name\": [1]")
}

it("the detector of leaks finds a secret", () => {
  assert.isNotEmpty(leaks(`x ${secrets.refresh} y`))
  assert.isNotEmpty(leaks(configOf(secretProfiles)))
})
