import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Deferred, Effect, Exit, Fiber, Option, Ref, Scope, TestClock, Tracer } from "effect"
import { CredentialProvider } from "effect-alicloud-credentials"
import { settle } from "../support/clock.ts"
import { accessKey } from "../support/credentials.ts"
import { lasting, scriptedProvider } from "../support/scriptedProvider.ts"

describe("concurrent callers", () => {
  it.scoped("all share one fetch, and one more when the session expires", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600)], { delay: "1 seconds" })
      const wave = (expected: string) =>
        Effect.gen(function*() {
          const callers = yield* Effect.forEach(Arr.range(1, 100), () => Effect.fork(id))
          yield* TestClock.adjust("1 seconds")
          const ids = yield* Effect.forEach(callers, Fiber.join)
          assert.deepStrictEqual(Arr.dedupe(ids), [expected])
        })
      yield* wave("key1")
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("1 hour")
      yield* wave("key2")
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("still get the session if the first of them is interrupted", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600)], { delay: "5 seconds" })
      const impatient = yield* Effect.fork(Effect.timeoutOption(id, "1 seconds"))
      const patient = yield* Effect.fork(id)
      yield* TestClock.adjust("1 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.join(impatient)))
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual(yield* Fiber.join(patient), "key1")
      assert.strictEqual(yield* count, 1)
    }))

  it.scoped("that are all interrupted leave a fetch that still fills the cache", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600)], { delay: "5 seconds" })
      const caller = yield* Effect.fork(id)
      yield* TestClock.adjust("1 seconds")
      yield* Fiber.interrupt(caller)
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual(yield* id, "key1")
      assert.strictEqual(yield* count, 1)
    }))

  it.scoped("do not make the fetch uninterruptible, nor does an uninterruptible make", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { id } = yield* Effect.uninterruptible(
        Scope.extend(scriptedProvider([lasting(3600)], { delay: "1 hour" }), scope)
      )
      const caller = yield* Effect.fork(Effect.uninterruptible(Effect.exit(id)))
      yield* settle
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.join(caller)))
    }))

  it.scoped("are interrupted with the fetch when the scope closes, and a later get does not hang", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const interrupted = yield* Deferred.make<void>()
      const provider = yield* Scope.extend(
        CredentialProvider.make({
          name: "test",
          fetch: Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, void 0))
        }),
        scope
      )
      const waiting = yield* Effect.fork(Effect.exit(provider.get))
      yield* settle
      yield* Scope.close(scope, Exit.void)
      yield* Deferred.await(interrupted)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.join(waiting)))
      assert.isTrue(Exit.isInterrupted(yield* Effect.exit(provider.get)))
    }))

  it.scoped("do not affect the fetch, which runs in the context of make", () =>
    Effect.gen(function*() {
      const mine = Tracer.externalSpan({ spanId: "0000000000000001", traceId: "00000000000000000000000000000001" })
      const seen = yield* Ref.make<ReadonlyArray<string>>([])
      const provider = yield* CredentialProvider.make({
        name: "test",
        fetch: Effect.gen(function*() {
          const span = yield* Effect.currentParentSpan
          yield* Ref.update(seen, Arr.append(span.traceId))
          return accessKey("key")
        }).pipe(Effect.orDie)
      })
      yield* Effect.withParentSpan(provider.get, mine)
      assert.notInclude(yield* Ref.get(seen), mine.traceId)
    }))
})
