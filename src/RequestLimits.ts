/**
 * How long a source waits for a server.
 *
 * @since 0.1.0
 */

import * as Duration from "effect/Duration"
import type { RefreshPolicy } from "./RefreshPolicy.ts"

/**
 * The two time limits of every source that sends requests. A number is milliseconds.
 *
 * The head of an answer must arrive within the sum of both. After that, no pause in its body may be longer than
 * `timeout`. Each request ends after twice the sum at the latest, with `CredentialsUnavailable`.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestLimits {
  /**
   * How long a server may take to answer, and how long the body of its answer may pause. Defaults to 5 seconds, and to
   * 1 second for the metadata service.
   */
  readonly timeout?: Duration.DurationInput | undefined
  /** How long a connection may take. Defaults to 10 seconds, and to 1 second for the metadata service. */
  readonly connectTimeout?: Duration.DurationInput | undefined
}

/**
 * The options of every source that requests sessions: time limits and a refresh policy.
 *
 * @since 0.1.0
 * @category models
 */
export interface SessionOptions extends RequestLimits {
  /**
   * When sessions are renewed, and how long callers wait for a server that throttles. Defaults to
   * `RefreshPolicy.defaults`, and for ECS roles to `RefreshPolicy.instanceDefaults`.
   */
  readonly refresh?: Partial<RefreshPolicy> | undefined
}

interface Defaults extends RequestLimits {
  readonly timeout: Duration.Duration
  readonly connectTimeout: Duration.Duration
}

/**
 * The default limits: `timeout` 5 seconds and `connectTimeout` 10 seconds, as in the product documentation. The
 * metadata service has {@link instanceDefaults}.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CredentialsUri, RequestLimits } from "effect-alicloud-credentials"
 *
 * const layer = CredentialsUri.layer({
 *   ...RequestLimits.defaults,
 *   uri: "https://keys.example.com/alicloud",
 *   timeout: "2 seconds"
 * })
 * ```
 */
export const defaults: Defaults = { timeout: Duration.seconds(5), connectTimeout: Duration.seconds(10) }

/**
 * The default limits for the metadata service, which runs on the host of the instance: 1 second each.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { EcsRamRole, RequestLimits } from "effect-alicloud-credentials"
 *
 * const layer = EcsRamRole.layer({ ...RequestLimits.instanceDefaults, timeout: "3 seconds" })
 * ```
 */
export const instanceDefaults: Defaults = { timeout: Duration.seconds(1), connectTimeout: Duration.seconds(1) }
