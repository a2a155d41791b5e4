/**
 * The INI file of the official tools. They read it by four different libraries; the rules here keep every secret whole,
 * whatever characters it is made of.
 */
import * as Either from "effect/Either"

/** The keys of each section, in lower case. @internal */
export type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Which line is wrong and in which way, without a part of it. @internal */
export interface Issue {
  readonly line: number
  readonly reason: string
}

/**
 * Comments start with `#` or `;` at the start of a line or after white space. A section that is there twice is one, and
 * the last of equal keys wins. Keys before any section are nobody's.
 *
 * @internal
 */
export const parse = (text: string): Either.Either<Sections, Issue> => {
  const sections = new Map<string, Map<string, string>>()
  let current = new Map<string, string>()
  const lines = text.split(/\r\n|\r|\n/)
  for (const [index, raw] of lines.entries()) {
    const issue = (reason: string) => Either.left({ line: index + 1, reason })
    // A byte order mark goes too, since JavaScript takes it for white space.
    const line = raw.trim()
    if (line === "" || isComment(line)) continue
    if (line.startsWith("[")) {
      const header = /^\[([^\]]*)\]\s*(?:[#;].*)?$/.exec(line)
      if (header === null) return issue("a section without its closing bracket, or with text behind it")
      const name = (header[1] ?? "").trim()
      current = sections.get(name) ?? new Map()
      sections.set(name, current)
      continue
    }
    const delimiter = delimiterOf(line)
    if (delimiter === -1) return issue("neither a section nor a key with its value")
    const key = line.slice(0, delimiter).trim().toLowerCase()
    if (key === "") return issue("a value without a key")
    current.set(key, valueOf(line.slice(delimiter + 1)))
  }
  return Either.right(sections)
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

/** Quotes around the whole value are not a part of it, and nothing between them is a comment. */
const valueOf = (text: string): string => {
  const quoted = /^\s*(["'])(.*?)\1\s*(?:\s[#;].*)?$/.exec(text)
  return quoted === null ? withoutComment(text).trim() : quoted[2] ?? ""
}
