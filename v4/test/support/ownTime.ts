/**
 * Runs a program with another clock, and its steps when the caller wants.
 */
import { Clock, Duration, Effect, type Exit, type Scheduler } from "effect"

export interface Time {
  readonly millis: () => number
  readonly nanos: () => bigint
  /** Returns what ends the sleep early. */
  readonly sleep: (millis: number, wake: () => void) => () => void
}

const clockOf = ({ millis, nanos, sleep }: Time): Clock.Clock => ({
  currentTimeMillisUnsafe: millis,
  currentTimeMillis: Effect.sync(millis),
  currentTimeNanosUnsafe: nanos,
  currentTimeNanos: Effect.sync(nanos),
  monotonicTimeNanosUnsafe: nanos,
  monotonicTimeNanos: Effect.sync(nanos),
  sleep: (duration) =>
    Effect.callback<void>((resume) => Effect.sync(sleep(Duration.toMillis(duration), () => resume(Effect.void))))
})

export const run = <A, E>(
  program: Effect.Effect<A, E>,
  time: Time,
  schedule: (task: () => void) => void,
  onExit: (exit: Exit.Exit<A, E>) => void
): void => {
  const scheduler: Scheduler.Scheduler = {
    executionMode: "async",
    shouldYield: (fiber) => fiber.currentOpCount > 2048,
    makeDispatcher: () => ({ scheduleTask: schedule, flush: () => {} })
  }
  Effect.runFork(Effect.provideService(program, Clock.Clock, clockOf(time)), { scheduler }).addObserver(onExit)
}
