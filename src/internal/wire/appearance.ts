/**
 * What an answer looks like that is not the one that was expected, in words that quote nothing of it. Login pages of
 * networks, proxies and wrong addresses answer for servers.
 */
import * as Option from "effect/Option"
import { parseJson } from "./json.ts"
import { flawOf } from "./jsonSyntax.ts"
import { isWord } from "./word.ts"

const page = /^<(?:!doctype\s+html|html|head|body)\b/i

/** The kind of a text that is neither JSON nor empty, if it can be told. */
const markupOf = (text: string): string | undefined => {
  const start = text.slice(0, 1000).trimStart()
  return page.test(start) ? "an HTML page" : start.startsWith("<") ? "XML" : undefined
}

/** A text where JSON was expected. @internal */
export const ofNoJson = (text: string): string => {
  if (text.trim() === "") return "an empty answer"
  const markup = markupOf(text)
  if (markup !== undefined) return markup === "an HTML page" ? `${markup} (a login page?)` : markup
  const flaw = flawOf(text)
  return flaw === undefined ? "JSON that is nested too deeply" : `not JSON (line ${flaw.line}, column ${flaw.column})`
}

/** A whole answer, whatever was expected. @internal */
export const ofAnswer = ({ body, status }: { readonly body: string; readonly status: number }): string => {
  const markup = markupOf(body)
  return status !== 200 || markup === undefined ? `status ${status}` : `status ${status}, ${markup}`
}

// An answer with hundreds of fields needs no message of hundreds of words.
const mostShown = 8

interface Names {
  /** The fields without which the object is of no use. */
  readonly expected: ReadonlyArray<string>
  /** Others that it may have. */
  readonly known?: ReadonlyArray<string> | undefined
}

/**
 * `SecretAccessKey instead of AccessKeySecret`, for an object that lacks fields and has some of other names. Undefined
 * without such names, or if they may be secrets.
 *
 * @internal
 */
export const otherNames = (text: string, { expected, known = [] }: Names): string | undefined => {
  const json = Option.getOrUndefined(parseJson(text))
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined
  const missing = expected.filter((name) => !Object.hasOwn(json, name))
  const others = Object.keys(json).filter((name) => !expected.includes(name) && !known.includes(name) && isWord(name))
  if (missing.length === 0 || others.length === 0) return undefined
  const shown = others.length > mostShown ? [...others.slice(0, mostShown), "…"] : others
  return `${shown.join(", ")} instead of ${missing.join(", ")}`
}
