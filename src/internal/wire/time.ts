/**
 * The instants of the protocols, in milliseconds since 1970.
 */

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})$/

/** An instant with or without a fraction of the second, in UTC or with an offset. @internal */
export const parseInstant = (text: string): number | undefined => {
  if (!instant.test(text)) return undefined
  const millis = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, "$1:$2"))
  return Number.isNaN(millis) ? undefined : millis
}

/** UTC to the second, as signatures want it: `2026-01-02T03:04:05Z`. @internal */
export const formatInstant = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19)}Z`

const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/
/** A date of an HTTP header, in the one form that there is; the runtime's parser takes years that no clock can show. @internal */
export const parseHttpDate = (text: string | undefined): number | undefined => {
  const trimmed = text?.trim()
  const millis = trimmed !== undefined && httpDate.test(trimmed) ? Date.parse(trimmed) : NaN
  return Number.isNaN(millis) ? undefined : millis
}

/** The server's clock when an answer came: its date, and how long a cache kept the answer since. @internal */
export const parseServerDate = (date: string | undefined, age: string | undefined): number | undefined => {
  const millis = parseHttpDate(date)
  return millis === undefined ? undefined : millis + (parseSeconds(age ?? "") ?? 0)
}

/** When a request was sent, when its answer was read, and the server's clock in between. @internal */
export interface Exchange {
  readonly sentAt: number
  readonly readAt: number
  readonly serverDate: number | undefined
}

// A date header is cut to the second.
const tolerance = 1000

/**
 * When a request was sent. If the clock was set back during the exchange, `sentAt` means nothing any more: the exchange
 * took less time than the jump, so it began at about `readAt`.
 *
 * @internal
 */
export const startOf = ({ readAt, sentAt }: Exchange): number => Math.min(sentAt, readAt)

/**
 * How far the server's clock is ahead. An answer can be read long after it was sent, since processes are stopped and
 * machines sleep. So what is known stays true unless the date lies outside the whole exchange.
 *
 * @internal
 */
export const skewAfter = (known: number, exchange: Exchange): number => {
  const { readAt, serverDate } = exchange
  if (serverDate === undefined) return known
  const start = startOf(exchange)
  const isPossible = (skew: number) => serverDate - skew >= start - tolerance && serverDate - skew <= readAt + tolerance
  return [known, 0].find(isPossible) ?? serverDate - start
}

/** How far the server's clock is ahead, or zero unless the exchange alone proves a difference. @internal */
export const provenSkew = (exchange: Exchange): number => skewAfter(0, exchange)

// Services accept timestamps that are a quarter of an hour off, and some of them less.
const mostOff = 60_000

/**
 * Whether a refused timestamp differs from the server's clock or from the present, as after a machine slept between
 * signing and sending. Then the same request may be accepted with a new timestamp.
 *
 * @internal
 */
export const isOff = (stamp: number, { readAt, serverDate }: Exchange): boolean =>
  [readAt, serverDate ?? readAt].some((time) => Math.abs(time - stamp) > mostOff)

/** Whether the exchange took so long that a good timestamp may be refused when it arrives. @internal */
export const isLong = ({ readAt, sentAt }: Exchange): boolean => readAt - sentAt > mostOff

/** @internal */
export interface SessionEnd {
  readonly at: number
  /** One of the two clocks says that the session has expired, and the other one that it has not. */
  readonly isDisputed: boolean
}

/**
 * When a session expires, by the local clock. If the clocks of server and client differ, either may be wrong. Then the
 * expiration has two readings, and the earlier one that lies in the future counts. `longest` is the duration that was
 * requested, if any: no session lasts longer.
 *
 * @internal
 */
export const sessionEnd = (expiration: number, exchange: Exchange, longest = Infinity): SessionEnd => {
  const { readAt, serverDate } = exchange
  const start = startOf(exchange)
  const atMost = start + longest
  const byLocal = Math.min(expiration, atMost)
  const byServer = serverDate === undefined || provenSkew(exchange) === 0
    ? byLocal
    : Math.min(start + (expiration - serverDate), atMost)
  const [earlier, later] = byLocal <= byServer ? [byLocal, byServer] : [byServer, byLocal]
  return { at: earlier > readAt ? earlier : later, isDisputed: earlier <= readAt && later > readAt }
}

/** How long a `Retry-After` header asks to wait, from its seconds or its date. @internal */
export const parseRetryAfter = (text: string | undefined, now: number): number | undefined => {
  if (text === undefined) return undefined
  const millis = parseSeconds(text)
  if (millis !== undefined) return millis
  const at = parseHttpDate(text)
  return at === undefined ? undefined : Math.max(0, at - now)
}

const parseSeconds = (text: string): number | undefined => {
  const trimmed = text.trim()
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) * 1000 : undefined
}

const units: ReadonlyArray<readonly [millis: number, name: string]> = [
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1000, "second"]
]

/** A duration for people: `1 minute 30 seconds`, or `250 ms` if it is not of whole seconds. @internal */
export const durationWords = (millis: number): string => {
  if (millis % 1000 !== 0 || millis < 1000) return `${millis} ms`
  const parts: Array<string> = []
  let left = millis
  for (const [unit, name] of units) {
    const count = Math.floor(left / unit)
    left -= count * unit
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`)
  }
  return parts.join(" ")
}
