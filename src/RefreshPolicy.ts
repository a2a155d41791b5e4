/**
 * When a session is renewed, and how failed renewals are repeated.
 *
 * @since 0.1.0
 */

import * as Duration from "effect/Duration"

/**
 * Every source of sessions takes a part of it as its `refresh` option.
 *
 * @since 0.1.0
 * @category models
 */
export interface RefreshPolicy {
  /**
   * How long before its end a session is renewed in the background, at most a quarter of its lifetime. Defaults to 15
   * minutes, as the product documentation says for ECS roles.
   */
  readonly prefetch: Duration.DurationInput
  /**
   * How long before its end a session is no longer handed out, at most a tenth of its lifetime. Defaults to 10 seconds,
   * so that a request signed with it does not arrive too late.
   */
  readonly safety: Duration.DurationInput
  /**
   * How long to wait before looking again when a renewal brought nothing newer, as the metadata service does until it
   * rotates; and before a chain tries an earlier link again. Defaults to 1 minute.
   */
  readonly interval: Duration.DurationInput
  /** The longest pause between failed renewals, which start at 100 milliseconds and double. Defaults to 10 seconds. */
  readonly maxBackoff: Duration.DurationInput
  /** By which part `prefetch` and the pauses are shortened at random, from 0 to 1. Defaults to 0.05. */
  readonly jitter: number
}

/**
 * 15 minutes, 10 seconds, 1 minute, 10 seconds and 0.05.
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
