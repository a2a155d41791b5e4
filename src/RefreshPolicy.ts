/**
 * When sessions are renewed, and how failed renewals are retried.
 *
 * @since 0.1.0
 */

import * as Duration from "effect/Duration"

/**
 * When sessions are renewed. The option `refresh` of a source takes any part of it; the rest comes from
 * {@link defaults}, or for ECS roles from {@link instanceDefaults}. A number is milliseconds.
 *
 * The defaults are made for fleets, whose processes start together and share one quota: see docs/at-scale.md.
 *
 * @since 0.1.0
 * @category models
 */
export interface RefreshPolicy {
  /**
   * How long before it expires a session is renewed in the background, at most a quarter of its lifetime. This is the
   * earliest time; `jitter` makes it later. Defaults to 60 minutes, and for ECS roles to 15 minutes, as the product
   * documentation recommends.
   */
  readonly prefetch: Duration.DurationInput
  /**
   * How long before it expires a session is renewed before it is returned, at most a tenth of its lifetime. If that
   * fails, it is returned until it expires. Defaults to 10 seconds, so that a request signed with it arrives in time.
   */
  readonly safety: Duration.DurationInput
  /**
   * How long to wait for the next renewal if the last one returned no newer session, as the metadata service does until
   * it rotates. Defaults to 1 minute, which is also the default `interval` of a chain.
   */
  readonly interval: Duration.DurationInput
  /**
   * The longest pause after a failed request. Defaults to 5 minutes.
   *
   * Pauses after failed renewals double. For a session of one hour the first is at most 2 minutes, and 7.5 seconds if the
   * server throttles; for other sessions they scale with the time between the earliest renewal and the expiration. No
   * pause is longer than two thirds of the time that the session still lasts, and they get shorter towards its end: a
   * minute before the expiration at most 6 seconds, for a session of one hour. `Retry-After` makes a pause longer, up to
   * twice what the server asks for, so that not all processes of a fleet come back at once. A `Retry-After` of more than
   * 5 minutes counts as 5 minutes.
   */
  readonly maxBackoff: Duration.DurationInput
  /**
   * How long `get` waits for a server that throttles (status 429, a code such as `Throttling.User`, or `Retry-After`)
   * while no usable session is cached. Requests follow after random pauses within this time, once for all callers. It
   * begins with the first caller that waits. `get` fails at once if the server asks for a longer pause than what is left
   * of it, or if the next request would be sent after it. Defaults to 90 seconds. With 0, `get` does not wait.
   *
   * The whole time is used, since thousands of processes that start together need it: a process alone waits 45 seconds
   * on average. With `Retry-After` the first pause is at most twice what the server asks for, and with a `jitter` of 0
   * pauses double from one second. If the source of a provider is another provider, both together wait no longer than
   * the outer one does. The links of a chain share the longest `maxWait` of them, and a chain does not wait for links
   * that it tries in the background.
   */
  readonly maxWait: Duration.DurationInput
  /**
   * How much of `prefetch` and of the pauses is random, as a fraction from 0 to 1. Defaults to 1: renewals begin at a
   * random time, and pauses last between nothing and their full length. In any case three quarters of the time before
   * the expiration, but at most 12 minutes, stay free for failures: for an outage of 10 minutes, and for a server that
   * then answers everybody.
   */
  readonly jitter: number
}

/**
 * The default policy: `prefetch` 60 minutes, `safety` 10 seconds, `interval` 1 minute, `maxBackoff` 5 minutes, `maxWait`
 * 90 seconds and `jitter` 1.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { RamRoleArn, RefreshPolicy } from "effect-alicloud-credentials"
 *
 * const layer = RamRoleArn.layer({
 *   roleArn: "acs:ram::123456789012:role/app",
 *   refresh: { ...RefreshPolicy.defaults, prefetch: "10 minutes" }
 * })
 * ```
 */
export const defaults: RefreshPolicy = {
  prefetch: Duration.minutes(60),
  safety: Duration.seconds(10),
  interval: Duration.minutes(1),
  maxBackoff: Duration.minutes(5),
  maxWait: Duration.seconds(90),
  jitter: 1
}

/**
 * The default policy for ECS roles: `prefetch` 15 minutes, as the product documentation recommends, and the rest as in
 * {@link defaults}.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { EcsRamRole, RefreshPolicy } from "effect-alicloud-credentials"
 *
 * const layer = EcsRamRole.layer({ refresh: { ...RefreshPolicy.instanceDefaults, interval: "30 seconds" } })
 * ```
 */
export const instanceDefaults: RefreshPolicy = { ...defaults, prefetch: Duration.minutes(15) }
