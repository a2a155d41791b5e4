/**
 * Which text of a server may be shown. Servers echo what they were sent, for example the string that they would have
 * signed, or a malformed token.
 */

const shown = 200
const searched = 4000
// A server that truncates a secret still shows a part of it, so parts of this length are looked for.
const window = 12
// A longer list is an attempt to waste our time.
const mostSecrets = 64 * 1024

/** The text without control characters, unless it holds any part of a secret. @internal */
export const quotable = (text: unknown, secrets: ReadonlyArray<string>): string | undefined => {
  if (typeof text !== "string") return undefined
  const head = text.slice(0, searched)
  if (holdsAny(head, secrets)) return undefined
  const line = head.replace(/[\p{C}\s]+/gu, " ").replace(opaque, maskDigits).trim()
  if (line === "") return undefined
  return line.length > shown ? `${line.slice(0, shown)}…` : line
}

/** An error code, unless it does not look like one. @internal */
export const errorCode = (text: unknown, secrets: ReadonlyArray<string>): string | undefined =>
  typeof text === "string" && /^[a-z][\w.:-]{0,79}$/i.test(text) && quotable(text, secrets) === text
    ? text
    : undefined

/** A request id, unless it does not look like one. @internal */
export const requestId = (text: unknown, secrets: ReadonlyArray<string>): string | undefined =>
  typeof text === "string" && /^[0-9a-f-]{1,40}$/i.test(text) && !holdsAny(text, secrets) ? text : undefined

/** The texts in a response below fields whose name says that they are secret. @internal */
export const secretFields = (json: unknown): ReadonlyArray<string> => {
  const found: Array<string> = []
  const visit = (value: unknown, isSecret: boolean, depth: number): void => {
    if (typeof value === "string") {
      if (isSecret) found.push(value)
    } else if (typeof value === "object" && value !== null && depth < 8) {
      for (const [name, member] of Object.entries(value)) {
        visit(member, isSecret || /secret|token|password|signature/i.test(name), depth + 1)
      }
    }
  }
  visit(json, false, 0)
  return found
}

// A server may also quote a secret of another request. Keys and tokens are long and have digits.
const opaque = /[\w+/=~%-]{20,}/g

const maskDigits = (run: string): string => /\d/.test(run) ? "…" : run

const holdsAny = (text: string, secrets: ReadonlyArray<string>): boolean => {
  if (secrets.reduce((size, secret) => size + secret.length, 0) > mostSecrets) return true
  const readings = readingsOf(text)
  return [asWritten, withoutBlanks].some((form) =>
    holdsPart([...new Set(readings.map(form))], secrets.map(form).filter((secret) => secret !== ""))
  )
}

const holdsPart = (readings: ReadonlyArray<string>, secrets: ReadonlyArray<string>): boolean => {
  const windows = new Set(readings.flatMap(windowsOf))
  return secrets.some((secret) =>
    secret.length <= window
      ? readings.some((reading) => reading.includes(secret))
      : windowsOf(secret).some((part) => windows.has(part))
  )
}

const windowsOf = (text: string): ReadonlyArray<string> =>
  Array.from({ length: Math.max(0, text.length - window + 1) }, (_, start) => text.slice(start, start + window))

// Forms encode a space as a plus sign, and a server may change case.
const asWritten = (text: string): string => text.normalize("NFKC").toLowerCase().replaceAll("+", " ")

// A secret with spaces between its letters, or split into lines, can still be read.
const withoutBlanks = (text: string): string => asWritten(text).replace(/[\p{C}\s]+/gu, "")

/** The text as it is, percent-decoded up to three times, and each of these with JSON and HTML escapes undone. */
const readingsOf = (text: string): ReadonlyArray<string> => {
  const once = percentDecode(text)
  const twice = percentDecode(once)
  const readings = [text, once, twice, percentDecode(twice)]
  return [...readings, ...readings.map(unescape)]
}

const percentDecode = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })

/** Undoes the escapes of JSON and HTML. */
const unescape = (text: string): string =>
  text
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    .replace(/\\(.)/g, "$1")
    .replace(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/gi, (entity, hex?: string, decimal?: string) => {
      const code = hex === undefined ? Number(decimal) : parseInt(hex, 16)
      return code <= 0x10ffff ? String.fromCodePoint(code) : entity
    })
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: keyof typeof entities) => entities[name])

const entities = { amp: "&", lt: "<", gt: ">", quot: "\"", apos: "'" }
