/**
 * When sessions are renewed, and how failed renewals are retried.
 *
 * @since 0.1.0
 */

import * as Duration from "effect/Duration"

/**
 * When sessions are renewed. The option `refresh` of a source takes any part of it; the rest comes from
 * {@link defaults}. A number is milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface RefreshPolicy {
  /**
   * How long before it expires a session is renewed in the background, at most a quarter of its lifetime. Defaults to
   * 15 minutes, as the product documentation recommends for ECS roles.
   */
  readonly prefetch: Duration.DurationInput
  /**
   * How long before it expires a session is no longer returned, at most a tenth of its lifetime. Defaults to 10
   * seconds, so that a request signed with it arrives in time.
   */
  readonly safety: Duration.DurationInput
  /**
   * How long to wait for the next renewal if the last one returned no newer session, as the metadata service does until
   * it rotates. Defaults to 1 minute, which is also the default `interval` of a chain.
   */
  readonly interval: Duration.DurationInput
  /** The longest pause between failed renewals. Pauses start at 100 milliseconds and double. Defaults to 10 seconds. */
  readonly maxBackoff: Duration.DurationInput
  /** The largest random reduction of `prefetch` and of the pauses, as a fraction from 0 to 1. Defaults to 0.05. */
  readonly jitter: number
}

/**
 * The default policy: `prefetch` 15 minutes, `safety` 10 seconds, `interval` 1 minute, `maxBackoff` 10 seconds and
 * `jitter` 0.05.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { EcsRamRole, RefreshPolicy } from "effect-alicloud-credentials"
 *
 * const layer = EcsRamRole.layer({ refresh: { ...RefreshPolicy.defaults, prefetch: "30 minutes" } })
 * ```
 */
export const defaults: RefreshPolicy = {
  prefetch: Duration.minutes(15),
  safety: Duration.seconds(10),
  interval: Duration.minutes(1),
  maxBackoff: Duration.seconds(10),
  jitter: 0.05
}
