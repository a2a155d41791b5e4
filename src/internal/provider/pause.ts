/**
 * Pauses that end in time although somebody sets the clock back meanwhile.
 */
import type * as Clock from "effect/Clock"

/** @internal */
export interface Pause {
  readonly since: number
  readonly until: number
  /** By the clock that nobody can set. */
  readonly untilNanos: bigint
}

/** @internal */
export const start = (clock: Clock.Clock, millis: number): Pause => {
  const since = clock.unsafeCurrentTimeMillis()
  return {
    since,
    until: since + millis,
    untilNanos: clock.unsafeCurrentTimeNanos() + BigInt(Math.ceil(Math.min(millis, longest))) * 1_000_000n
  }
}

// More than any pause, and a number that a bigint can be made of.
const longest = 2 ** 50

/** `now` is the time of the wall clock. @internal */
export const isOver = (clock: Clock.Clock, pause: Pause, now: number): boolean =>
  now >= pause.until || (now < pause.since && clock.unsafeCurrentTimeNanos() >= pause.untilNanos)
