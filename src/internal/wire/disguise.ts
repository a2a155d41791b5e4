/**
 * Secrets in texts of servers, in whatever disguise. Texts and secrets are compared as they are, and by their letters
 * and digits alone, so that nothing between these hides one.
 */
import * as Encoding from "effect/Encoding"

// A part of a secret is a secret. That many letters in a row are no coincidence.
const run = 8

// More than that is no list of secrets but an attempt to keep us busy.
const mostSecrets = 64 * 1024

/** Whether a text holds a part of a secret. @internal */
export const holdsSecret = (text: string, secrets: ReadonlyArray<string>): boolean => {
  const distinct = [...new Set(secrets)]
  if (distinct.reduce((size, secret) => size + secret.length, 0) > mostSecrets) return true
  const readings = [...new Set(readingsOf(text).flatMap((reading) => [asWritten(reading), lettersOf(reading)]))]
  const runs = runsOf(readings.flatMap((reading) => [reading, reversed(reading)]))
  return distinct.some((secret) => holdsShort(readings, secret) || formsOf(secret).some(runs.meets))
}

/** Of a secret that is shorter than a run, all of it is looked for. */
const holdsShort = (readings: ReadonlyArray<string>, secret: string): boolean => {
  const short = [asWritten(secret), lettersOf(secret)].filter((form) => form !== "" && form.length < run)
  return short.some((form) => readings.some((reading) => reading.includes(form)))
}

// Marks are taken away first: decomposing a text sorts those that follow each other, which takes their number squared.
const asWritten = (text: string): string =>
  withoutMarks(withoutMarks(text).normalize("NFKD")).toLowerCase()
    // A form writes a blank as a plus sign, and a server may shout.
    .replaceAll("+", " ")

const withoutMarks = (text: string): string => text.replace(/\p{M}+/gu, "")

const lettersOf = (text: string): string => asWritten(text).replace(/[^\p{L}\p{N}]+/gu, "")

const reversed = (text: string): string => Array.from(text).reverse().join("")

/**
 * A secret as it may stand in a text: as it is, in hexadecimal, and in Base64 behind any other bytes. The letters of Base64
 * at both ends depend on those bytes too, so the runs with them match nothing.
 */
const formsOf = (secret: string): ReadonlyArray<string> => {
  const bytes = new TextEncoder().encode(secret)
  const encoded = [Encoding.encodeHex(bytes), ...[0, 1, 2].map((before) => base64Behind(before, bytes))]
  return [asWritten(secret), ...[secret, ...encoded].map(lettersOf)]
}

const base64Behind = (before: number, bytes: Uint8Array): string => {
  const all = new Uint8Array(before + bytes.byteLength)
  all.set(bytes, before)
  return Encoding.encodeBase64(all)
}

interface Runs {
  /** Whether a text has a run in common with those that are known. */
  readonly meets: (text: string) => boolean
}

/**
 * The runs of texts. A table of their hashes answers for nearly all runs of other texts, since a response is looked
 * through for runs of long tokens. The set is for the rest: a server could send many runs with the hashes of others.
 */
const runsOf = (texts: ReadonlyArray<string>): Runs => {
  const size = texts.reduce((sum, text) => sum + text.length, 0)
  // More than twice as many places as runs, and a power of two.
  const table = new Uint32Array(2 ** (32 - Math.clz32(size * 2)))
  for (const text of texts) eachHash(text, (hash) => (table[slotOf(table, hash)] = hash, false))
  let known: Set<string> | undefined = undefined
  const isKnown = (text: string): boolean => {
    known ??= new Set(texts.flatMap(allRuns))
    return known.has(text)
  }
  return {
    meets: (text) => eachHash(text, (hash, at) => table[slotOf(table, hash)] === hash && isKnown(runAt(text, at)))
  }
}

const runAt = (text: string, at: number): string => text.slice(at, at + run)

const allRuns = (text: string): ReadonlyArray<string> => {
  const runs: Array<string> = []
  eachHash(text, (_, at) => {
    runs.push(runAt(text, at))
    return false
  })
  return runs
}

/**
 * Where a hash stands, or would stand: at its own place, or at the next one that is free. A free place is zero, so the set
 * answers for a hash of zero.
 */
