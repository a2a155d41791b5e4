/**
 * Each mode of `config.json`, alone and as the source of a chained role, against the local cloud.
 */
import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { CliProfile, type Credentials } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { defaults } from "../support/cloud.ts"
import {
  configOf,
  type Fields,
  profileIn,
  profilesIn,
  readConfig,
  withHome,
  writeConfig
} from "../support/configFiles.ts"
import { CloudServer } from "../support/server.ts"

const modes = Object.keys(profilesIn(""))

const innerNames: Readonly<Record<string, string>> = {
  AK: "static_ak",
  StsToken: "static_sts",
  RamRoleArn: "ram_role_arn/static_ak",
  EcsRamRole: "ecs_ram_role",
  OIDC: "oidc_role_arn",
  RamRoleArnWithRoleName: "ram_role_arn/ecs_ram_role",
  CredentialsURI: "credential_uri",
  CloudSSO: "cloud_sso",
  OAuth: "oauth",
  External: "external"
}

/** A session of the cloud, in the fields that a program prints and a profile of mode StsToken contains. */
const issuedSession = Effect.gen(function*() {
  const provider = yield* CliProfile.make({ profile: "CredentialsURI" })
  const credentials = yield* provider.get
  assert.strictEqual(credentials._tag, "StsToken")
  const { accessKeyId, accessKeySecret, securityToken } = credentials as Credentials.StsToken
  return {
    mode: "StsToken",
    access_key_id: accessKeyId,
    access_key_secret: Redacted.value(accessKeySecret),
    sts_token: Redacted.value(securityToken)
  }
})

/** A home folder with a profile of each mode, and for each of them one of mode ChainableRamRoleArn that uses it. */
const withAllModes = <A, E, R>(use: (home: string) => Effect.Effect<A, E, R>) =>
  withHome((home) =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const plain = Object.entries(profilesIn(home)).map(([name, fields]) => ({ name, ...fields }))
      yield* writeConfig(home, configOf(plain))
      const session = yield* Effect.scoped(issuedSession)
      yield* files.writeFileString(
        `${home}/printed.json`,
        JSON.stringify({ ...session, expiration: "2100-01-01T00:00:00Z" })
      )
      const bases = [...plain, { name: "StsToken", ...session }]
      const chained = bases.map(({ name }) => ({
        name: `on ${name}`,
        mode: "ChainableRamRoleArn",
        ram_role_arn: defaults.otherRoleArn,
        ram_session_name: "chained",
        source_profile: name
      }))
      yield* writeConfig(home, configOf([...bases, ...chained]))
      return yield* use(home)
    })
  )

const isAccepted = (credentials: Credentials.Credentials) =>
  Effect.gen(function*() {
    const cloud = yield* LocalCloud.LocalCloud
    const issued = yield* cloud.secrets
    assert.include(
      issued,
      Redacted.value(credentials._tag === "BearerToken" ? credentials.bearerToken : credentials.accessKeySecret)
    )
  })

describe("a profile of mode", () => {
  it.effect.each([...modes, "StsToken"])(
    "%s gives credentials that work",
    (mode) =>
      withAllModes(() =>
        Effect.gen(function*() {
          const provider = yield* CliProfile.make({ profile: mode })
          assert.strictEqual(provider.name, "cli_profile")
          const credentials = yield* provider.get
          assert.strictEqual(credentials.provider, `cli_profile/${innerNames[mode]}`)
          assert.strictEqual(provider.name, `cli_profile/${innerNames[mode]}`)
          assert.strictEqual(credentials._tag, mode === "AK" ? "AccessKey" : "StsToken")
          yield* isAccepted(credentials)
          assert.strictEqual(yield* provider.get, credentials, "the second get is cached")
        })
      ).pipe(Effect.provide(LocalCloud.layer()))
  )

  it.effect.each([...modes, "StsToken"])(
    "%s can be the source of a chained role",
    (mode) =>
      withAllModes(() =>
        Effect.gen(function*() {
          const cloud = yield* LocalCloud.LocalCloud
          const provider = yield* CliProfile.make({ profile: `on ${mode}` })
          const credentials = yield* provider.get
          assert.strictEqual(credentials.provider, `cli_profile/ram_role_arn/${innerNames[mode]}`)
          yield* isAccepted(credentials)
          const last = (yield* cloud.requests).at(-1)
          assert.strictEqual(last?.operation, "AssumeRole")
          assert.deepInclude(last?.params, { RoleArn: defaults.otherRoleArn, RoleSessionName: "chained" })
        })
      ).pipe(Effect.provide(LocalCloud.layer()))
  )
})

describe("the file", () => {
  const stored = (mode: string, test: (before: string, after: string) => void) =>
    withAllModes((home) =>
      Effect.gen(function*() {
        const before = yield* readConfig(home)
        // The renewed login belongs to the profile at the end of the chain.
        const provider = yield* CliProfile.make({ profile: `on ${mode}` })
        yield* provider.get
        test(before, yield* readConfig(home))
      })
    ).pipe(Effect.provide(LocalCloud.layer()))

  const others = (text: string, mode: string) => {
    const file = JSON.parse(text) as { readonly profiles: ReadonlyArray<Fields> }
    return { ...file, profiles: file.profiles.filter((profile) => profile["name"] !== mode) }
  }

  it.effect("gets the renewed tokens and the session of OAuth", () =>
    stored("OAuth", (before, after) => {
      assert.deepStrictEqual(others(after, "OAuth"), others(before, "OAuth"))
      const profile = profileIn(after, "OAuth") ?? {}
      assert.deepStrictEqual(Object.keys(profile), [
        "name",
        "mode",
        "oauth_site_type",
        "oauth_refresh_token",
        "oauth_access_token",
        "oauth_access_token_expire",
        "access_key_id",
        "access_key_secret",
        "sts_token",
        "sts_expiration"
      ])
      assert.notStrictEqual(profile["oauth_refresh_token"], defaults.oauthRefreshToken)
      assert.strictEqual(profile["oauth_access_token_expire"], 3600)
      assert.strictEqual(profile["sts_expiration"], 3600)
    }))

  it.effect.each(["CloudSSO", "External"])("gets the session of %s", (mode) =>
    stored(mode, (before, after) => {
      assert.deepStrictEqual(others(after, mode), others(before, mode))
      const { access_key_id, access_key_secret, sts_expiration, sts_token, ...rest } = profileIn(after, mode) ?? {}
      assert.deepStrictEqual(rest, profileIn(before, mode))
      assert.match(String(access_key_id), /^STS/)
      assert.isString(access_key_secret)
      assert.isString(sts_token)
      assert.strictEqual(sts_expiration, mode === "CloudSSO" ? 3600 : Date.UTC(2100, 0, 1) / 1000)
    }))

  it.effect.each(["AK", "OIDC", "RamRoleArn", "EcsRamRole", "CredentialsURI"])(
    "is not changed by %s",
    (mode) => stored(mode, (before, after) => assert.strictEqual(after, before))
  )
})

describe("a chained role over a real server", () => {
  it.live.each(["on RamRoleArn", "on CloudSSO", "on OAuth", "on CredentialsURI"])(
    "%s gives credentials that work",
    (profile) =>
      withAllModes(() =>
        Effect.gen(function*() {
          const provider = yield* CliProfile.make({ profile })
          yield* isAccepted(yield* provider.get)
        })
      ).pipe(Effect.provide(CloudServer))
  )
})
