/**
 * Finds values inside a JSON text. Changes members of an object in it and leaves every other character as it is: unknown
 * members, their order, indentation, line endings, numbers that JavaScript cannot represent.
 */

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
  const { start } = span
  return Object.entries(members).reduce((all, [name, value]) => withMember(all, start, name, value), text)
}

/** Where the value at `path` begins, if there is one. The text must be valid JSON. @internal */
export const startOf = (text: string, path: ReadonlyArray<Step>): number | undefined => find(text, path)?.start

const find = (text: string, path: ReadonlyArray<Step>): Span | undefined => {
  let span: Span | undefined = { start: skipBlank(text, 0), end: text.length }
  for (const step of path) {
    span = span === undefined ? undefined : child(text, span.start, step)
  }
  return span
}

const withMember = (text: string, at: number, name: string, value: string | number): string => {
  const present = membersOf(text, at)
  const found = named(present, name)
  if (found !== undefined) return splice(text, found.start, found.end, JSON.stringify(value))
  const last = present.at(-1)
  if (last === undefined) return splice(text, at + 1, at + 1, `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
  const before = present.at(-2)
  const gap = text.slice(before === undefined ? at + 1 : skipBlank(text, before.end) + 1, last.nameStart)
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

// A byte order mark may precede the first value.
const isBlank = (char: string | undefined): boolean => char !== undefined && /[\s\uFEFF]/.test(char)

const skipBlank = (text: string, start: number): number => {
  let at = start
  while (isBlank(text[at])) at += 1
  return at
}

const endOfString = (text: string, start: number): number => {
  let at = start + 1
  while (at < text.length && text[at] !== "\"") at += text[at] === "\\" ? 2 : 1
  return at + 1
}

// Nesting is counted without recursion, so deep nesting cannot overflow the stack.
const endOfValue = (text: string, start: number): number => {
  let at = start
  let depth = 0
  while (at < text.length) {
    const char = text[at] ?? ""
    if (depth === 0 && at > start && /[\s,:\]}]/.test(char)) return at
    if (char === "\"") at = endOfString(text, at)
    else at += 1
    if (char === "{" || char === "[") depth += 1
    if (char === "}" || char === "]") depth -= 1
    if (depth === 0 && /["\]}]/.test(char)) return at
  }
  return at
}
