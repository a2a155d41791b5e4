import * as Duration from "effect/Duration"
import { formatInstant } from "./encode.ts"
import { type Answer, json, type Request, text, withHeaders } from "./message.ts"

/**
 * The parts of the cloud: `sts` is API version 2015-04-01, however it is signed; `openapi` are the other APIs.
 *
 * @since 0.1.0
 * @category models
 */
export type ServiceName = "sts" | "imds" | "uri" | "cloudsso" | "oauth" | "openapi"

/**
 * Which requests a fault meets, and how many of them.
 *
 * @since 0.1.0
 * @category models
 */
export interface FaultTarget {
  /** Defaults to every service. */
  readonly service?: ServiceName | undefined
  /** An operation as `RequestRecord.operation` names it. Defaults to every operation. */
  readonly operation?: string | undefined
  /** How many requests it meets; `Infinity` for all from now on. Defaults to 1. */
  readonly times?: number | undefined
  /** How many matching requests pass unharmed before. Defaults to 0. */
  readonly skip?: number | undefined
}

/**
 * The answer is an error. Nothing else happens in the cloud.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatusFault extends FaultTarget {
  readonly kind: "status"
  readonly status: number
  /** Defaults to a code that goes with the status, such as `Throttling` for 429. */
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
 * The request is looked at only after a while.
 *
 * @since 0.1.0
 * @category models
 */
export interface DelayFault extends FaultTarget {
  readonly kind: "delay"
  readonly delay: Duration.DurationInput
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
   * `request`: before anything happened; `answer`: after the cloud did its part, with no answer; `body`: in the middle
   * of the body. Defaults to `request`.
   */
  readonly at?: "request" | "answer" | "body" | undefined
  /** In memory, the `code` of the error that is the cause, such as `ENOTFOUND`. Defaults to `ECONNRESET`. */
  readonly errorCode?: string | undefined
}

/**
 * Status 200 with a body that is not what it should be. Nothing else happens in the cloud.
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
 * The answer lacks fields, wherever in the body they are.
 *
 * @since 0.1.0
 * @category models
 */
export interface MissingFault extends FaultTarget {
  readonly kind: "missing"
  readonly fields: ReadonlyArray<string>
}

/**
 * What is issued has ended a while ago.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExpiredFault extends FaultTarget {
  readonly kind: "expired"
  /** How long ago. Defaults to 1 minute. */
  readonly ago?: Duration.DurationInput | undefined
}

/**
 * A body that does not end.
 *
 * @since 0.1.0
 * @category models
 */
export interface EndlessFault extends FaultTarget {
  readonly kind: "endless"
  /** End it after so many bytes. Defaults to never. */
  readonly bytes?: number | undefined
}

/**
 * An answer that points elsewhere.
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
 * The clock of the cloud is wrong. This fault and another can meet the same request.
 *
 * @since 0.1.0
 * @category models
 */
export interface SkewFault extends FaultTarget {
  readonly kind: "skew"
  /** Milliseconds that it is ahead; negative when it is behind. */
  readonly millis: number
  /**
   * `clock`: times of requests are judged by it and expirations count from it; `date`: only the `Date` header is wrong.
   * Defaults to `clock`.
   */
  readonly of?: "clock" | "date" | undefined
}

/**
 * The head and the first piece of the body, then nothing more.
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
 * Something that goes wrong, and for which requests.
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

/**
 * @internal
 *
 * @since 0.1.0
 * @category models
 */
export type Effective = Exclude<Fault, SkewFault>

/**
 * @internal
 *
 * @since 0.1.0
 * @category models
 */
export interface Pending {
  readonly fault: Fault
  readonly skip: number
  readonly left: number
}

/**
 * @internal
 *
 * @since 0.1.0
 * @category models
 */
export const pending = (fault: Fault): Pending => ({ fault, skip: fault.skip ?? 0, left: fault.times ?? 1 })

/**
 * @internal
 *
 * @since 0.1.0
 * @category models
 */
export interface Taken {
  readonly fault: Effective | undefined
  readonly skew: SkewFault | undefined
  readonly rest: ReadonlyArray<Pending>
}

