/**
 * How often a refusal may cause a renewal: a service that refuses every session must not cause one each time.
 */
import type * as Clock from "effect/Clock"
import * as deadlines from "./deadlines.ts"
import * as Pause from "./pause.ts"

/** @internal */
export interface Refusals {
  /** Whether a refusal may cause a renewal now. If so, the next ones have to wait. */
  readonly mayRenew: () => boolean
}

/** @internal */
export const make = (clock: Clock.Clock): Refusals => {
  let count = 0
  let last: Pause.Pause | undefined = undefined
  let quiet: Pause.Pause | undefined = undefined
  return {
    mayRenew: () => {
      const now = clock.unsafeCurrentTimeMillis()
      if (last !== undefined && !Pause.isOver(clock, last, now)) return false
      if (quiet === undefined || Pause.isOver(clock, quiet, now)) count = 0
      last = Pause.start(clock, deadlines.refusalPause(count))
      quiet = Pause.start(clock, deadlines.refusalMemory)
      count += 1
      return true
    }
  }
}
