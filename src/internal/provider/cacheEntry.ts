/**
 * Credentials in the cache, and how long they last although somebody may set the wall clock back.
 */
import type * as Clock from "effect/Clock"
import * as Exit from "effect/Exit"
import type { Credentials } from "../../Credentials.ts"
import type { Deadlines } from "./deadlines.ts"

/** @internal */
export interface Entry extends Deadlines {
  readonly credentials: Credentials
  // An Exit is itself an effect, so that a hit allocates nothing.
  readonly exit: Exit.Exit<Credentials>
  readonly receivedAt: number
  /** By the monotonic clock. */
  readonly receivedNanos: bigint
  /** When the wall clock was last compared with the monotonic clock. */
  comparedAt: number
  /** Whether the wall clock was set back, so that it no longer says how long the credentials last. */
  isSetBack: boolean
  /** A service refused them, and they have not been renewed since. */
  isRefused: boolean
}

/** @internal */
export const make = (clock: Clock.Clock, credentials: Credentials, deadlines: Deadlines, now: number): Entry => ({
  credentials,
  exit: Exit.succeed(credentials),
  receivedAt: now,
  receivedNanos: clock.unsafeCurrentTimeNanos(),
  comparedAt: now,
  isSetBack: false,
  isRefused: false,
  ...deadlines
})

/**
 * The time of the wall clock, or what it would show if nobody had set it back since the credentials were received.
 *
 * @internal
 */
export const timeOf = (clock: Clock.Clock, held: Entry, now: number): number =>
  Math.max(now, held.receivedAt + Number((clock.unsafeCurrentTimeNanos() - held.receivedNanos) / 1_000_000n))

const second = 1000

/** @internal */
export const isSetBack = (clock: Clock.Clock, held: Entry, now: number): boolean =>
  timeOf(clock, held, now) - now > second

/** The same for the fast path, which compares the clocks once a second. @internal */
export const seemsSetBack = (clock: Clock.Clock, held: Entry, now: number): boolean => {
  if (now < held.comparedAt || now - held.comparedAt >= second) {
    held.comparedAt = now
    held.isSetBack = isSetBack(clock, held, now)
  }
  return held.isSetBack
}

/** How long the credentials still last, in milliseconds. @internal */
export const left = (clock: Clock.Clock, held: Entry, now: number): number => held.expiresAt - timeOf(clock, held, now)
