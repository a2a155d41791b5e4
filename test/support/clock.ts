import { Clock, type Duration, Effect, Fiber, TestClock } from "effect"

/** In milliseconds. */
export const hour = 3_600_000

/** Runs everything that can run at this instant. */
export const settle = TestClock.adjust(0)

/** Runs an effect while the test clock goes on, and says after how many milliseconds of it the effect ended. */
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

/** A wall clock that can be set, beside the test clock, which nobody can set and which sleeps follow. */
export const settableClock = Effect.map(Effect.clock, (clock) => {
  let offset = 0
  const unsafeCurrentTimeMillis = () => clock.unsafeCurrentTimeMillis() + offset
  const wall: Clock.Clock = {
    ...clock,
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis,
    currentTimeMillis: Effect.sync(unsafeCurrentTimeMillis),
    unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
    currentTimeNanos: clock.currentTimeNanos,
    sleep: (duration) => clock.sleep(duration)
  }
  return {
    /** Moves the wall clock, by so many milliseconds. */
    move: (millis: number) => Effect.sync(() => void (offset += millis)),
    use: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.withClock(effect, wall)
  }
})
