/**
 * `CredentialProvider.get`, whichever service is in the context.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, Layer, Option, TestClock } from "effect"
import { CredentialChain, CredentialProvider } from "effect-alicloud-credentials"
import { hour } from "../support/clock.ts"
import { accessKey, idOf, session } from "../support/credentials.ts"
import { refusal } from "../support/sdk.ts"
import { stepsOf } from "../support/steps.ts"

const { CredentialProvider: Tag, get } = CredentialProvider

const id = Effect.map(get, idOf)

const cached = CredentialProvider.make({
  name: "cached",
  refresh: { jitter: 0 },
  fetch: Effect.map(Effect.clock, (clock) => {
    const now = clock.unsafeCurrentTimeMillis()
    return session(`id of ${now}`, now + hour)
  })
})

describe("the accessor", () => {
  it.scoped("takes no more steps of the fiber than the get of the provider while credentials are cached", () =>
    Effect.gen(function*() {
      const provider = yield* cached
      const chain = yield* CredentialChain.make([Layer.succeed(Tag, provider)])
      for (const service of [provider, chain]) {
        yield* service.get
        const direct = yield* stepsOf(Effect.provideService(service.get, Tag, service))
        assert.isAbove(direct, 0)
        assert.strictEqual(yield* stepsOf(Effect.provideService(get, Tag, service)), direct)
      }
    }))

  it.scoped("returns what the provider fetches, caches and renews", () =>
    Effect.gen(function*() {
      const provider = yield* cached
      yield* Effect.gen(function*() {
        assert.strictEqual(yield* id, "id of 0")
        yield* TestClock.adjust("46 minutes")
        assert.strictEqual(yield* id, "id of 0")
        yield* Effect.yieldNow()
        assert.strictEqual(yield* id, "id of 2760000")
        yield* TestClock.adjust("61 minutes")
        assert.strictEqual(yield* id, "id of 6420000")
        yield* provider.invalidate(yield* get)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* id, "id of 6421000")
      }).pipe(Effect.provideService(Tag, provider))
    }))

  it.effect("fails with the error of the provider", () =>
    Effect.gen(function*() {
      const service = { name: "test", get: Effect.fail(refusal), invalidate: () => Effect.void }
      assert.strictEqual(yield* Effect.flip(Effect.provideService(get, Tag, service)), refusal)
    }))

  it.scoped("calls a get that replaces that of a provider, in whichever way", () =>
    Effect.gen(function*() {
      const provider = yield* cached
      yield* provider.get
      const other = { get: Effect.succeed(accessKey("other")) }
      const replaced: ReadonlyArray<CredentialProvider.Service> = [
        { ...provider, ...other },
        Object.assign(Object.create(provider), other),
        Object.create(provider, { get: { value: other.get } }),
        new Proxy(provider, { get: (target, key) => key === "get" ? other.get : Reflect.get(target, key) })
      ]
      for (const service of replaced) {
        assert.strictEqual(yield* Effect.provideService(id, Tag, service), "other")
        const chain = yield* CredentialChain.make([Layer.succeed(Tag, service)])
        for (let call = 0; call < 2; call++) {
          assert.strictEqual(yield* Effect.provideService(id, Tag, chain), "other")
        }
      }
      const changed = { ...provider }
      assert.strictEqual(yield* Effect.provideService(id, Tag, changed), "id of 0")
      Object.assign(changed, other)
      assert.strictEqual(yield* Effect.provideService(id, Tag, changed), "other")
    }))

  it.scoped("reads a get that is computed once for each call", () =>
    Effect.gen(function*() {
      let reads = 0
      const service: CredentialProvider.Service = {
        name: "computed",
        get get() {
          return Effect.succeed(accessKey(`key ${++reads}`))
        },
        invalidate: () => Effect.void
      }
      assert.strictEqual(yield* Effect.provideService(id, Tag, service), "key 1")
      assert.strictEqual(yield* Effect.provideService(id, Tag, service), "key 2")
    }))

  it.scoped("uses the service that is in the context at each call", () =>
    Effect.gen(function*() {
      const ids = Effect.all([id, Effect.provideService(id, Tag, CredentialProvider.succeed(accessKey("inner"))), id])
      assert.deepStrictEqual(
        yield* Effect.provideService(ids, Tag, CredentialProvider.succeed(accessKey("outer"))),
        ["outer", "inner", "outer"]
      )
    }))

  it.effect("fails as the tag does if there is no service", () =>
    Effect.gen(function*() {
      const without = get as Effect.Effect<unknown>
      const defectOf = (effect: Effect.Effect<unknown>) =>
        Effect.map(Effect.exit(effect), (exit) => {
          const defect = Option.getOrThrow(Cause.dieOption(Exit.isFailure(exit) ? exit.cause : Cause.empty))
          assert.instanceOf(defect, Error)
          return defect.message
        })
      const message = yield* defectOf(without)
      assert.include(message, "Service not found: effect-alicloud-credentials/CredentialProvider")
      assert.strictEqual(message, yield* defectOf(Tag as unknown as Effect.Effect<unknown>))
    }))

  it.scoped("can be interrupted while it waits", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const provider = yield* CredentialProvider.make({
        name: "slow",
        fetch: Effect.as(Deferred.await(gate), accessKey("late"))
      })
      const waiting = yield* Effect.fork(Effect.provideService(id, Tag, provider))
      yield* Effect.yieldNow()
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(waiting)))
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(yield* Effect.provideService(id, Tag, provider), "late")
    }))
})
