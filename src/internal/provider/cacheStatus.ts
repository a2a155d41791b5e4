/**
 * What a refresh cache reports of itself, without using it.
 */
import type * as cacheEntry from "./cacheEntry.ts"
import * as cacheState from "./cacheState.ts"
import * as Monitor from "./monitor.ts"

/** @internal */
export const statusOf = (state: cacheState.State, isRenewing: boolean): Monitor.Status => {
  const now = state.clock.unsafeCurrentTimeMillis()
  const held = cacheState.living(state, now)
  const { failure } = state
  return held === undefined
    ? { ...Monitor.nothing, isRenewing, failure }
    : {
      credentials: held.credentials,
      expiresAt: held.expiresAt,
      isRefused: held.isRefused,
      isRenewing,
      renewAt: renewAt(state, held, now),
      failure
    }
}

/** The pause after a failed renewal can be longer than the time until the next one is due. */
const renewAt = (state: cacheState.State, held: cacheEntry.Entry, now: number): number =>
  Math.max(held.isRefused ? now : held.refreshAt, cacheState.isPaused(state, now) ? state.pause?.until ?? now : 0)
