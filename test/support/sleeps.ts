/** When the sleeps of a test clock end. */
import { Effect, TestClock } from "effect"

/** Has to run before the sleeps begin. */
export const watchSleeps: Effect.Effect<void> = Effect.void

export const sleeps: Effect.Effect<ReadonlyArray<number>> = Effect.map(TestClock.sleeps(), (all) => Array.from(all))
