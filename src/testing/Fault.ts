/**
 * What can go wrong in the local cloud.
 *
 * @since 0.1.0
 */

import type { DurationInput } from "effect/Duration"
import type { ServiceName } from "./World.ts"

/**
 * Which requests a fault applies to, and to how many of them.
 *
 * @since 0.1.0
 * @category models
 */
export interface FaultTarget {
  /** Defaults to every service. */
  readonly service?: ServiceName | undefined
  /** An operation as `RequestRecord.operation` names it. Defaults to every operation. */
  readonly operation?: string | undefined
  /** To how many requests it applies; `Infinity` for all from now on. Defaults to 1. */
  readonly times?: number | undefined
  /** How many matching requests are answered as usual before. Defaults to 0. */
  readonly skip?: number | undefined
}

/**
 * The answer is an error. The cloud does nothing else.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatusFault extends FaultTarget {
  readonly kind: "status"
  readonly status: number
  /** Defaults to a code for the status, such as `Throttling` for 429. */
  readonly code?: string | undefined
  readonly message?: string | undefined
  /** For example `{ "retry-after": "3" }`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * No answer, ever.
 *
 * @since 0.1.0
 * @category models
 */
export interface SilentFault extends FaultTarget {
  readonly kind: "silent"
}

/**
 * The cloud handles the request after a delay.
 *
 * @since 0.1.0
 * @category models
 */
export interface DelayFault extends FaultTarget {
  readonly kind: "delay"
  readonly delay: DurationInput
}

/**
 * The connection breaks.
 *
 * @since 0.1.0
 * @category models
 */
export interface DisconnectFault extends FaultTarget {
  readonly kind: "disconnect"
  /**
   * `request`: before the cloud handles the request; `answer`: after it did, before the answer; `body`: in the middle
   * of the body. Defaults to `request`.
   */
  readonly at?: "request" | "answer" | "body" | undefined
  /** In memory, the `code` of the error that is the `cause`, such as `ENOTFOUND`. Defaults to `ECONNRESET`. */
  readonly errorCode?: string | undefined
}

/**
 * Status 200 with a body of the wrong form. The cloud does nothing else.
 *
 * @since 0.1.0
 * @category models
 */
export interface MalformedFault extends FaultTarget {
  readonly kind: "malformed"
  /** Defaults to a page of HTML. */
  readonly body?: string | undefined
  /** Defaults to 200. */
  readonly status?: number | undefined
}

/**
 * The answer lacks fields, at any depth of the body.
 *
 * @since 0.1.0
 * @category models
 */
export interface MissingFault extends FaultTarget {
  readonly kind: "missing"
  readonly fields: ReadonlyArray<string>
}

/**
 * What the answer issues is already expired.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExpiredFault extends FaultTarget {
  readonly kind: "expired"
  /** How long ago it expired. Defaults to 1 minute. */
  readonly ago?: DurationInput | undefined
}

/**
 * A body that does not end.
 *
 * @since 0.1.0
 * @category models
 */
export interface EndlessFault extends FaultTarget {
  readonly kind: "endless"
  /** After how many bytes it ends. Defaults to never. */
  readonly bytes?: number | undefined
}

/**
 * A redirect.
 *
 * @since 0.1.0
 * @category models
 */
export interface RedirectFault extends FaultTarget {
  readonly kind: "redirect"
  readonly location: string
  /** Defaults to 302. */
  readonly status?: number | undefined
}

/**
 * The clock of the cloud is wrong. This fault and one of another kind can apply to the same request.
 *
 * @since 0.1.0
 * @category models
 */
export interface SkewFault extends FaultTarget {
  readonly kind: "skew"
  /** How many milliseconds it is ahead; negative when it is behind. */
  readonly millis: number
  /**
   * `clock`: the cloud checks timestamps and computes expirations with it; `date`: only the `Date` header is wrong.
   * Defaults to `clock`.
   */
  readonly of?: "clock" | "date" | undefined
}

/**
 * The head and the first piece of the body arrive, and nothing after them.
 *
 * @since 0.1.0
 * @category models
 */
export interface DripFault extends FaultTarget {
  readonly kind: "drip"
  /** Size of the first piece. Defaults to 10 bytes. */
  readonly bytes?: number | undefined
}

/**
 * What goes wrong, and for which requests.
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
 * The names of the faults.
 *
 * @since 0.1.0
 * @category models
 */
export type FaultKind = Fault["kind"]
