import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Scope, TestClock } from "effect"
import { CredentialProvider, Profiles } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { defaults } from "../support/cloud.ts"
import { logs } from "../support/logs.ts"
import { machine } from "../support/machine.ts"
import { type MemoryFiles, memoryFiles } from "../support/memoryFiles.ts"

const config = "/home/me/.aliyun/config.json"
const ini = "/home/me/.alibabacloud/credentials.ini"

const bearer = (name: string, token: string) => ({ name, mode: "BearerToken", bearer_token: token })

const configOf = (...profiles: ReadonlyArray<object>) => JSON.stringify({ current: "other", profiles })

const section = (name: string, keys: string) => `[${name}]\n${keys}\n`

const session = `type=ram_role_arn\naccess_key_id=${defaults.accessKeyId}
access_key_secret=${defaults.accessKeySecret}\nrole_arn=${defaults.roleArn}`

const both = () =>
  memoryFiles({
    [config]: configOf(bearer("client1", "one"), { name: "broken", mode: "AK" }),
    [ini]: section("client1", "type=bearer\nbearer_token=two") + section("client2", session) +
      section("broken", "type=bearer\nbearer_token=x") + section("wrong", "type=bearer")
  })

const over = <A, E>(
  files: MemoryFiles,
  effect: Effect.Effect<A, E, Profiles.Profiles | LocalCloud.LocalCloud | Scope.Scope>,
  options?: Profiles.Options,
  variables?: Readonly<Record<string, string>>
) =>
  effect.pipe(
    Effect.scoped,
    Effect.provide(Layer.provideMerge(Profiles.layer(options), machine(files, variables)))
  )

const get = (profile: string) => Effect.provide(CredentialProvider.get, Profiles.get(profile))

const providerOf = (profile: string) => Effect.map(get(profile), (credentials) => credentials.provider)

const failure = (profile: string) => Effect.flip(get(profile))

/** A use of a profile that goes on until the scope ends. */
const hold = (profile: string) =>
  Effect.map(Layer.build(Profiles.get(profile)), (context) =>
    CredentialProvider.CredentialProvider.pipe(
      Effect.provide(context)
    )).pipe(Effect.flatten)

