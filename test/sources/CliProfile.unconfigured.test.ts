/**
 * What the CLI leaves before a login or after one: no profiles, no mode, no expiration, no token file. And fields that
 * nobody knows.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, LogLevel } from "effect"
import { CredentialProvider, DefaultChain } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import * as cliProfile from "../../src/internal/profile/cliProfile.ts"
import { failureOf, getProfile } from "../support/cliProfile.ts"
import { defaults, withCloud } from "../support/cloud.ts"
import {
  cloudSsoFields,
  configOf,
  type Fields,
  keyFields,
  pathIn,
  roleFields,
  withHome,
  writeConfig
} from "../support/configFiles.ts"
import { canary } from "../support/leaks.ts"
import { logs } from "../support/logs.ts"
import { machine } from "../support/machine.ts"
import { memoryFiles } from "../support/memoryFiles.ts"
import { variables } from "../support/variables.ts"

/** What `aliyun configure` writes if it is not finished. */
const empty = { name: "default", mode: "", output_format: "json", language: "en", retry_timeout: 10, region_id: "cn-x" }

const unfinished: ReadonlyArray<readonly [string, string, string]> = [
  ["nothing", "{}", "no profiles"],
  ["no profiles but a current one", `{"current": "default", "meta_path": ""}`, "no profiles"],
  ["an empty list of profiles", `{"current": "default", "profiles": [], "x": 1}`, "no profiles"],
  ["null for profiles", `{"profiles": null}`, "no profiles"],
  ["a profile without mode and keys", configOf([empty]), `profile "default": no mode`],
  [
    "a profile whose fields are empty",
    configOf([{ name: "default", access_key_id: "", sts_token: null, cloud_sso_access_token_expire: 0 }]),
    `profile "default": no mode`
  ]
]

describe("a config.json with", () => {
  it.effect.each(unfinished)("%s is not configured", ([, text, reason]) =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, text)
        const error = yield* failureOf()
        assert.strictEqual(
          error.message.replace(/:\d+: /, ": "),
          `cli_profile: not configured (${pathIn(home)}: ${reason})\n  fix: run: aliyun configure --profile default`
        )
      })
    ).pipe(withCloud))

  it.effect.each(unfinished)("%s does not end the search of the strict chain", ([, text]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* CredentialProvider.get).provider, "profile/bearer")
    }).pipe(Effect.provide(DefaultChain.layerStrict.pipe(Layer.provide(machine(memoryFiles({
      "/home/me/.aliyun/config.json": text,
      "/home/me/.alibabacloud/credentials.ini": "[default]\ntype=bearer\nbearer_token=t"
    })))))))

  it.effect.each(unfinished)(
    "%s is misconfigured if an option names it",
    ([, text]) =>
      withHome((home) =>
        Effect.gen(function*() {
          yield* writeConfig(home, text)
          assert.strictEqual((yield* failureOf({ file: pathIn(home) }))._tag, "CredentialsMisconfigured")
        })
      ).pipe(withCloud)
  )

  it.effect("a profile without mode and keys is misconfigured if an option names the profile", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([empty]))
        assert.strictEqual((yield* failureOf({ profile: "default" }))._tag, "CredentialsMisconfigured")
        const optional = yield* Effect.flip(
          Effect.flatMap(cliProfile.make({ profile: "default", optional: true }), (provider) => provider.get)
        )
        assert.strictEqual(optional._tag, "CredentialsNotConfigured")
      })
    ).pipe(withCloud))

  it.effect.each<[string, string, string]>([
    ["a misspelled list", `{"Profiles": [{"name": "p"}]}`, "profiles is missing"],
    ["something else", `{"access_key_id": "${canary}"}`, "profiles is missing"],
    ["a list of the wrong type", `{"profiles": {}}`, "profiles is not a list"]
  ])("%s is misconfigured", ([, text, reason]) =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, text)
        assert.include((yield* failureOf()).message, `misconfigured (${pathIn(home)}: ${reason})`)
      })
    ).pipe(withCloud))
})

describe("a profile without mode", () => {
  const modes = "AK, StsToken, RamRoleArn, RamRoleArnWithRoleName, EcsRamRole, OIDC, CredentialsURI, BearerToken, " +
    "CloudSSO, OAuth, External, ChainableRamRoleArn"
  const session = { ...keyFields, sts_token: "t" }
  const roleArn = { ram_role_arn: defaults.roleArn }

  it.effect.each<[string, Fields]>([
    ["AK", { ...keyFields, expired_seconds: 900 }],
    ["AK", { mode: "", access_key_secret: "s" }],
    ["StsToken", session],
    ["RamRoleArn", { ...session, ...roleFields }],
    ["RamRoleArnWithRoleName", { ...roleArn, ram_role_name: "r" }],
    ["EcsRamRole", { ram_role_name: "r" }],
    ["OIDC", { ...roleArn, oidc_provider_arn: "p" }],
    ["ChainableRamRoleArn", { ...roleArn, source_profile: "p" }],
    ["CredentialsURI", { credentials_uri: "http://u" }],
    ["BearerToken", { bearer_token: "b" }],
    ["CloudSSO", { ...session, cloud_sso_sign_in_url: "https://u" }],
    ["OAuth", { ...session, oauth_refresh_token: "r" }],
    ["External", { ...session, process_command: "p" }]
  ])("names %s if its fields suggest it", ([mode, fields]) =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([{ name: "p", ...fields }]))
        const error = yield* failureOf()
        assert.strictEqual(
          error.message,
          `cli_profile: misconfigured (${pathIn(home)}:4: profile "p": mode: missing)\n  fix: add "mode": "${mode}"`
        )
      })
    ).pipe(withCloud))

  it.effect("names the modes if its fields suggest none, or if it is not text", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([{ name: "p", ram_role_arn: defaults.roleArn }]))
        assert.include((yield* failureOf()).message, `mode: missing)\n  fix: add "mode": one of ${modes}`)
        yield* writeConfig(home, configOf([{ name: "p", mode: 5, ...keyFields }]))
        assert.include((yield* failureOf()).message, `mode: not text)\n  fix: write "mode": "AK"`)
      })
    ).pipe(withCloud))
})