const slotOf = (table: Uint32Array, hash: number): number => {
  const last = table.length - 1
  let slot = hash & last
  while (table[slot] !== 0 && table[slot] !== hash) slot = (slot + 1) & last
  return slot
}

const base = 31

const highest = Math.imul(base ** 3, base ** 4)

/** Gives the hash of each run to `visit`, until that returns true. */
const eachHash = (text: string, visit: (hash: number, at: number) => boolean): boolean => {
  let hash = 0
  for (let end = 0; end < text.length; end++) {
    if (end >= run) hash = hash - Math.imul(text.charCodeAt(end - run), highest) | 0
    hash = Math.imul(hash, base) + text.charCodeAt(end) | 0
    if (end >= run - 1 && visit(hash >>> 0, end - run + 1)) return true
  }
  return false
}

/** What a text says once its escapes are undone: as many texts for any length, none of them longer. @internal */
export const readingsOf = (text: string): ReadonlyArray<string> => {
  const readings = [text]
  // Escapes of escapes of escapes. What percent signs stand for is a reading of its own.
  let last = text
  for (let layer = 0; layer < 3; layer++) {
    const decoded = percentDecode(last)
    last = unescape(decoded)
    readings.push(decoded, last)
  }
  return [...new Set([...new Set(readings)].flatMap((reading) => [reading, ...lists.map((list) => list(reading))]))]
}

const percentDecode = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })

const character = (digits: string, radix: number, otherwise: string): string => {
  const code = parseInt(digits, radix)
  return code <= 0x10ffff ? String.fromCodePoint(code) : otherwise
}

/** A code in braces, or four digits, behind which others may stand that belong to the text. */
const codePoint = (digits: string, escape: string): string =>
  escape.includes("{")
    ? character(digits, 16, escape)
    : character(digits.slice(0, 4), 16, escape) + digits.slice(4)

/**
 * Undoes the escapes of JSON, JavaScript, shells and HTML. All of them at once: what one of them stands for may be the
 * beginning of another one, which is for the next layer. Backslashes are doubled by every layer, so any number counts as
 * one.
 */
const unescape = (text: string): string =>
  text.replace(
    // Browsers do without the semicolon.
    /(?:\\+|%)u\{?([0-9a-f]{1,6})\}?|\\+x([0-9a-f]{2})|\\+([0-3]?[0-7]{2})|\\+(.)|&#(?:x([0-9a-f]{1,6})|(\d{1,7}));?|&(amp|lt|gt|quot|apos);/gi,
    (
      escape,
      point?: string,
      hex?: string,
      octal?: string,
      char?: string,
      hexEntity?: string,
      entity?: string,
      name?: string
    ) =>
      point !== undefined
        ? codePoint(point, escape)
        : char ?? (name === undefined ? undefined : entities[name.toLowerCase()]) ??
          (octal !== undefined
            ? character(octal, 8, escape)
            : entity === undefined
            ? character(hex ?? hexEntity ?? "", 16, escape)
            : character(entity, 10, escape))
  )

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: "\"", apos: "'" }

const listOf = (number: RegExp, radix: number) => (text: string): string =>
  text.replace(number, (_, digits: string) => String.fromCharCode(parseInt(digits, radix)))

/** Lists of the codes of letters. */
const decimals = listOf(/(?<![\p{L}\p{N}])0?(\d{2,3})(?![\p{L}\p{N}])/gu, 10)

const lists: ReadonlyArray<(text: string) => string> = [
  decimals,
  listOf(/(?<![\p{L}\p{N}])0?o?([0-7]{2,3})(?![\p{L}\p{N}])/gu, 8),
  listOf(/(?<![\p{L}\p{N}])(?:0x|u\+)?0*([0-9a-f]{2})h?(?![\p{L}\p{N}])/giu, 16),
  // What stands between letters and has letters of its own: escaped line breaks, tags, entities.
  (text) => text.replace(/\\[abefnrtv]|<[^<>]*>|&[a-z]{2,8};/gi, " "),
  // A list with an index before each code, such as the JSON of a Uint8Array.
  (text) => decimals(text.replace(/(?<![\p{L}\p{N}])\d{1,5}["']?\s*[:=]/gu, ""))
]
