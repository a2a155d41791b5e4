import type { Clock } from "effect"

/** A machine whose wall clock can be set, beside a clock that nobody can set. Time passes by hand. */
export const handClock = () => {
  let wall = 1_000_000
  let nanos = 0n
  let reads = 0
  const clock = {
    unsafeCurrentTimeMillis: () => wall,
    unsafeCurrentTimeNanos: () => {
      reads += 1
      return nanos
    }
  } as unknown as Clock.Clock
  return {
    clock,
    now: () => wall,
    /** How often the clock was read that nobody can set. */
    reads: () => reads,
    pass: (millis: number) => {
      wall += millis
      nanos += BigInt(millis) * 1_000_000n
    },
    set: (millis: number) => {
      wall += millis
    }
  }
}
