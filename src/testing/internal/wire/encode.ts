/** @internal */
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** @internal */
export const fromUtf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const isUnreserved = (byte: number): boolean =>
  (byte >= 0x41 && byte <= 0x5a) // A-Z
  || (byte >= 0x61 && byte <= 0x7a) // a-z
  || (byte >= 0x30 && byte <= 0x39) // 0-9
  || byte === 0x2d || byte === 0x2e || byte === 0x5f || byte === 0x7e // - . _ ~

const escapeByte = (byte: number): string =>
  isUnreserved(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`

/**
 * Percent-encodes the UTF-8 bytes as in RFC 3986: everything except letters, digits and `-._~`.
 *
 * @internal
 */
export const percentEncode = (text: string): string => Array.from(utf8(text), escapeByte).join("")

/** @internal */
export const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))

/** @internal */
export type Params = ReadonlyArray<readonly [name: string, value: string]>

/**
 * Decodes a query or `application/x-www-form-urlencoded` text; `+` is a space.
 *
 * @internal
 */
export const parseParams = (text: string): Params => Array.from(new URLSearchParams(text))

/** @internal */
export const sortByName = (params: Params): Params =>
  [...params].sort(([a, x], [b, y]) => compareText(a, b) || compareText(x, y))

const compareText = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0

const instantPattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/

/**
 * `2026-01-02T03:04:05Z` as epoch milliseconds; `undefined` for any other format and for a date that does not exist.
 *
 * @internal
 */
export const parseInstant = (text: string): number | undefined => {
  const match = instantPattern.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  const millis = Date.UTC(year, month - 1, day, hour, minute, second)
  return formatInstant(millis) === text ? millis : undefined
}

/** @internal */
export const formatInstant = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19)}Z`

/**
 * The format of the `Date` header.
 *
 * @internal
 */
export const formatHttpDate = (millis: number): string => new Date(millis).toUTCString()
