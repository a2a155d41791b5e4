/**
 * A command line of a configuration file, split into a program and its arguments without a shell: quotes and
 * backslashes work as in a shell, while variables, `~`, globs and `#` have no meaning.
 */
import type * as Arr from "effect/Array"
import * as Either from "effect/Either"
import { isWord } from "../wire/word.ts"

/** @internal */
export type Platform = "unix" | "windows"

/** What a backslash escapes inside double quotes. An escaped line break disappears, as in a shell. */
const escapable: Readonly<Record<Platform, string>> = { unix: "\"\\$`\n", windows: "\"" }

/** The program and its arguments, or what is wrong with the line, without quoting it. @internal */
export const split = (line: string, platform: Platform): Either.Either<Arr.NonEmptyReadonlyArray<string>, string> => {
  // No operating system accepts it, and a runtime that refuses it quotes the argument.
  if (line.includes("\0")) return Either.left("contains a NUL character")
  const words: Array<string> = []
  let word: string | undefined = undefined
  let quote: "'" | "\"" | undefined = undefined
  const text = line.trim()
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (quote === undefined && /\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (quote === undefined && (char === "'" || char === "\"")) {
      quote = char
      word ??= ""
    } else if (char === quote) {
      quote = undefined
    } else if (char === "\\" && isEscape(text.charAt(at + 1), quote, platform)) {
      at += 1
      if (at === text.length) return Either.left("ends with a backslash")
      // An escaped line break continues the line.
      if (text.charAt(at) !== "\n") word = (word ?? "") + text.charAt(at)
    } else {
      word = (word ?? "") + char
    }
  }
  if (quote !== undefined) return Either.left("has an unclosed quote")
  if (word !== undefined) words.push(word)
  const [program, ...rest] = words
  return program ? Either.right([program, ...rest]) : Either.left("names no program")
}

const isEscape = (next: string, quote: "'" | "\"" | undefined, platform: Platform): boolean => {
  if (quote === "'") return false
  if (quote === "\"") return next !== "" && escapable[platform].includes(next)
  return platform === "unix"
}

/**
 * Whether the name of a program may be shown. A secret can stand where the program should. Names of programs and folders
 * are made of words and short numbers.
 *
 * @internal
 */
export const isPlainPath = (program: string): boolean =>
  program.length <= 64 &&
  program.replace(/^[a-z]:/i, "").split(/[\\/ .+_-]/).every((part) =>
    part === "" || /^\d{1,3}$/.test(part) || isWord(part)
  )