const meets = (fault: Fault, service: string, operation: string): boolean =>
  (fault.service === undefined || fault.service === service)
  && (fault.operation === undefined || fault.operation === operation)

const isSkew = (fault: Fault): fault is SkewFault => fault.kind === "skew"

/**
 * The first fault that meets the request, and beside it the first wrong clock. What is still to be skipped comes one
 * request nearer.
 *
 * @internal
 */
export const take = (faults: ReadonlyArray<Pending>, service: string, operation: string): Taken => {
  let fault: Effective | undefined
  let skew: SkewFault | undefined
  const rest = faults.map((entry) => {
    if (!meets(entry.fault, service, operation)) return entry
    if (entry.skip > 0) return { ...entry, skip: entry.skip - 1 }
    if (isSkew(entry.fault) && skew === undefined) skew = entry.fault
    else if (!isSkew(entry.fault) && fault === undefined) fault = entry.fault
    else return entry
    return { ...entry, left: entry.left - 1 }
  })
  return { fault, skew, rest: rest.filter((entry) => entry.left > 0) }
}

const statusCodes: Readonly<Record<number, string>> = {
  400: "InvalidParameter",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  429: "Throttling",
  500: "InternalError",
  503: "ServiceUnavailable"
}

/**
 * @internal
 *
 * @since 0.1.0
 * @category models
 */
export const faultCode = (fault: StatusFault): string => fault.code ?? statusCodes[fault.status] ?? "UnknownError"

/**
 * @internal
 *
 * @since 0.1.0
 * @category models
 */
export const malformed = (fault: MalformedFault): Answer =>
  text(fault.status ?? 200, fault.body ?? "<html><body>Not what was asked for</body></html>", "text/html")

/**
 * @internal
 *
 * @since 0.1.0
 * @category models
 */
export const redirect = (fault: RedirectFault): Answer =>
  withHeaders(text(fault.status ?? 302, ""), { location: fault.location })

const mapFields = (value: unknown, change: (name: string, value: unknown) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => mapFields(item, change))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, change(name, mapFields(field, change))])
  )
}

const mapJson = (answer: Answer, change: (name: string, value: unknown) => unknown): Answer => {
  try {
    return { ...answer, body: JSON.stringify(mapFields(JSON.parse(answer.body), change)) }
  } catch {
    return answer // not JSON, so it has no fields
  }
}

/**
 * @internal
 *
 * @since 0.1.0
 * @category models
 */
export const withoutFields = (answer: Answer, fields: ReadonlyArray<string>): Answer =>
  mapJson(answer, (name, value) => fields.includes(name) ? undefined : value)

/**
 * @internal
 *
 * @since 0.1.0
 * @category models
 */
export const expiredAt = (fault: ExpiredFault, now: number): number => now - Duration.toMillis(fault.ago ?? "1 minute")

/**
 * @internal
 *
 * @since 0.1.0
 * @category models
 */
export const withExpiration = (answer: Answer, at: number): Answer =>
  mapJson(answer, (name, value) => {
    if (/^expiration$/i.test(name)) return formatInstant(at)
    return name === "expires_in" ? 0 : value
  })

/**
 * An error in the shape of the service that was asked.
 *
 * @internal
 */
export const statusAnswer = (
  service: ServiceName | "unknown",
  request: Request,
  fault: StatusFault,
  requestId: string
): Answer => {
  const code = faultCode(fault)
  const message = fault.message ?? "A fault was set for this request."
  const bodies = {
    cloudsso: { ErrorCode: code, ErrorMessage: message, RequestId: requestId },
    oauth: { error: code, error_description: message, requestId },
    uri: { Code: code, Message: message },
    api: { RequestId: requestId, HostId: request.host, Code: code, Message: message }
  }
  const answer = service === "imds"
    ? text(fault.status, message)
    : json(
      fault.status,
      service === "cloudsso" || service === "oauth" || service === "uri" ? bodies[service] : bodies.api
    )
  return withHeaders({ ...answer, code }, fault.headers ?? {})
}
