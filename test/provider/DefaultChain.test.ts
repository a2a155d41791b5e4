/**
 * The default chain over time. Which source it uses in which environment is in `conformance/cases/chain`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, Fiber, Layer, TestClock } from "effect"
import { CredentialChain, CredentialProvider, DefaultChain } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { always, defaults } from "../support/cloud.ts"
import { machine } from "../support/machine.ts"
import { memoryFiles } from "../support/memoryFiles.ts"
import type { Texts } from "../support/variables.ts"

const uriVariables = { ALIBABA_CLOUD_CREDENTIALS_URI: defaults.credentialsUri }
const noInstance: LocalCloud.Fault = { service: "imds", kind: "disconnect", ...always }

/** Advances the clock, so that pauses between attempts end. */
const withTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    while ((yield* Fiber.poll(fiber))._tag === "None") yield* TestClock.adjust("100 millis")
    return yield* Fiber.join(fiber)
  })

const outside = (variables: Texts = {}) => Layer.suspend(() => machine(memoryFiles({}), variables))

describe("the default chain", () => {
  it("has the links of the official tools, in the same order", () => {
    assert.deepStrictEqual(DefaultChain.links.map((link) => link.name), [
      "env",
      "oidc_role_arn",
      "cli_profile",
      "profile",
      "ecs_ram_role",
      "credential_uri"
    ])
  })

  it.effect("is searched once for all concurrent callers", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const provider = yield* CredentialProvider.CredentialProvider
      const readers = yield* Effect.forEach(Arr.range(1, 1000), () => Effect.fork(provider.get))
      const ids = (yield* withTime(Effect.forEach(readers, Fiber.join))).map((credentials) => credentials.provider)
      assert.deepStrictEqual(Arr.dedupe(ids), ["ecs_ram_role"])
      assert.strictEqual(yield* cloud.count(), 3)
    }).pipe(Effect.provide(Layer.provideMerge(DefaultChain.layer, outside()))))

  it.effect("finds a source that appears after a failed search", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault(noInstance)
      const error = yield* withTime(Effect.flip(CredentialProvider.get))
      assert.strictEqual(error._tag, "CredentialChainError")
      yield* cloud.clearFaults
      // The absence of the metadata service is cached for a minute.
      assert.strictEqual((yield* Effect.flip(CredentialProvider.get))._tag, "CredentialChainError")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* withTime(CredentialProvider.get)).provider, "ecs_ram_role")
    }).pipe(Effect.provide(Layer.provideMerge(DefaultChain.layer, outside()))))

  it.effect("keeps the session of the instance through an outage, and switches to no other identity", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const first = yield* withTime(CredentialProvider.get)
      yield* cloud.fault(noInstance)
      yield* TestClock.adjust("5 hours")
      yield* TestClock.adjust("50 minutes")
      for (let minute = 0; minute < 9; minute++) {
        assert.strictEqual(yield* CredentialProvider.get, first)
        yield* TestClock.adjust("1 minute")
      }
      yield* cloud.clearFaults
      yield* withTime(CredentialProvider.get)
      yield* TestClock.adjust("11 seconds")
      const second = yield* withTime(CredentialProvider.get)
      assert.strictEqual(second.provider, "ecs_ram_role")
      assert.notStrictEqual(second, first)
    }).pipe(
      Effect.provide(
        Layer.provideMerge(
          CredentialChain.layer(DefaultChain.links),
          outside(uriVariables)
        )
      )
    ))
})
