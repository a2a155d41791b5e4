/**
 * The arithmetic of renewal, in milliseconds of the wall clock.
 */
import * as Duration from "effect/Duration"
import * as RefreshPolicy from "../../RefreshPolicy.ts"

/** @internal */
export interface Policy {
  readonly prefetch: number
  readonly safety: number
  readonly interval: number
  readonly maxBackoff: number
  readonly jitter: number
}

/** @internal */
export const policy = (part: Partial<RefreshPolicy.RefreshPolicy> | undefined): Policy => {
  const given = Object.fromEntries(Object.entries(part ?? {}).filter(([, value]) => value !== undefined))
  const whole: RefreshPolicy.RefreshPolicy = { ...RefreshPolicy.defaults, ...given }
  return {
    prefetch: Duration.toMillis(whole.prefetch),
    safety: Duration.toMillis(whole.safety),
    interval: Duration.toMillis(whole.interval),
    maxBackoff: Duration.toMillis(whole.maxBackoff),
    jitter: Number.isNaN(whole.jitter) ? RefreshPolicy.defaults.jitter : Math.min(1, Math.max(0, whole.jitter))
  }
}

/** @internal */
export interface Deadlines {
  readonly expiresAt: number
  readonly refreshAt: number
  readonly usableUntil: number
}

// A share of the lifetime bounds both margins, or a session of 900 seconds would be renewed at every call.
/** @internal */
export const ofSession = (policy: Policy, now: number, expiresAt: number, random: number): Deadlines => {
  const lifetime = expiresAt - now
  return {
    expiresAt,
    refreshAt: expiresAt - Math.min(policy.prefetch, lifetime / 4) * spread(policy, random),
    usableUntil: expiresAt - Math.min(policy.safety, lifetime / 10)
  }
}

/** @internal */
export const ofConstant = (now: number, keep: number): Deadlines => ({
  expiresAt: Infinity,
  refreshAt: now + keep,
  usableUntil: Infinity
})

// A server that asks for days would keep a key from ever being looked at again.
const longestPause = 5 * 60_000

/** @internal */
export const backoff = (policy: Policy, failures: number, random: number, retryAfter: number): number =>
  Math.max(
    Math.min(policy.maxBackoff, 100 * 2 ** failures) * spread(policy, random),
    Math.min(retryAfter, longestPause)
  )

/** No fetch takes longer, unless nothing could run meanwhile. @internal */
export const longestFetch = 15_000

/** How long a refusal waits that comes after others: one second, then twice that. @internal */
export const refusalPause = (refusals: number): number => Math.min(60_000, 1000 * 2 ** Math.min(refusals, 16))

/** After this time without a refusal, the next one counts as the first. @internal */
export const refusalMemory = 5 * 60_000

const spread = (policy: Policy, random: number): number => 1 - policy.jitter * random
