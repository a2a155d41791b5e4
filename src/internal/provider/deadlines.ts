/**
 * The arithmetic of renewal, in milliseconds of the wall clock. It is made for fleets: many processes that start together
 * and share the quota of one account.
 */
import * as Duration from "effect/Duration"
import * as RefreshPolicy from "../../RefreshPolicy.ts"

/** @internal */
export interface Policy {
  readonly prefetch: number
  readonly safety: number
  readonly interval: number
  readonly maxBackoff: number
  readonly maxWait: number
  readonly jitter: number
}

/** @internal */
export const policy = (
  part: Partial<RefreshPolicy.RefreshPolicy> | undefined,
  defaults: RefreshPolicy.RefreshPolicy = RefreshPolicy.defaults
): Policy => {
  const given = Object.fromEntries(Object.entries(part ?? {}).filter(([, value]) => value !== undefined))
  const whole: RefreshPolicy.RefreshPolicy = { ...defaults, ...given }
  return {
    prefetch: Duration.toMillis(whole.prefetch),
    safety: Duration.toMillis(whole.safety),
    interval: Duration.toMillis(whole.interval),
    maxBackoff: Duration.toMillis(whole.maxBackoff),
    maxWait: Duration.toMillis(whole.maxWait),
    jitter: Number.isNaN(whole.jitter) ? defaults.jitter : Math.min(1, Math.max(0, whole.jitter))
  }
}

/** @internal */
export interface Deadlines {
  readonly expiresAt: number
  readonly refreshAt: number
  readonly usableUntil: number
  /** How long before the expiration renewals begin, before it is known when this one does. */
  readonly window: number
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

const outage = 10 * minute

// An outage, and the time in which a server that is back answers everybody.
const longestRoom = outage + 2 * minute

/** The part of a window that stays free for failures: no renewal begins in it that did not fail before. */
const roomOf = (window: number): number => Math.min(longestRoom, window * 3 / 4)

// A share of the lifetime bounds both margins, or a session of 900 seconds would be renewed at every call.
/** @internal */
export const ofSession = (policy: Policy, now: number, expiresAt: number, random: number): Deadlines => {
  const lifetime = expiresAt - now
  const window = Math.min(policy.prefetch, lifetime / 4)
  return {
    expiresAt,
    refreshAt: expiresAt - window + Math.min(policy.jitter * window, window - roomOf(window)) * random,
    usableUntil: expiresAt - Math.min(policy.safety, lifetime / 10),
    window
  }
}

/** @internal */
export const ofConstant = (now: number, keep: number): Deadlines => ({
  expiresAt: Infinity,
  refreshAt: now + keep,
  usableUntil: Infinity,
  window: Math.min(keep, hour) / 4
})

/** A server that asks for days would keep a key from ever being looked at again. @internal */
export const longestPause = 5 * minute

// A shorter pause would be the same breath.
const shortestPause = 100

/** A renewal that failed although its credentials still work. @internal */
export interface FailedRenewal {
  /** How often it failed before. */
  readonly failures: number
  /** How long the credentials still last. */
  readonly left: number
  readonly window: number
  readonly isThrottled: boolean
  /** Whether a service refused the credentials, so that callers cannot use them meanwhile. */
  readonly isRefused: boolean
  readonly retryAfter: number
}

/** The pause before a renewal is tried again. @internal */
export const backoff = (policy: Policy, failed: FailedRenewal, random: number): number => {
  const most = Math.min(firstPause(failed) * doublings(failed.failures), Math.max(second, shareOf(failed)))
  return Math.max(
    shortestPause,
    Math.min(policy.maxBackoff, hour, most) * spread(policy, random),
    later(policy, Math.min(failed.retryAfter, longestPause), random)
  )
}

/** A throttled server has room again within seconds. One that is down stays down for minutes. */
const firstPause = ({ isRefused, isThrottled, window }: FailedRenewal): number =>
  isRefused ? second : window / (isThrottled ? 120 : 7.5)

/**
 * The longest pause for the time that is left. Towards the end the share shrinks too: then those who have little time
 * left send most of the requests, and are answered first. A server that only throttles must not cost the time that an
 * outage would need.
 */
const shareOf = ({ isThrottled, left, window }: FailedRenewal): number => {
  const share = left * Math.min(1, left / Math.max(1, window) * 9 / 4)
  if (!isThrottled) return share * 2 / 3
  return Math.min(share / 3, left > outage ? (left - outage) / 2 : Infinity)
}

/** What a server asked for, and up to twice that, since others were asked the same. */
const later = (policy: Policy, retryAfter: number, random: number): number => retryAfter * (1 + policy.jitter * random)

/** A request that a server throttled while callers without credentials wait. @internal */
export interface Throttled {
  /** How often the server throttled before, since the callers began to wait. */
  readonly count: number
  /** For how long the callers still wait. */
  readonly left: number
  readonly retryAfter: number
}

/**
 * The pause before the next request. Without `Retry-After` it ends anywhere in the time for which the callers still wait:
 * a fleet that starts together needs all of it. A server that says `Retry-After` knows its load better, so the pause
 * begins there, and doubles. After the callers have waited enough, the pause is for those who ask next.
 *
 * @internal
 */
export const throttledPause = (policy: Policy, { count, left, retryAfter }: Throttled, random: number): number => {
  const asked = Math.min(retryAfter, policy.maxBackoff, longestPause)
  const doubled = Math.max(second, asked) * doublings(count)
  const limit = Math.min(policy.maxBackoff, longestPause, left < second ? policy.maxWait / 8 : left)
  const most = Math.max(asked, Math.min(limit, asked > 0 ? 2 * doubled : Infinity))
  const steady = Math.min(most, doubled)
  return Math.max(second, asked + (1 - policy.jitter) * (steady - asked) + policy.jitter * random * (most - asked))
}

/** No fetch takes longer, unless nothing could run meanwhile. @internal */
export const longestFetch = 15 * second

/** How long a refusal waits that comes after others: one second, then twice that. @internal */
export const refusalPause = (refusals: number): number => Math.min(minute, second * 2 ** Math.min(refusals, 16))

/** After this time without a refusal, the next one counts as the first. @internal */
export const refusalMemory = 5 * minute

const doublings = (count: number): number => 2 ** Math.min(count, 30)

const spread = (policy: Policy, random: number): number => 1 - policy.jitter * random
