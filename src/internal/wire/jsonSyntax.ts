/**
 * Where a text stops being JSON. The errors of `JSON.parse` do not serve: they quote the text, and their wording and
 * their positions differ from runtime to runtime.
 */

/** @internal */
export interface Position {
  readonly line: number
  readonly column: number
}

/** The first mistake in a text. @internal */
export interface Flaw extends Position {
  /** What is there, if it is a mistake that people make. Never a part of the text. */
  readonly what: string | undefined
}

/** The line and the column of an index, both from 1. @internal */
export const positionOf = (text: string, index: number): Position => {
  const lines = text.slice(0, index).split(/\r\n|\r|\n/)
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 }
}

/** The line of each index, from 1. The indices must be in order. @internal */
export const linesOf = (text: string, indices: ReadonlyArray<number>): ReadonlyArray<number> => {
  const breaks = /\r\n|\r|\n/g
  let line = 1
  let next = breaks.exec(text)
  return indices.map((index) => {
    for (; next !== null && next.index + next[0].length <= index; next = breaks.exec(text)) line += 1
    return line
  })
}

/** The first mistake, or undefined if the text is JSON. @internal */
export const flawOf = (text: string): Flaw | undefined => {
  const found = scan(text)
  return found === undefined ? undefined : { ...positionOf(text, found.at), what: found.what }
}

interface Mistake {
  readonly at: number
  readonly what: string | undefined
}

type Expected = "value" | "element" | "first element" | "name" | "first name" | "colon" | "comma" | "end"

// Open brackets are on a list of their own, so that deep nesting cannot overflow the stack.
const scan = (text: string): Mistake | undefined => {
  const open: Array<string> = []
  let expected = "value" as Expected
  let at = skipBlank(text, text.startsWith("\uFEFF") ? 1 : 0)
  if (at >= text.length) return { at, what: "no text" }

  const afterValue = (): Expected => open.length === 0 ? "end" : "comma"

  for (; at < text.length; at = skipBlank(text, at)) {
    const char = text[at] ?? ""
    const mistake = (what?: string): Mistake => ({ at, what: commonly(text, at) ?? what })
    const isFirst = expected === "first name" || expected === "first element"
    if ((isFirst || expected === "comma") && char === closing.get(open.at(-1) ?? "")) {
      open.pop()
      expected = afterValue()
      at += 1
      continue
    }
    if (expected === "end") return mistake("text after the end")
    if (expected === "colon" || expected === "comma") {
      if (char !== (expected === "colon" ? ":" : ",")) {
        return mistake(/[}\]]/.test(char) ? "the wrong bracket" : `a ${expected} is missing`)
      }
      expected = expected === "colon" ? "value" : open.at(-1) === "{" ? "name" : "element"
      at += 1
      continue
    }
    if (/[}\]]/.test(char)) {
      return mistake(expected === "name" || expected === "element" ? `a comma before "${char}"` : undefined)
    }
    if (char === "\"") {
      const end = endOfString(text, at)
      if (typeof end !== "number") return end
      expected = expected === "name" || expected === "first name" ? "colon" : afterValue()
      at = end
      continue
    }
    if (expected === "name" || expected === "first name") return mistake("a name without quotes")
    if (closing.has(char)) {
      open.push(char)
      expected = char === "{" ? "first name" : "first element"
      at += 1
      continue
    }
    scalar.lastIndex = at
    const found = scalar.exec(text)?.[0]
    if (found === undefined) return mistake()
    expected = afterValue()
    at += found.length
  }
  return expected === "end" ? undefined : { at, what: "the text ends too early" }
}

const closing: ReadonlyMap<string, string> = new Map([["{", "}"], ["[", "]"]])

const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

const skipBlank = (text: string, start: number): number => {
  let at = start
  while (at < text.length && " \t\n\r".includes(text[at] ?? "")) at += 1
  return at
}

const escape = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y

const endOfString = (text: string, start: number): number | Mistake => {
  let at = start + 1
  while (at < text.length) {
    const char = text[at] ?? ""
    if (char === "\"") return at + 1
    if (char < " ") return { at, what: /[\r\n]/.test(char) ? "a line break between quotes" : "a control character" }
    escape.lastIndex = at
    const escaped = char === "\\" ? escape.exec(text)?.[0] : char
    if (escaped === undefined) return { at, what: "a single backslash" }
    at += escaped.length
  }
  return { at, what: "the text ends too early" }
}

const commonly = (text: string, at: number): string | undefined => {
  const rest = text.slice(at, at + 2)
  if (/^(?:#|\/[/*])/.test(rest)) return "a comment"
  if (rest.startsWith("'")) return "single quotes"
  return /^[\u2018-\u201F]/.test(rest) ? "typographic quotes" : undefined
}
