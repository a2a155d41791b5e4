import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, TestClock } from "effect"
import { type Expiry, within } from "../../../src/internal/wire/limit.ts"
import { settableClock } from "../../support/clock.ts"

const limited = <A, E, R>(effect: Effect.Effect<A, E, R>, ignoreJumps = false) =>
  Effect.either(within({ millis: 15_000, ignoreJumps, onTimeout: (expiry) => expiry })(effect))

const timedOut = (jumped: boolean): Expiry => ({ jumped })

describe("a time limit", () => {
  it.effect("fails after its time, and not before", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(limited(Effect.never))
      yield* TestClock.adjust(14_999)
      assert.isTrue((yield* Fiber.poll(fiber))._tag === "None")
      yield* TestClock.adjust(1)
      assert.deepStrictEqual((yield* Fiber.join(fiber))._tag, "Left")
    }))

  it.effect("gives what came within it, and stops counting", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(limited(Effect.as(Effect.sleep(14_999), "answer")))
      yield* TestClock.adjust(20_000)
      const result = yield* Fiber.join(fiber)
      assert.isTrue(result._tag === "Right" && result.right === "answer")
    }))

  it.effect("is over within a second after a machine slept for longer", () =>
    Effect.gen(function*() {
      const wall = yield* settableClock
      const fiber = yield* Effect.fork(wall.use(limited(Effect.never)))
      yield* TestClock.adjust(300)
      yield* wall.move(50 * 60_000)
      yield* TestClock.adjust(700)
      const result = yield* Fiber.join(fiber)
      assert.deepStrictEqual(result._tag === "Left" && result.left, timedOut(true))
    }))

  it.effect("lasts as long if it ignores that the machine slept", () =>
    Effect.gen(function*() {
      const wall = yield* settableClock
      const fiber = yield* Effect.fork(wall.use(limited(Effect.never, true)))
      yield* TestClock.adjust(300)
      yield* wall.move(50 * 60_000)
      yield* TestClock.adjust(14_699)
      assert.isTrue((yield* Fiber.poll(fiber))._tag === "None")
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Left")
    }))

  it.effect("lasts as long when the clock is set back", () =>
    Effect.gen(function*() {
      const wall = yield* settableClock
      const fiber = yield* Effect.fork(wall.use(limited(Effect.never)))
      yield* TestClock.adjust(300)
      yield* wall.move(-50 * 60_000)
      yield* TestClock.adjust(14_700)
      const result = yield* Fiber.join(fiber)
      assert.deepStrictEqual(result._tag === "Left" && result.left, timedOut(false))
    }))

  it.live("does not throw away what arrived while the event loop was blocked", () =>
    Effect.gen(function*() {
      const clock = yield* Effect.clock
      // The answer is due long before the limit, but neither timer can fire before both are over.
      const answer = Effect.zipRight(
        Effect.sleep(20),
        Effect.promise(() =>
          new Promise<string>((done) => {
            setImmediate(() => done("answer"))
          })
        )
      )
      const limit = within({ millis: 100, onTimeout: () => "late" })(answer)
      const fiber = yield* Effect.fork(Effect.exit(limit))
      yield* Effect.yieldNow()
      const start = clock.unsafeCurrentTimeMillis()
      while (clock.unsafeCurrentTimeMillis() - start < 400) { /* blocked */ }
      assert.deepStrictEqual(yield* Fiber.join(fiber), Exit.succeed("answer"))
    }))

  it.effect("interrupts what runs into it", () =>
    Effect.gen(function*() {
      let interrupted = false
      const work = Effect.onInterrupt(Effect.never, () =>
        Effect.sync(() => {
          interrupted = true
        }))
      const fiber = yield* Effect.fork(limited(work))
      yield* TestClock.adjust(15_000)
      yield* Fiber.join(fiber)
      assert.isTrue(interrupted)
      assert.strictEqual(yield* Clock.currentTimeMillis, 15_000)
    }))
})
