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
  const millis = text !== undefined && httpDate.test(text.trim()) ? Date.parse(text.trim()) : NaN
  return Number.isNaN(millis) ? undefined : millis
}

/** The server's clock when an answer came: its date, and how long a cache kept the answer since. @internal */
export const parseServerDate = (date: string | undefined, age: string | undefined): number | undefined => {
  const millis = parseHttpDate(date)
  return millis === undefined ? undefined : millis + (parseSeconds(age ?? "") ?? 0)
}

// Headers are to the second and answers take a moment, so that a smaller difference says nothing about the clock.
const tolerance = 30_000

/** How far the server's clock is ahead of ours; zero when too little to matter. @internal */
export const skew = (now: number, serverDate: number | undefined): number => {
  const difference = serverDate === undefined ? 0 : serverDate - now
  return Math.abs(difference) > tolerance ? difference : 0
}

/** How long a `Retry-After` header asks to wait, from its seconds or its date. @internal */
export const parseRetryAfter = (text: string | undefined, now: number): number | undefined => {
  if (text === undefined) return undefined
  const millis = parseSeconds(text)
  if (millis !== undefined) return millis
  const at = parseHttpDate(text)
  return at === undefined ? undefined : Math.max(0, at - now)
}

const parseSeconds = (text: string): number | undefined =>
  /^\d{1,9}$/.test(text.trim()) ? Number(text.trim()) * 1000 : undefined
