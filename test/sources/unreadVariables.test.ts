/**
 * Variables of other tools, and misspelled ones: they are not read, but an error names those that are set.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import {
  CliProfile,
  CredentialProvider,
  CredentialsUri,
  DefaultChain,
  EcsRamRole,
  Environment,
  IniProfile,
  OidcRoleArn
} from "effect-alicloud-credentials"
import { canary } from "../support/leaks.ts"
import { machine } from "../support/machine.ts"
import { memoryFiles } from "../support/memoryFiles.ts"
import { broken } from "../support/providers.ts"
import { renderValue } from "../support/renderings.ts"
import type { Texts } from "../support/variables.ts"

/** Each of these variables is set, to a secret. */
const set = (...names: ReadonlyArray<string>): Texts => Object.fromEntries(names.map((name) => [name, canary]))

const failureOf = <E, R>(
  layer: Layer.Layer<CredentialProvider.CredentialProvider, E, R>,
  entries: Texts,
  files: Readonly<Record<string, string>> = {}
) =>
  Effect.flatMap(CredentialProvider.CredentialProvider, (provider) => provider.get).pipe(
    Effect.provide(layer),
    Effect.flip,
    Effect.provide(machine(memoryFiles(files), { HOME: "/home/me", ...entries })),
    Effect.map((error) => {
      assert.notInclude(renderValue(error), canary)
      return error as { readonly _tag: string; readonly message: string }
    })
  )

const id = "ALIBABA_CLOUD_ACCESS_KEY_ID"
const secret = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
const token = "ALIBABA_CLOUD_SECURITY_TOKEN"

