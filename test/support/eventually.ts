import { Clock, Effect, Exit, TestServices } from "effect"

// Only limits how long a test can hang. It is less than the time limit of vitest, so that the assertion is reported.
const limit = 100_000

const now = TestServices.provideLive(Clock.currentTimeMillis)

const pause = TestServices.provideLive(Effect.sleep("10 millis"))

/** Repeats an effect in real time until it succeeds, for what happens outside of this process or without its control. */
export const eventually = <A, E, R>(assertion: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const end = (yield* now) + limit
    while (true) {
      const exit = yield* Effect.exit(assertion)
      if (Exit.isSuccess(exit) || (yield* now) > end) return yield* exit
      yield* pause
    }
  })
