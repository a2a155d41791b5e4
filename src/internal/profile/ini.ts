/**
 * The INI file of the official tools. They use four different parsers; the rules here keep every secret whole, whatever
 * characters it contains.
 */
import * as Either from "effect/Either"

/** The keys of each section, in lower case. @internal */
export type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>

/** @internal */
export interface Ini {
  readonly sections: Sections
  /** The line where each section begins first. */
  readonly lines: ReadonlyMap<string, number>
  /** The first line with a key that is in no section. */
  readonly loose: number | undefined
}

/** Which line is wrong and why, without quoting it. @internal */
export interface Issue {
  readonly line: number
  readonly reason: string
}

/**
 * Comments start with `#` or `;` at the start of a line or after white space. Sections of the same name are merged, and
 * the last of equal keys wins. Keys before the first section are ignored.
 *
 * @internal
 */
export const parse = (text: string): Either.Either<Ini, Issue> => {
  const sections = new Map<string, Map<string, string>>()
  const begins = new Map<string, number>()
  let loose: number | undefined = undefined
  let current = new Map<string, string>()
  const lines = text.split(/\r\n|\r|\n/)
  for (const [index, raw] of lines.entries()) {
    const issue = (reason: string) => Either.left({ line: index + 1, reason })
    // This also drops a byte order mark, which is white space in JavaScript.
    const line = raw.trim()
    if (line === "" || isComment(line)) continue
    if (line.startsWith("[")) {
      const header = /^\[([^\]]*)\]\s*(?:[#;].*)?$/.exec(line)
      if (header === null) return issue("a section without closing bracket, or with text after it")
      const name = (header[1] ?? "").trim()
      current = sections.get(name) ?? new Map()
      sections.set(name, current)
      if (!begins.has(name)) begins.set(name, index + 1)
      continue
    }
    const delimiter = delimiterOf(line)
    if (delimiter === -1) return issue("neither a section nor a key with a value")
    const key = line.slice(0, delimiter).trim().toLowerCase()
    if (key === "") return issue("a value without a key")
    if (sections.size === 0) loose ??= index + 1
    current.set(key, valueOf(line.slice(delimiter + 1)))
  }
  return Either.right({ sections, lines: begins, loose })
}

const isComment = (line: string): boolean => line.startsWith("#") || line.startsWith(";")

const comment = /\s[#;]/

const withoutComment = (text: string): string => {
  const start = text.search(comment)
  return start === -1 ? text : text.slice(0, start)
}

/** A colon counts only in a line that has no equals sign. */
const delimiterOf = (line: string): number => {
  const code = withoutComment(line)
  const equals = code.indexOf("=")
  return equals === -1 ? code.indexOf(":") : equals
}

/** Quotes around the whole value are dropped, and nothing between them is a comment. */
const valueOf = (text: string): string => {
  const quoted = /^\s*(["'])(.*?)\1\s*(?:\s[#;].*)?$/s.exec(text)
  return quoted === null ? withoutComment(text).trim() : quoted[2] ?? ""
}
