/**
 * Time limits that hold on machines that sleep, processes that are stopped, and event loops that are blocked.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** What a time limit found out in the meantime. @internal */
export interface Expiry {
  /** The wall clock jumped over most of the limit: the machine slept, or somebody set the clock. */
  readonly jumped: boolean
}

/** @internal */
export interface Options<E> {
  readonly millis: number
  readonly onTimeout: (expiry: Expiry) => E
  /** After a jump, waits for the whole limit again, for requests that must not be repeated. */
  readonly ignoreJumps?: boolean | undefined
}

// How soon after a sleep the end of a limit is noticed.
const tick = 1000

// A timer that fires later than this means that the whole process was blocked.
const lateness = 100

// Whatever arrived meanwhile waits in the operating system, and is delivered in the next turns of the loop.
const turns = 10

/** Like `Effect.timeoutFail`, but does not throw away what arrived while nothing could run. @internal */
export const within =
  <E2>(options: Options<E2>) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | E2, R> =>
    Effect.raceFirst(self, Effect.flatMap(expiry(options), (expiry) => Effect.fail(options.onTimeout(expiry))))

/** Ends when the time is over, which is noticed as {@link within} says. @internal */
export const expiry = (
  { ignoreJumps = false, millis }: Pick<Options<unknown>, "millis" | "ignoreJumps">
): Effect.Effect<Expiry> =>
  Effect.suspend(() => {
    let left = millis
    let jump = 0
    let isLate = false
    const wait: Effect.Effect<void> = Effect.suspend(() => {
      const planned = Math.min(left, tick)
      return Effect.flatMap(slept(planned), (passed) => {
        isLate = isLate || passed - planned > lateness
        jump = Math.max(jump, passed - planned)
        left -= ignoreJumps ? planned : Math.max(planned, passed)
        return left > 0 ? wait : isLate ? turn(turns) : Effect.void
      })
    })
    return Effect.map(wait, () => ({ jumped: jump > millis / 2 }))
  })

/** Sleeps, and returns how much time has passed by the wall clock. */
const slept = (millis: number): Effect.Effect<number> =>
  Effect.flatMap(Clock.currentTimeMillis, (before) =>
    Effect.zipRight(
      Effect.sleep(Duration.millis(millis)),
      Effect.map(Clock.currentTimeMillis, (after) => after - before)
    ))

const turn = (count: number): Effect.Effect<void> =>
  count === 0 ? Effect.void : Effect.zipRight(Effect.sleep(0), Effect.suspend(() => turn(count - 1)))
