/**
 * The product documentation renews sessions of ECS roles 15 minutes before they expire, wherever the role is configured.
 */
import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Layer, Random, TestClock } from "effect"
import {
  CliProfile,
  CredentialChain,
  CredentialConfig,
  type CredentialProvider,
  EcsRamRole,
  IniProfile,
  Profiles
} from "effect-alicloud-credentials"
import { settle } from "../support/clock.ts"
import { count, defaults } from "../support/cloud.ts"
import { machine } from "../support/machine.ts"
import { memoryFiles } from "../support/memoryFiles.ts"
import { get } from "../support/provider.ts"

const minute = 60_000

const files = memoryFiles({
  "/home/me/.aliyun/config.json": JSON.stringify({
    current: "ecs",
    profiles: [{ name: "ecs", mode: "EcsRamRole", ram_role_name: defaults.instanceRole }]
  }),
  "/home/me/.alibabacloud/credentials.ini": `[default]\ntype=ecs_ram_role\nrole_name=${defaults.instanceRole}\n`
})

const instance = { HOME: "/home/me", ALIBABA_CLOUD_ECS_METADATA: defaults.instanceRole }

const roleName = defaults.instanceRole

type Source = Layer.Layer<
  CredentialProvider.CredentialProvider,
  unknown,
  Layer.Layer.Success<ReturnType<typeof machine>>
>

const ways: Readonly<Record<string, Source>> = {
  "EcsRamRole.layer": EcsRamRole.layer({ roleName }),
  "EcsRamRole.layerConfig": EcsRamRole.layerConfig({ roleName: Config.succeed(roleName) }),
  "EcsRamRole.layerEnv": EcsRamRole.layerEnv,
  "EcsRamRole.layerEnvWith": EcsRamRole.layerEnvWith({ timeout: "2 seconds" }),
  "a policy without prefetch": EcsRamRole.layer({ roleName, refresh: { prefetch: undefined!, safety: "5 seconds" } }),
  "CredentialConfig": CredentialConfig.layer({ type: "ecs_ram_role", roleName }),
  "a chain": CredentialChain.layer([EcsRamRole.layer({ roleName })]),
  "CliProfile": CliProfile.layer(),
  "IniProfile": IniProfile.layer(),
  "Profiles": Layer.provide(Profiles.get("ecs"), Profiles.layer())
}

/** The session that is fetched at the start is renewed after so many milliseconds, and not one earlier. */
const assertRenewedAfter = (millis: number) =>
  Effect.gen(function*() {
    yield* get
    yield* TestClock.adjust(millis - 1)
    // The second call finds what the first one may have started: files are looked at, too.
    yield* Effect.zipRight(get, settle)
    yield* Effect.zipRight(get, settle)
    const before = yield* count
    yield* TestClock.adjust(1)
    yield* Effect.zipRight(get, settle)
    assert.isAbove(yield* count, before, "too late")
    assert.isAtMost(before, 3, "too early")
  })

describe("a session of six hours of an ECS role", () => {
  for (const [way, layer] of Object.entries(ways)) {
    it.effect(`that ${way} describes is renewed 15 minutes before it expires at the earliest`, () =>
      assertRenewedAfter(345 * minute).pipe(
        Effect.provide(Layer.provideMerge(layer, machine(files, instance))),
        Effect.withRandom(Random.fixed([0]))
      ))
  }

  it.effect("is renewed 11 minutes and 15 seconds before it expires at the latest", () =>
    assertRenewedAfter(348.75 * minute).pipe(
      Effect.provide(Layer.provideMerge(EcsRamRole.layer({ roleName }), machine(files, instance))),
      Effect.withRandom(Random.fixed([1 - 1e-12]))
    ))

  it.effect("is renewed earlier if the program says so", () =>
    assertRenewedAfter(330 * minute).pipe(
      Effect.provide(
        Layer.provideMerge(
          EcsRamRole.layer({ roleName, refresh: { prefetch: "30 minutes" } }),
          machine(files, instance)
        )
      ),
      Effect.withRandom(Random.fixed([0]))
    ))
})
