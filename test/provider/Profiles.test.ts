import { assert, describe, it, vi } from "@effect/vitest"
import { Effect, Exit, Layer, Redacted, Scope, TestClock } from "effect"
import { CredentialProvider, Profiles } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { settle } from "../support/clock.ts"
import { defaults } from "../support/cloud.ts"
import { configOf } from "../support/configFiles.ts"
import { logs } from "../support/logs.ts"
import { machine } from "../support/machine.ts"
import { type MemoryFiles, memoryFiles } from "../support/memoryFiles.ts"

const configPath = "/home/me/.aliyun/config.json"
const ini = "/home/me/.alibabacloud/credentials.ini"

const bearerProfile = (name: string, token: string) => ({ name, mode: "BearerToken", bearer_token: token })

const section = (name: string, keys: string) => `[${name}]\n${keys}\n`

const roleKeys = `type=ram_role_arn\naccess_key_id=${defaults.accessKeyId}
access_key_secret=${defaults.accessKeySecret}\nrole_arn=${defaults.roleArn}`

const both = () =>
  memoryFiles({
    [configPath]: configOf([bearerProfile("client1", "one"), { name: "broken", mode: "AK" }], "other"),
    [ini]: section("client1", "type=bearer\nbearer_token=two") + section("client2", roleKeys) +
      section("broken", "type=bearer\nbearer_token=x") + section("wrong", "type=bearer")
  })

const withProfiles = <A, E>(
  files: MemoryFiles,
  effect: Effect.Effect<A, E, Profiles.Profiles | LocalCloud.LocalCloud | Scope.Scope>,
  options?: Profiles.Options,
  variables?: Readonly<Record<string, string>>
) =>
  effect.pipe(
    Effect.scoped,
    Effect.provide(Layer.provideMerge(Profiles.layer(options), machine(files, variables)))
  )

const getNamed = (profile: string) => Effect.provide(CredentialProvider.get, Profiles.get(profile))

const providerOf = (profile: string) => Effect.map(getNamed(profile), (credentials) => credentials.provider)

const profileFailure = (profile: string) => Effect.flip(getNamed(profile))

/** Uses a profile until the scope closes. */
const hold = (profile: string) =>
  Effect.map(Layer.build(Profiles.get(profile)), (context) =>
    CredentialProvider.CredentialProvider.pipe(
      Effect.provide(context)
    )).pipe(Effect.flatten)