describe("a variable of another tool", () => {
  const fixOf = (name: string, meant: string) =>
    name.startsWith("ALIBABA_CLOUD_") ? `rename ${name} to ${meant}` : `set ${meant} to the value of ${name}`

  it.effect.each<[string, string]>([
    ["ALICLOUD_ACCESS_KEY", id],
    ["ALICLOUD_SECRET_KEY", secret],
    ["ALICLOUD_SECURITY_TOKEN", token],
    ["ALIYUN_ACCESS_KEY_ID", id],
    ["ALIYUN_ACCESS_KEY_SECRET", secret],
    ["ALIBABACLOUD_ACCESS_KEY_ID", id],
    ["ALIBABA_CLOUD_ACCESS_KEY", id],
    ["ALIBABA_CLOUD_ACCESSKEY_ID", id],
    ["ALIBABA_CLOUD_ACCES_KEY_SECRET", secret],
    ["ALIBABA_CLOUD_ACCESS_KEY_SERCET", secret],
    ["ALIBABA_CLOUD_ACCESS_SECRET_KEY", secret],
    ["ALIBABA_CLOUD_SECRET_ACCESS_KEY", secret],
    ["ALIBABA_CLOUD_SECRET_KEY", secret],
    ["ALIBABA_CLOUD_STS_TOKEN", token],
    ["OSS_ACCESS_KEY_ID", id]
  ])(
    "%s is named by the error of Environment, with the name that it should have",
    ([name, meant]) =>
      Effect.gen(function*() {
        const error = yield* failureOf(Environment.layer, set(name))
        assert.strictEqual(error._tag, "CredentialsNotConfigured")
        assert.strictEqual(
          error.message,
          `env: not configured (${name} is set, but not read)\n  fix: ${fixOf(name, meant)}`
        )
      })
  )

  it.effect("is named together with others, and next to half a pair", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(Environment.layer, set("ALIYUN_SECRET_KEY", "ALICLOUD_ACCESS_KEY", id))
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assert.include(error.message, "; set, but not read: ALICLOUD_ACCESS_KEY, ALIYUN_SECRET_KEY)")
      // The id is set already.
      assert.include(error.message, `)\n  fix: set ${secret} to the value of ALIYUN_SECRET_KEY`)
      const both = yield* failureOf(Environment.layer, set("ALICLOUD_SECRET_KEY", "ALICLOUD_ACCESS_KEY"))
      assert.include(
        both.message,
        `)\n  fix: set ${id} to the value of ALICLOUD_ACCESS_KEY, and set ${secret} to the value of ALICLOUD_SECRET_KEY`
      )
    }))

  it.effect("is not named if it is empty or the source is configured", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(Environment.layer, { ALICLOUD_ACCESS_KEY: "", ALIYUN_ACCESS_KEY_ID: " \n" })
      assert.strictEqual(error.message, `env: not configured (${id}, ${secret} not set)`)
      const provider = yield* Effect.provide(
        CredentialProvider.get,
        Environment.layer.pipe(
          Layer.provide(machine(memoryFiles(), { [id]: "i", [secret]: "s", ...set("ALICLOUD_ACCESS_KEY") }))
        )
      )
      assert.strictEqual(provider._tag, "AccessKey")
    }))

  it.effect.each(["ALIBABACLOUD_PROFILE", "ALICLOUD_PROFILE", "ALIYUN_PROFILE"])(
    "%s is named by the errors of the files",
    (name) =>
      Effect.gen(function*() {
        const cli = yield* failureOf(CliProfile.layerEnv, set(name))
        assert.strictEqual(
          cli.message,
          `cli_profile: not configured (no such file: /home/me/.aliyun/config.json; set, but not read: ${name})`
        )
        const unfinished = yield* failureOf(CliProfile.layerEnv, set(name), { "/home/me/.aliyun/config.json": "{}" })
        assert.strictEqual(
          unfinished.message,
          "cli_profile: not configured (/home/me/.aliyun/config.json: no profiles; " +
            `set, but not read: ${name})\n  fix: run: aliyun configure --profile default`
        )
        const ini = yield* failureOf(IniProfile.layerEnv, set(name))
        assert.include(ini.message, `not configured (no such file: `)
        assert.include(ini.message, `; set, but not read: ${name})`)
      })
  )

  it.effect("is not named where no variable is read", () =>
    Effect.gen(function*() {
      for (const layer of [CliProfile.layer(), IniProfile.layer()]) {
        assert.notInclude((yield* failureOf(layer, set("ALIBABACLOUD_PROFILE"))).message, "not read")
      }
    }))

  it.effect("is named by the errors of the other sources", () =>
    Effect.gen(function*() {
      const oidc = yield* failureOf(OidcRoleArn.layerEnv, set("ALIBABACLOUD_ROLE_ARN", "ALIBABACLOUD_OIDC_TOKEN_FILE"))
      assert.include(
        oidc.message,
        "not set; set, but not read: ALIBABACLOUD_ROLE_ARN, ALIBABACLOUD_OIDC_TOKEN_FILE)"
      )
      const uri = yield* failureOf(CredentialsUri.layerEnv, set("ALICLOUD_CREDENTIALS_URI"))
      assert.include(uri.message, "not set; set, but not read: ALICLOUD_CREDENTIALS_URI)")
      const ecs = yield* failureOf(EcsRamRole.layerEnv, {
        ...set("ALICLOUD_ECS_ROLE_NAME"),
        ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true"
      })
      assert.include(ecs.message, "; set, but not read: ALICLOUD_ECS_ROLE_NAME)")
    }))

  it.effect("is named in the error of the default chain once, and in the fix", () =>
    Effect.gen(function*() {
      const entries = { ...set("ALICLOUD_ACCESS_KEY"), ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" }
      const error = yield* failureOf(DefaultChain.layer, entries)
      assert.lengthOf(error.message.split("ALICLOUD_ACCESS_KEY"), 3)
    }))

  it.effect("changes no error if the config provider fails", () =>
    Effect.gen(function*() {
      const provider = broken(
        canary,
        (name) => name.startsWith("ALIBABA_CLOUD_ACCESS_KEY_") || name === "ALIBABA_CLOUD_SECURITY_TOKEN"
      )
      const error = yield* Effect.flip(Effect.withConfigProvider(Environment.make, provider))
      assert.strictEqual(error.message, `env: not configured (${id}, ${secret} not set)`)
    }))
})
