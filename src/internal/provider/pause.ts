/**
 * Pauses that end in time although the clock is set back in the meantime.
 */
import type * as Clock from "effect/Clock"

/** @internal */
export interface Pause {
  readonly until: number
  /** By the monotonic clock. */
  readonly untilNanos: bigint
}

/** @internal */
export const start = (clock: Clock.Clock, millis: number): Pause => {
  return {
    until: clock.unsafeCurrentTimeMillis() + millis,
    untilNanos: clock.unsafeCurrentTimeNanos() + BigInt(Math.ceil(Math.min(millis, longest))) * 1_000_000n
  }
}

// More than any pause, and a number that a bigint can be made of.
const longest = 2 ** 50

/** How long it still lasts, in milliseconds. `now` is the time of the wall clock. @internal */
export const left = (clock: Clock.Clock, pause: Pause, now: number): number =>
  Math.max(
    0,
    Math.min(pause.until - now, Number(pause.untilNanos - clock.unsafeCurrentTimeNanos()) / 1_000_000)
  )

/** `now` is the time of the wall clock. @internal */
export const isOver = (clock: Clock.Clock, pause: Pause, now: number): boolean =>
  now >= pause.until || clock.unsafeCurrentTimeNanos() >= pause.untilNanos