describe("Profiles", () => {
  it.effect("finds a profile in config.json, then in the INI file", () =>
    withProfiles(
      both(),
      Effect.gen(function*() {
        assert.strictEqual(yield* providerOf("client1"), "cli_profile/bearer")
        assert.strictEqual(yield* providerOf("client2"), "profile/ram_role_arn/static_ak")
      })
    ))

  it.effect("needs only one of the files", () =>
    Effect.gen(function*() {
      const one = memoryFiles({ [configPath]: configOf([bearerProfile("client1", "one")], "other") })
      const other = memoryFiles({ [ini]: section("client1", "type=bearer\nbearer_token=two") })
      assert.strictEqual(yield* withProfiles(one, providerOf("client1")), "cli_profile/bearer")
      assert.strictEqual(yield* withProfiles(other, providerOf("client1")), "profile/bearer")
    }))

  it.effect("ignores the variables that name a profile or a file", () =>
    withProfiles(
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

  it.effect("does not read config.json if the files of the CLI are disabled", () =>
    withProfiles(
      both(),
      Effect.gen(function*() {
        assert.strictEqual(yield* providerOf("client1"), "profile/bearer")
      }),
      {},
      { HOME: "/home/me", ALIBABA_CLOUD_CLI_PROFILE_DISABLED: "true" }
    ))

  it.effect("looks in the given files", () =>
    Effect.gen(function*() {
      const files = memoryFiles({
        "/a": configOf([bearerProfile("x", "1")], "other"),
        "/b": section("y", "type=bearer\nbearer_token=2")
      })
      const options = { configFile: "/a", credentialsFile: "/b" }
      assert.strictEqual(yield* withProfiles(files, providerOf("x"), options), "cli_profile/bearer")
      assert.strictEqual(yield* withProfiles(files, providerOf("y"), options), "profile/bearer")
      const error = yield* withProfiles(files, profileFailure("y"), { configFile: "/none" })
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assert.include(error.message, "/none")
    }))

  it.effect("does not skip a profile that exists but does not work", () =>
    withProfiles(
      both(),
      Effect.gen(function*() {
        const broken = yield* profileFailure("broken")
        assert(broken._tag === "CredentialsMisconfigured")
        assert.strictEqual(broken.provider, "cli_profile")
        assert.include(broken.message, "access_key_id")
        const wrong = yield* profileFailure("wrong")
        assert(wrong._tag === "CredentialsMisconfigured")
        assert.strictEqual(wrong.provider, "profile")
      })
    ))

  it.effect("reports a missing profile, and where it looked", () =>
    withProfiles(
      both(),
      Effect.gen(function*() {
        const error = yield* profileFailure("client3")
        assert(error._tag === "CredentialsMisconfigured")
        assert.strictEqual(error.provider, "profiles")
        assert.include(error.reason, `"client3" is in neither file`)
        assert.strictEqual(error.hint, "Correct the name, or run: aliyun configure --profile client3")
        assert.include(error.reason, configPath)
        assert.include(error.reason, ini)
        assert.strictEqual((yield* profileFailure(""))._tag, "CredentialsMisconfigured")
      })
    ))

  it.effect("logs nothing about the file that does not have the profile", () => {
    const { layer, lines } = logs()
    return Effect.map(
      Effect.provide(withProfiles(both(), providerOf("client2")), layer),
      () => assert.deepStrictEqual(lines.filter((line) => !line.startsWith("DEBUG")), [])
    )
  })

  it.effect("shares one provider and its session between all callers of the same name", () =>
    withProfiles(
      both(),
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        yield* Effect.all(Array.from({ length: 10 }, () => getNamed("client2")), { concurrency: "unbounded" })
        yield* getNamed("client2")
        assert.strictEqual(yield* cloud.count({ service: "sts" }), 1)
        const [one, other] = yield* Effect.all([hold("client2"), hold("client2")])
        assert.strictEqual(one, other)
      })
    ))

  it.effect("releases an idle provider, and none that is in use", () =>
    withProfiles(
      both(),
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        const asked = cloud.count({ service: "sts" })
        yield* getNamed("client2")
        yield* TestClock.adjust("4 minutes")
        yield* getNamed("client2")
        assert.strictEqual(yield* asked, 1)
        yield* TestClock.adjust("5 minutes")
        yield* getNamed("client2")
        assert.strictEqual(yield* asked, 2)
        const scope = yield* Scope.make()
        const held = yield* Scope.extend(hold("client2"), scope)
        yield* TestClock.adjust("20 minutes")
        yield* held.get
        yield* getNamed("client2")
        assert.strictEqual(yield* asked, 2)
        yield* Scope.close(scope, Exit.void)
      }),
      { idleTimeToLive: "5 minutes" }
    ))

  it.effect("reads a profile again after invalidate", () =>
    withProfiles(
      both(),
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        yield* getNamed("client2")
        yield* Effect.flatMap(Profiles.Profiles, (profiles) => profiles.invalidate("client2"))
        yield* getNamed("client2")
        assert.strictEqual(yield* cloud.count({ service: "sts" }), 2)
      })
    ))

  it.effect("serves two clients at the same time", () =>
    withProfiles(
      both(),
      Effect.gen(function*() {
        const names = yield* Effect.all([providerOf("client1"), providerOf("client2")], { concurrency: 2 })
        assert.deepStrictEqual(names, ["cli_profile/bearer", "profile/ram_role_arn/static_ak"])
      })
    ))

  const names = Array.from({ length: 1000 }, (_, index) => `client${index}`)

  /** Runs the effect, and counts how often a text of this length was parsed. */
  const parsesOf = <A, E, R>(text: string, effect: Effect.Effect<A, E, R>) =>
    Effect.acquireUseRelease(
      Effect.sync(() => vi.spyOn(JSON, "parse")),
      (parse) => Effect.map(effect, () => parse.mock.calls.filter(([given]) => given === text).length),
      (parse) => Effect.sync(() => parse.mockRestore())
    )

  it.effect("parses config.json once for all its profiles, and once for each change", () => {
    const before = configOf(names.map((name) => bearerProfile(name, "one")))
    const after = configOf(names.map((name) => bearerProfile(name, name)))
    const files = memoryFiles({ [configPath]: before })
    return withProfiles(
      files,
      Effect.gen(function*() {
        const use = Effect.forEach(names, (name) => Effect.flatMap(hold(name), ({ get }) => get), { discard: true })
        assert.strictEqual(yield* parsesOf(before, use), 1)
        assert.strictEqual(files.reads(), 1)
        files.write(configPath, after)
        yield* TestClock.adjust("1 minute")
        const renew = Effect.zipRight(Effect.forEach(names, getNamed, { discard: true }), settle)
        assert.strictEqual(yield* parsesOf(after, renew), 1)
        for (const name of ["client0", "client999"]) {
          const credentials = yield* getNamed(name)
          assert(credentials._tag === "BearerToken")
          assert.strictEqual(Redacted.value(credentials.bearerToken), name)
        }
      })
    )
  })

  it.effect("keeps the text of a file no longer than the last provider", () => {
    const files = both()
    return withProfiles(
      files,
      Effect.gen(function*() {
        yield* getNamed("client1")
        yield* getNamed("broken").pipe(Effect.ignore)
        assert.strictEqual(files.reads(), 1)
        yield* TestClock.adjust("5 minutes")
        yield* getNamed("client1")
        assert.strictEqual(files.reads(), 2)
      }),
      { idleTimeToLive: "1 minute" }
    )
  })
})
