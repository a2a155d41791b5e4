/**
 * Which file and which profile are used.
 */
import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Layer } from "effect"
import { CliProfile, CredentialProvider } from "effect-alicloud-credentials"
import * as cliProfile from "../../src/internal/profile/cliProfile.ts"
import { ak, failureOf, getId } from "../support/cliProfile.ts"
import { withCloud } from "../support/cloud.ts"
import { configOf, pathIn, withHome, writeConfig } from "../support/configFiles.ts"
import { idOf } from "../support/credentials.ts"
import { failingCall, faultyFiles } from "../support/faultyFiles.ts"
import { machine } from "../support/machine.ts"
import { memoryFiles } from "../support/memoryFiles.ts"
import { type Texts, variables } from "../support/variables.ts"

const getIdEnv = Effect.map(Effect.provide(CredentialProvider.get, CliProfile.layerEnv), idOf)

describe("the profile", () => {
  it.effect("is the current one unless an option names another", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([ak("one"), ak("two"), ak("two", "shadowed")], "two"))
        assert.strictEqual(yield* getId(), "two")
        assert.strictEqual(yield* getId({ profile: "one" }), "one")
        assert.strictEqual(yield* getId({ profile: "" }), "two")
        assert.strictEqual(yield* getIdEnv, "two")
      })
    ).pipe(withCloud))

  it.effect("is read from the variables only by layerEnv", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        yield* writeConfig(home, configOf([ak("one")]))
        yield* files.writeFileString(`${home}/other.json`, configOf([ak("three"), ak("four")]))
        const withHomeAnd = (values: Texts) => variables({ HOME: home, ...values })
        const named = withHomeAnd({
          ALIBABA_CLOUD_CONFIG_FILE: `${home}/other.json`,
          ALIBABA_CLOUD_PROFILE: "four"
        })
        assert.strictEqual(yield* Effect.provide(getIdEnv, named), "four")
        assert.strictEqual(yield* Effect.provide(getId(), named), "one")
        assert.strictEqual(yield* Effect.provide(getId({ file: `${home}/other.json` }), named), "three")
        const off = withHomeAnd({ ALIBABA_CLOUD_CLI_PROFILE_DISABLED: "True" })
        const unbuilt = yield* Effect.flip(Effect.provide(Layer.build(CliProfile.layerEnv), off))
        assert.strictEqual(
          unbuilt.message,
          "cli_profile: not configured (switched off by ALIBABA_CLOUD_CLI_PROFILE_DISABLED)\n" +
            "  fix: unset ALIBABA_CLOUD_CLI_PROFILE_DISABLED, if this source is meant to be used"
        )
        assert.strictEqual((yield* Effect.flip(Effect.provide(getId(), off))).message, unbuilt.message)
      })
    ).pipe(withCloud))

  it.effect("is read at the first get", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const provider = yield* CliProfile.make()
        const absent = yield* Effect.flip(provider.get)
        assert.strictEqual(absent._tag, "CredentialsNotConfigured")
        assert.strictEqual(absent.message, `cli_profile: not configured (no such file: ${pathIn(home)})`)
        yield* writeConfig(home, configOf([ak("one")]))
        assert.strictEqual(idOf(yield* provider.get), "one")
      })
    ).pipe(withCloud))

  it.effect("is misconfigured if the named file or profile does not exist", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const absent = yield* failureOf({ file: `${home}/none.json` })
        assert.strictEqual(
          absent.message,
          `cli_profile: misconfigured (no such file: ${home}/none.json)\n  fix: fix the path, or run: aliyun configure`
        )
        yield* writeConfig(home, configOf([ak("one"), ak("two")], "three"))
        assert.strictEqual(
          (yield* failureOf({ profile: "four" })).message,
          `cli_profile: misconfigured (${pathIn(home)}: no profile "four"; found: "one", "two")\n` +
            `  fix: use "one" or "two", or run: aliyun configure --profile four`
        )
        assert.strictEqual(
          (yield* failureOf()).message,
          `cli_profile: misconfigured (${
            pathIn(home)
          }: current names profile "three", which does not exist; found: "one", "two")\n  fix: set "current" to "one" or "two"`
        )
        const optional = yield* Effect.flip(
          Effect.flatMap(cliProfile.make({ profile: "four", optional: true }), (provider) => provider.get)
        )
        assert.strictEqual(optional._tag, "CredentialsNotConfigured")
      })
    ).pipe(withCloud))
})

