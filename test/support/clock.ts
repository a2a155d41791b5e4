import { vi } from "@effect/vitest"
import { Clock, type Duration, Effect, Fiber, TestClock } from "effect"
import { offsetClock } from "./offsetClock.ts"

/** In milliseconds. */
export const hour = 3_600_000

// More steps than any work without promises takes. The number of steps does not depend on the speed of the machine.
const steps = 1000

/** Runs everything that can run now without the test clock and without promises. */
export const settle = Effect.zipRight(TestClock.adjust(0), Effect.repeatN(Effect.yieldNow(), steps))

/** Runs an effect while the test clock advances, and returns the milliseconds of test time that it took. */
export const elapsed = <A, E, R>(effect: Effect.Effect<A, E, R>, most: Duration.DurationInput = "2 minutes") =>
  Effect.gen(function*() {
    const start = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.fork(Effect.flatMap(
      Effect.exit(effect),
      (exit) => Effect.map(Clock.currentTimeMillis, (end) => ({ exit, millis: end - start }))
    ))
    yield* TestClock.adjust(most)
    const { exit, millis } = yield* Fiber.join(fiber)
    return { value: yield* exit, millis }
  })

/** Advances the test clock until the effect ends, so that pauses between attempts end. */
export const whileTimePasses = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* settle
    while ((yield* Fiber.poll(fiber))._tag === "None") yield* TestClock.adjust("100 millis")
    return yield* Fiber.join(fiber)
  })

/** A wall clock that can be set, beside the test clock, which nobody can set and which sleeps follow. */
export const settableClock = Effect.map(Effect.clock, (clock) => {
  let offset = 0
  const wall = offsetClock(clock, () => offset)
  return {
    /** Moves the wall clock, by so many milliseconds. */
    move: (millis: number) => Effect.sync(() => void (offset += millis)),
    use: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.withClock(effect, wall)
  }
})

/** Stops the date of this process until the scope closes, for clients that do not use the test clock. Sets the date. */
export const fakeDate = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => vi.useFakeTimers({ toFake: ["Date"] })),
    () => Effect.sync(() => vi.useRealTimers())
  ),
  () => (millis: number): void => void vi.setSystemTime(millis)
)