describe("a profile of mode", () => {
  const oidcFields = { name: "p", mode: "OIDC", ...roleFields, oidc_provider_arn: defaults.oidcProviderArn }

  it.effect.each([undefined, "", " "])(
    "OIDC with token file '%s' takes the file of the variable",
    (given) =>
      withHome((home) =>
        Effect.gen(function*() {
          yield* writeConfig(home, configOf([{ ...oidcFields, oidc_token_file: given }]))
          const environment = variables({ HOME: home, ALIBABA_CLOUD_OIDC_TOKEN_FILE: `${home}/oidc-token` })
          const credentials = yield* Effect.provide(getProfile(), environment)
          assert.strictEqual(credentials.provider, "cli_profile/oidc_role_arn")
        })
      ).pipe(withCloud)
  )

  it.effect("OIDC names the variable if there is no token file", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([oidcFields]))
        assert.strictEqual(
          (yield* failureOf()).message,
          `cli_profile/oidc_role_arn: misconfigured (${pathIn(home)}:4: profile "p": ` +
            "oidc_token_file is missing, and ALIBABA_CLOUD_OIDC_TOKEN_FILE is not set)"
        )
      })
    ).pipe(withCloud))

  it.effect("CloudSSO with expiry 0 asks for a login without a request", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([{ name: "s", ...cloudSsoFields, cloud_sso_access_token_expire: 0 }]))
        const error = yield* failureOf()
        assert.strictEqual(
          error.message,
          "cli_profile/cloud_sso: login required (the access token is stored without an expiration)\n" +
            "  fix: run: aliyun configure --mode CloudSSO --profile s"
        )
        assert.strictEqual(yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.count()), 0)
      })
    ).pipe(withCloud))
})

describe("a field of a profile that nobody knows", () => {
  const role = { name: "p", mode: "RamRoleArn", ...keyFields, ...roleFields }

  const logged = (profiles: ReadonlyArray<Fields>, level = LogLevel.Warning) =>
    withHome((home) =>
      Effect.gen(function*() {
        const { layer, lines } = logs(level)
        yield* writeConfig(home, configOf(profiles))
        yield* Effect.provide(getProfile(), layer)
        assert.notInclude(lines.join("\n"), canary)
        return lines.map((line) => line.replaceAll(pathIn(home), "FILE"))
      })
    ).pipe(withCloud)

  it.effect("is a warning if it looks like a known one", () =>
    Effect.gen(function*() {
      const on = { ...role, mode: "ChainableRamRoleArn", name: "r", source_profile: "p", stsregion: "x" }
      assert.deepStrictEqual(yield* logged([{ ...on, flavor: "x" }, { ...role, polciy: canary }]), [
        `WARN FILE:4: profile "r": stsregion is unknown (did you mean sts_region?), and ignored`,
        `WARN FILE:16: profile "p": polciy is unknown (did you mean policy?), and ignored`
      ])
    }))

  it.effect("is a debug line otherwise, since newer tools add fields", () =>
    Effect.gen(function*() {
      const profiles = [{ ...role, flavor: canary, [canary]: { kept: 1 } }]
      assert.deepStrictEqual(yield* logged(profiles), [])
      assert.include(
        yield* logged(profiles, LogLevel.Debug),
        `DEBUG FILE:4: profile "p": unknown fields are ignored: flavor, a name that cannot be shown`
      )
    }))

  it.effect("is not one of those that the CLI writes", () =>
    Effect.gen(function*() {
      const names = "sts_expiration private_key key_pair_name verified region_id output_format language site " +
        "read_timeout retry_timeout connect_timeout retry_count oauth_refresh_token_expire endpoint endpoint_type " +
        "external_account_type auto_plugin_install auto_plugin_install_enable_pre bearer_token_header_key " +
        "access_token cloud_sso_access_token_expire oidc_token_file credentials_uri process_command duration_seconds"
      const fields = Object.fromEntries(names.split(" ").map((name) => [name, "x"]))
      const lines = yield* logged([{ ...role, ...fields }], LogLevel.Debug)
      assert.deepStrictEqual(lines.filter((line) => line.includes("unknown")), [])
    }))

  it.effect("is named by the error if the known field is missing", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([{ name: "p", mode: "AK", access_key_id: "i", acces_key_secret: canary }]))
        assert.include(
          (yield* failureOf()).message,
          "access_key_secret is missing; acces_key_secret is unknown)\n  fix: rename acces_key_secret to access_key_secret"
        )
      })
    ).pipe(withCloud))
})
