/**
 * What of a server's words may be shown. A server can echo anything it was sent, and does: the string it would have
 * signed, the token it found malformed.
 */

const shown = 200
const searched = 4000
// A server that cuts a secret short still shows a part of it.
const window = 12

/** The text without control characters, unless it holds any part of a secret. @internal */
export const quotable = (text: unknown, secrets: ReadonlyArray<string>): string | undefined => {
  if (typeof text !== "string") return undefined
  const head = text.slice(0, searched)
  const readings = [head, ...decodings(head)]
  if (secrets.some((secret) => readings.some((reading) => holds(reading, secret)))) return undefined
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
  typeof text === "string" && /^[0-9a-f-]{1,40}$/i.test(text) && !secrets.some((secret) => holds(text, secret))
    ? text
    : undefined

/** The texts of an answer's own fields that are secret by their name. @internal */
export const secretsOf = (json: unknown): ReadonlyArray<string> => {
  const found: Array<string> = []
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null || depth > 8) return
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === "string" && /secret|token|password|signature/i.test(name)) found.push(member)
      else visit(member, depth + 1)
    }
  }
  visit(json, 0)
  return found
}

// A server may also quote a secret that this request knows nothing of. Keys and tokens are long and have digits.
const opaque = /[\w+/=~%-]{20,}/g

const maskDigits = (run: string): string => /\d/.test(run) ? "…" : run

const decodings = (text: string): ReadonlyArray<string> => {
  const once = percentDecode(text)
  const twice = percentDecode(once)
  return [once, twice, percentDecode(twice)]
}

const percentDecode = (text: string): string =>
  text.replaceAll("+", " ").replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })

const holds = (text: string, secret: string): boolean => {
  if (secret === "") return false
  if (secret.length <= window) return text.includes(secret)
  // A decoded reading has spaces where the secret had plus signs.
  const variants = secret.includes("+") ? [secret, secret.replaceAll("+", " ")] : [secret]
  return variants.some((variant) => {
    for (let start = 0; start + window <= variant.length; start++) {
      if (text.includes(variant.slice(start, start + window))) return true
    }
    return false
  })
}
