/**
 * Finds values inside a JSON text. Changes members of an object in it and leaves every other character as it is: unknown
 * members, their order, indentation, line endings, numbers that JavaScript cannot represent.
 */
import { backslash, isClosing, isOpening, quote } from "../wire/jsonChars.ts"

/** The position of a value in the text. */
interface Span {
  readonly start: number
  readonly end: number
}

interface Member extends Span {
  readonly name: string
  /** The position of its name, with the quotes. */
  readonly nameStart: number
  readonly nameEnd: number
}

/** One step of a path: the name of a member, or the index of an element. @internal */
export type Step = string | number

/**
 * The text with these members in the object at `path`, or undefined if there is no object. The text must be valid JSON.
 *
 * @internal
 */
export const withMembers = (
  text: string,
  path: ReadonlyArray<Step>,
  members: Readonly<Record<string, string | number>>
): string | undefined => {
  const span = find(text, path)
  if (span === undefined || text[span.start] !== "{") return undefined
  const { end, start } = span
  // The file may be long, and the object is short.
  const object = Object.entries(members).reduce(withMember, text.slice(start, end))
  return splice(text, start, end, object)
}

/** Where each element of the list at `path` begins. The text must be valid JSON. @internal */
export const startsOf = (text: string, path: ReadonlyArray<Step>): ReadonlyArray<number> => {
  const span = find(text, path)
  return span === undefined ? [] : elementsOf(text, span.start).map(({ start }) => start)
}

const find = (text: string, path: ReadonlyArray<Step>): Span | undefined => {
  let span: Span | undefined = { start: skipBlank(text, 0), end: text.length }
  for (const step of path) {
    span = span === undefined ? undefined : child(text, span.start, step)
  }
  return span
}

const withMember = (text: string, [name, value]: readonly [string, string | number]): string => {
  const present = membersOf(text, 0)
  const found = named(present, name)
  if (found !== undefined) return splice(text, found.start, found.end, JSON.stringify(value))
  const last = present.at(-1)
  if (last === undefined) return splice(text, 1, 1, `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
  const before = present.at(-2)
  const gap = text.slice(before === undefined ? 1 : skipBlank(text, before.end) + 1, last.nameStart)
  const colon = text.slice(last.nameEnd, last.start)
  return splice(text, last.end, last.end, `,${gap}${JSON.stringify(name)}${colon}${JSON.stringify(value)}`)
}

/** JSON parsers use the last of two members with the same name. */
const named = (members: ReadonlyArray<Member>, name: string): Member | undefined =>
  members.filter((member) => member.name === name).at(-1)

const splice = (text: string, start: number, end: number, piece: string): string =>
  text.slice(0, start) + piece + text.slice(end)

const child = (text: string, at: number, step: Step): Span | undefined =>
  typeof step === "number" ? elementsOf(text, at)[step] : named(membersOf(text, at), step)

const membersOf = (text: string, at: number): ReadonlyArray<Member> => {
  const members: Array<Member> = []
  if (text[at] !== "{") return members
  let next = skipBlank(text, at + 1)
  while (text[next] !== "}" && next < text.length) {
    const nameEnd = endOfValue(text, next)
    const start = skipBlank(text, skipBlank(text, nameEnd) + 1)
    const end = endOfValue(text, start)
    members.push({ name: String(JSON.parse(text.slice(next, nameEnd))), nameStart: next, nameEnd, start, end })
    next = afterComma(text, end)
  }
  return members
}

const elementsOf = (text: string, at: number): ReadonlyArray<Span> => {
  const elements: Array<Span> = []
  if (text[at] !== "[") return elements
  let start = skipBlank(text, at + 1)
  while (text[start] !== "]" && start < text.length) {
    const end = endOfValue(text, start)
    elements.push({ start, end })
    start = afterComma(text, end)
  }
  return elements
}

const afterComma = (text: string, at: number): number => {
  const next = skipBlank(text, at)
  return text[next] === "," ? skipBlank(text, next + 1) : next
}

const skipBlank = (text: string, start: number): number => {
  let at = start
  while (isBlank(text.charCodeAt(at))) at += 1
  return at
}

/** White space, or a byte order mark, which may precede the first value. */
const isBlank = (char: number): boolean =>
  char === 0x20 || char === 0x0a || char === 0x09 || char === 0x0d || char === 0xfeff

const endOfValue = (text: string, start: number): number => {
  const char = text.charCodeAt(start)
  if (char === quote) return endOfString(text, start)
  return isOpening(char) ? endOfNested(text, start) : endOfWord(text, start)
}

const endOfString = (text: string, start: number): number => {
  let at = start + 1
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1
  return at + 1
}

const endOfWord = (text: string, start: number): number => {
  let at = start + 1
  while (at < text.length && !/[\s,:\]}]/.test(text[at] ?? "")) at += 1
  return at
}

// Nesting is counted without recursion, so deep nesting cannot overflow the stack.
const endOfNested = (text: string, start: number): number => {
  let depth = 0
  let at = start
  while (at < text.length) {
    const char = text.charCodeAt(at)
    at = char === quote ? endOfString(text, at) : at + 1
    if (isOpening(char)) depth += 1
    else if (isClosing(char)) depth -= 1
    if (depth === 0) return at
  }
  return at
}
