/**
 * The faults that a test can add to the local cloud.
 *
 * @since 0.1.0
 */

import type { DurationInput } from "effect/Duration"
import type { ServiceName } from "./World.ts"

/**
 * The requests that a fault applies to.
 *
 * @since 0.1.0
 * @category models
 */
export interface FaultTarget {
  /** The service. Defaults to every service. */
  readonly service?: ServiceName | undefined
  /** An operation as `RequestRecord.operation` names it. Defaults to every operation. */
  readonly operation?: string | undefined
  /** The number of requests that it applies to; `Infinity` for all from now on. Defaults to 1. */
  readonly times?: number | undefined
  /** The number of matching requests that are answered normally before the fault applies. Defaults to 0. */
  readonly skip?: number | undefined
}

/**
 * The cloud answers with an error and does nothing else.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatusFault extends FaultTarget {
  /** The kind of fault. */
  readonly kind: "status"
  /** The status of the answer. */
  readonly status: number
  /** The error code. Defaults to a code for the status, such as `Throttling` for 429. */
  readonly code?: string | undefined
  /** The error message. Defaults to a text that names the fault. */
  readonly message?: string | undefined
  /** Additional headers, for example `{ "retry-after": "3" }`. Defaults to none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * The cloud never answers.
 *
 * @since 0.1.0
 * @category models
 */
export interface SilentFault extends FaultTarget {
  /** The kind of fault. */
  readonly kind: "silent"
}

/**
 * The cloud handles the request after a delay.
 *
 * @since 0.1.0
 * @category models
 */
export interface DelayFault extends FaultTarget {
  /** The kind of fault. */
  readonly kind: "delay"
  /** How long the cloud waits before it handles the request. */
  readonly delay: DurationInput
}

/**
 * The connection breaks.
 *
 * @since 0.1.0
 * @category models
 */
export interface DisconnectFault extends FaultTarget {
  /** The kind of fault. */
  readonly kind: "disconnect"
  /**
   * When it breaks. `request`: before the cloud handles the request; `answer`: after that, before the answer; `body`:
   * in the middle of the body. Defaults to `request`.
   */
  readonly at?: "request" | "answer" | "body" | undefined
  /** In memory, the `code` of the error in `cause`, such as `ENOTFOUND`. Defaults to `ECONNRESET`. */
  readonly errorCode?: string | undefined
}

/**
 * The cloud answers with a malformed body and does nothing else.
 *
 * @since 0.1.0
 * @category models
 */
export interface MalformedFault extends FaultTarget {
  /** The kind of fault. */
  readonly kind: "malformed"
  /** The body. Defaults to an HTML page. */
  readonly body?: string | undefined
  /** The status. Defaults to 200. */
  readonly status?: number | undefined
}

/**
 * The answer lacks fields, at any depth of the body.
 *
 * @since 0.1.0
 * @category models
 */
export interface MissingFault extends FaultTarget {
  /** The kind of fault. */
  readonly kind: "missing"
  /** The names of the missing fields. */
  readonly fields: ReadonlyArray<string>
}

/**
 * The answer issues credentials or a token that have already expired.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExpiredFault extends FaultTarget {
  /** The kind of fault. */
  readonly kind: "expired"
  /** How long ago they expired. Defaults to 1 minute. */
  readonly ago?: DurationInput | undefined
}

/**
 * The body does not end.
 *
 * @since 0.1.0
 * @category models
 */
export interface EndlessFault extends FaultTarget {
  /** The kind of fault. */
  readonly kind: "endless"
  /** The number of bytes after which it ends. Defaults to never. */
  readonly bytes?: number | undefined
}

/**
 * The cloud answers with a redirect.
 *
 * @since 0.1.0
 * @category models
 */
export interface RedirectFault extends FaultTarget {
  /** The kind of fault. */
  readonly kind: "redirect"
  /** The address in the `Location` header. */
  readonly location: string
  /** The status. Defaults to 302. */
  readonly status?: number | undefined
}

/**
 * The clock of the cloud is wrong. This fault and a fault of another kind can apply to the same request.
 *
 * @since 0.1.0
 * @category models
 */
export interface SkewFault extends FaultTarget {
  /** The kind of fault. */
  readonly kind: "skew"
  /** The number of milliseconds that it is ahead; negative if it is behind. */
  readonly millis: number
  /**
   * What is wrong. `clock`: the time that the cloud checks timestamps and computes expirations with; `date`: only the
   * `Date` header. Defaults to `clock`.
   */
  readonly of?: "clock" | "date" | undefined
}

/**
 * The head and the first part of the body arrive, and then nothing more.
 *
 * @since 0.1.0
 * @category models
 */
export interface DripFault extends FaultTarget {
  /** The kind of fault. */
  readonly kind: "drip"
  /** The size of the first part. Defaults to 10 bytes. */
  readonly bytes?: number | undefined
}

/**
 * A fault, and the requests that it applies to.
 *
 * @since 0.1.0
 * @category models
 */
export type Fault =
  | StatusFault
  | SilentFault
  | DelayFault
  | DisconnectFault
  | MalformedFault
  | MissingFault
  | ExpiredFault
  | EndlessFault
  | RedirectFault
  | SkewFault
  | DripFault

/**
 * The kinds of faults.
 *
 * @since 0.1.0
 * @category models
 */
export type FaultKind = Fault["kind"]
