/**
 * RFC 3986 percent-encoding for signatures: only letters, digits, `-`, `_`, `.` and `~` stay.
 */

/** @internal */
export const percentEncode = (text: string): string =>
  isUnreserved(text) ? text : encodeURIComponent(wellFormed(text)).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
  )

// Most names and values are, and encoding takes several times as long as this look.
const isUnreserved = (text: string): boolean => /^[\w.~-]*$/.test(text)

// encodeURIComponent throws for half of a surrogate pair, which has no UTF-8 form.
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\uFFFD")

/** @internal */
export const byName = (one: readonly [string, unknown], other: readonly [string, unknown]): number =>
  one[0] < other[0] ? -1 : one[0] > other[0] ? 1 : 0

/** `name=value` pairs in the order of their names. @internal */
export const canonicalQuery = (parameters: Readonly<Record<string, string>>): string =>
  canonicalPairs(Object.entries(parameters))

/** The same for names that may occur more than once; equal names are sorted by value. @internal */
export const canonicalPairs = (pairs: ReadonlyArray<readonly [name: string, value: string]>): string =>
  [...pairs]
    .sort((one, other) => byName(one, other) || byName([one[1], one], [other[1], other]))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join("&")

/** Whether a header may contain the text. Clients reject other texts, and quote them in their errors. @internal */
export const isHeaderSafe = (text: string): boolean => /^[\x21-\x7e]+$/.test(text)

/**
 * The same text only for the same texts: each stands behind its length, so that none can be taken for the beginning of
 * the next one.
 *
 * @internal
 */
export const lengthPrefixed = (texts: ReadonlyArray<string>): string =>
  texts.map((text) => `${text.length}:${text}`).join("")