describe("the file", () => {
  const failure = (texts: Texts, values: Texts = {}) =>
    Effect.flip(Effect.provide(
      CredentialProvider.get,
      CliProfile.layerEnv.pipe(Layer.provide(machine(memoryFiles(texts), { HOME: "/home/me", ...values })))
    ))

  it.effect("of a variable is named with the variable", () =>
    Effect.gen(function*() {
      const message = (path: string) =>
        Effect.map(failure({}, { ALIBABA_CLOUD_CONFIG_FILE: path }), (error) => error.message)
      assert.strictEqual(
        yield* message("/etc/c.json"),
        "cli_profile: misconfigured (ALIBABA_CLOUD_CONFIG_FILE: no such file: /etc/c.json)\n" +
          "  fix: create or mount the file, or unset ALIBABA_CLOUD_CONFIG_FILE"
      )
      assert.include(yield* message("~/c.json"), ")\n  fix: write the full path: nothing expands ~ here")
    }))

  it.effect("in the folder of the INI file is to be copied", () =>
    Effect.gen(function*() {
      const text = configOf([ak("one")])
      assert.include(
        (yield* failure({ "/home/me/.alibabacloud/config.json": text })).message,
        ")\n  fix: copy /home/me/.alibabacloud/config.json to /home/me/.aliyun/config.json"
      )
    }))

  it.effect("is nowhere without a home folder", () =>
    Effect.gen(function*() {
      const error = yield* failure({}, { HOME: "" })
      assert.strictEqual(error._tag, "CredentialsNotConfigured")
      assert.include(error.message, ")\n  fix: set HOME, or ALIBABA_CLOUD_CONFIG_FILE: services and cron jobs start")
    }))

  it.effect("names the variable of a profile that it does not have", () =>
    Effect.gen(function*() {
      const texts = { "/home/me/.aliyun/config.json": configOf([ak("one")]) }
      assert.include(
        (yield* failure(texts, { ALIBABA_CLOUD_PROFILE: "prod" })).message,
        "no profile \"prod\", which ALIBABA_CLOUD_PROFILE names; found: \"one\")\n" +
          "  fix: set ALIBABA_CLOUD_PROFILE to \"one\", or run: aliyun configure --profile prod"
      )
    }))
})

describe("CliProfile", () => {
  it.effect("takes options directly or from Config", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([ak("one"), ak("two")]))
        const ask = Effect.map(CredentialProvider.get, idOf)
        assert.strictEqual(yield* Effect.provide(ask, CliProfile.layer({ profile: "two" })), "two")
        const fromConfig = CliProfile.layerConfig({ profile: Config.string("DEPLOY_PROFILE") })
        assert.strictEqual(yield* Effect.provide(ask, fromConfig), "two")
      }), { DEPLOY_PROFILE: "two" }).pipe(withCloud))

  it.effect("is unavailable while the file cannot be read", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([ak("one")]))
        const denied = faultyFiles(() => ({ readFile: failingCall("readFile", "PermissionDenied") }))
        const error = yield* Effect.provide(failureOf(), denied)
        assert.strictEqual(
          error.message,
          `cli_profile: unavailable (${
            pathIn(home)
          }: cannot be read (PermissionDenied))\n  fix: make the file readable: ` +
            `chown it to the user of this program; check: ls -l ${pathIn(home)}`
        )
        assert.include((yield* failureOf({ file: home })).message, `misconfigured (${home}: not a file)`)
        assert.include(
          (yield* failureOf({ file: "a\0b" })).message,
          "misconfigured (the file name is not a valid path)"
        )
      })
    ).pipe(withCloud))
})
