import * as Duration from "effect/Duration"
import type { ExpiredFault, Fault, MalformedFault, RedirectFault, SkewFault, StatusFault } from "../../Fault.ts"
import type { Route } from "../services/cloudService.ts"
import { formatInstant } from "../wire/encode.ts"
import { type Answer, type ApiError, text, withHeaders } from "../wire/message.ts"

/** @internal */
export type Effective = Exclude<Fault, SkewFault>

/** @internal */
export interface Pending {
  readonly fault: Fault
  readonly skip: number
  readonly left: number
}

/** @internal */
export const pending = (fault: Fault): Pending => ({ fault, skip: fault.skip ?? 0, left: fault.times ?? 1 })

/** @internal */
export interface Taken {
  readonly fault: Effective | undefined
  readonly skew: SkewFault | undefined
  readonly rest: ReadonlyArray<Pending>
}

const appliesTo = (fault: Fault, { operation, service }: Route): boolean =>
  (fault.service === undefined || fault.service === service)
  && (fault.operation === undefined || fault.operation === operation)

const isSkew = (fault: Fault): fault is SkewFault => fault.kind === "skew"

/**
 * The first fault that applies to the request, and the first wrong clock. Counts the request for faults that skip some.
 *
 * @internal
 */
export const take = (faults: ReadonlyArray<Pending>, route: Route): Taken => {
  let fault: Effective | undefined
  let skew: SkewFault | undefined
  const rest = faults.map((entry) => {
    if (!appliesTo(entry.fault, route)) return entry
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

/** @internal */
export const malformed = (fault: MalformedFault): Answer =>
  text(fault.status ?? 200, fault.body ?? "<html><body>Not what was asked for</body></html>", "text/html")

/** @internal */
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
    return answer // only JSON has fields
  }
}

/** @internal */
export const withoutFields = (answer: Answer, fields: ReadonlyArray<string>): Answer =>
  mapJson(answer, (name, value) => fields.includes(name) ? undefined : value)

/** @internal */
export const expiredAt = (fault: ExpiredFault, now: number): number => now - Duration.toMillis(fault.ago ?? "1 minute")

/** @internal */
export const withExpiration = (answer: Answer, at: number): Answer =>
  mapJson(answer, (name, value) => {
    if (/^expiration$/i.test(name)) return formatInstant(at)
    return name === "expires_in" ? 0 : value
  })

/**
 * The error of the fault. Each service writes it in its own form.
 *
 * @internal
 */
export const statusError = (fault: StatusFault): ApiError => ({
  status: fault.status,
  code: fault.code ?? statusCodes[fault.status] ?? "UnknownError",
  message: fault.message ?? "A test added a fault for this request."
})
