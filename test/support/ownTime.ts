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
  [Clock.ClockTypeId]: Clock.ClockTypeId,
  unsafeCurrentTimeMillis: millis,
  currentTimeMillis: Effect.sync(millis),
  unsafeCurrentTimeNanos: nanos,
  currentTimeNanos: Effect.sync(nanos),
  sleep: (duration) =>
    Effect.async<void>((resume) => Effect.sync(sleep(Duration.toMillis(duration), () => resume(Effect.void))))
})

export const run = <A, E>(
  program: Effect.Effect<A, E>,
  time: Time,
  schedule: (task: () => void) => void,
  onExit: (exit: Exit.Exit<A, E>) => void
): void => {
  const scheduler: Scheduler.Scheduler = {
    scheduleTask: schedule,
    shouldYield: (fiber) => fiber.currentOpCount > 2048 ? 0 : false
  }
  Effect.runFork(Effect.withClock(program, clockOf(time)), { scheduler }).addObserver(onExit)
}
