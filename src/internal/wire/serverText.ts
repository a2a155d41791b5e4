/**
 * Which text of a server may be shown. Servers echo what they were sent, for example the string that they would have
 * signed, or a malformed token.
 */
import { isKnown } from "./codes.ts"
import { holdsSecret } from "./disguise.ts"

const shown = 200
const searched = 4000

/** The text without control characters, unless it holds any part of a secret. @internal */
export const quotable = (text: unknown, secrets: ReadonlyArray<string>): string | undefined => {
  if (typeof text !== "string") return undefined
  const head = text.slice(0, searched)
  if (holdsSecret(head, secrets)) return undefined
  const line = head.replace(/[\p{C}\s]+/gu, " ").replace(opaque, maskDigits).trim()
  if (line === "") return undefined
  return line.length > shown ? `${line.slice(0, shown)}…` : line
}

/** An error code, unless it does not look like one. @internal */
export const errorCode = (text: unknown, secrets: ReadonlyArray<string>): string | undefined =>
  typeof text === "string" && /^[a-z][\w.:-]{0,79}$/i.test(text) && (isKnown(text) || quotable(text, secrets) === text)
    ? text
    : undefined

/** A request id, unless it does not look like one. @internal */
export const requestId = (text: unknown, secrets: ReadonlyArray<string>): string | undefined =>
  typeof text === "string" && /^[0-9a-f-]{1,40}$/i.test(text) && !holdsSecret(text, secrets) ? text : undefined

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