describe("Profiles", () => {
  it.effect("finds a profile in config.json, then in the INI file", () =>
    over(
      both(),
      Effect.gen(function*() {
        assert.strictEqual(yield* providerOf("client1"), "cli_profile/bearer")
        assert.strictEqual(yield* providerOf("client2"), "profile/ram_role_arn/static_ak")
      })
    ))

  it.effect("needs no more than one of the files", () =>
    Effect.gen(function*() {
      const one = memoryFiles({ [config]: configOf(bearer("client1", "one")) })
      const other = memoryFiles({ [ini]: section("client1", "type=bearer\nbearer_token=two") })
      assert.strictEqual(yield* over(one, providerOf("client1")), "cli_profile/bearer")
      assert.strictEqual(yield* over(other, providerOf("client1")), "profile/bearer")
    }))

  it.effect("has no eye for the variables that name a profile or a file", () =>
    over(
      both(),
      Effect.gen(function*() {
        assert.strictEqual(yield* providerOf("client1"), "cli_profile/bearer")
        assert.strictEqual(yield* providerOf("client2"), "profile/ram_role_arn/static_ak")
      }),
      {},
      {
        HOME: "/home/me",
        ALIBABA_CLOUD_PROFILE: "client2",
        ALIBABA_CLOUD_CREDENTIALS_FILE: "/none",
        ALIBABA_CLOUD_CONFIG_FILE: "/none"
      }
    ))

  it.effect("leaves config.json alone where the CLI's files are switched off", () =>
    over(
      both(),
      Effect.gen(function*() {
        assert.strictEqual(yield* providerOf("client1"), "profile/bearer")
      }),
      {},
      { HOME: "/home/me", ALIBABA_CLOUD_CLI_PROFILE_DISABLED: "true" }
    ))

  it.effect("looks in the files that it is given", () =>
    Effect.gen(function*() {
      const files = memoryFiles({ "/a": configOf(bearer("x", "1")), "/b": section("y", "type=bearer\nbearer_token=2") })
      const options = { configFile: "/a", credentialsFile: "/b" }
      assert.strictEqual(yield* over(files, providerOf("x"), options), "cli_profile/bearer")
      assert.strictEqual(yield* over(files, providerOf("y"), options), "profile/bearer")
      const error = yield* over(files, failure("y"), { configFile: "/none" })
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assert.include(error.message, "/none")
    }))

  it.effect("does not pass over a profile that is there and does not work", () =>
    over(
      both(),
      Effect.gen(function*() {
        const broken = yield* failure("broken")
        assert(broken._tag === "CredentialsMisconfigured")
        assert.strictEqual(broken.provider, "cli_profile")
        assert.include(broken.message, "access_key_id")
        const wrong = yield* failure("wrong")
        assert(wrong._tag === "CredentialsMisconfigured")
        assert.strictEqual(wrong.provider, "profile")
      })
    ))

  it.effect("says that no file has a profile, and where it looked", () =>
    over(
      both(),
      Effect.gen(function*() {
        const error = yield* failure("client3")
        assert(error._tag === "CredentialsMisconfigured")
        assert.strictEqual(error.provider, "profiles")
        assert.include(error.reason, `"client3" is in no file`)
        assert.include(error.reason, config)
        assert.include(error.reason, ini)
        assert.strictEqual((yield* failure(""))._tag, "CredentialsMisconfigured")
      })
    ))

  it.effect("is silent about the file that does not have it", () => {
    const { layer, lines } = logs()
    return Effect.map(
      Effect.provide(over(both(), providerOf("client2")), layer),
      () => assert.deepStrictEqual(lines.filter((line) => !line.startsWith("DEBUG")), [])
    )
  })

  it.effect("shares one provider, and its session, with all who ask for the same name", () =>
    over(
      both(),
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        yield* Effect.all(Array.from({ length: 10 }, () => get("client2")), { concurrency: "unbounded" })
        yield* get("client2")
        assert.strictEqual(yield* cloud.count({ service: "sts" }), 1)
        const [one, other] = yield* Effect.all([hold("client2"), hold("client2")])
        assert.strictEqual(one, other)
      })
    ))

  it.effect("forgets a provider that was idle, and none that is in use", () =>
    over(
      both(),
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        const asked = cloud.count({ service: "sts" })
        yield* get("client2")
        yield* TestClock.adjust("4 minutes")
        yield* get("client2")
        assert.strictEqual(yield* asked, 1)
        yield* TestClock.adjust("5 minutes")
        yield* get("client2")
        assert.strictEqual(yield* asked, 2)
        const scope = yield* Scope.make()
        const held = yield* Scope.extend(hold("client2"), scope)
        yield* TestClock.adjust("20 minutes")
        yield* held.get
        yield* get("client2")
        assert.strictEqual(yield* asked, 2)
        yield* Scope.close(scope, Exit.void)
      }),
      { idleTimeToLive: "5 minutes" }
    ))

  it.effect("reads a profile anew after invalidate", () =>
    over(
      both(),
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        yield* get("client2")
        yield* Effect.flatMap(Profiles.Profiles, (profiles) => profiles.invalidate("client2"))
        yield* get("client2")
        assert.strictEqual(yield* cloud.count({ service: "sts" }), 2)
      })
    ))

  it.effect("serves two clients at the same time", () =>
    over(
      both(),
      Effect.gen(function*() {
        const names = yield* Effect.all([providerOf("client1"), providerOf("client2")], { concurrency: 2 })
        assert.deepStrictEqual(names, ["cli_profile/bearer", "profile/ram_role_arn/static_ak"])
      })
    ))
})
