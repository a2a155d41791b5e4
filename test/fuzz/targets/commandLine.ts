/**
 * A command line: any words come back as they were quoted, and what is wrong with a line is said without it.
 */
import { assert } from "@effect/vitest"
import { Either, FastCheck } from "effect"
import { isPlainPath, type Platform, split } from "../../../src/internal/process/commandLine.ts"
import { anyText, damaged, wordsOf } from "../damage.ts"
import { target } from "../target.ts"

const word = FastCheck.oneof(anyText, FastCheck.string()).map((text) => text.replaceAll("\0", ""))

const platform = FastCheck.constantFrom<Platform>("unix", "windows")

type Quote = (word: string, platform: Platform) => string

/** Neither platform has a way to write a single quote between single quotes. */
const quotes: ReadonlyArray<Quote> = [
  (word) => word.split("'").map((part) => `'${part}'`).join("\"'\""),
  (word, platform) =>
    platform === "unix"
      ? `"${word.replaceAll(/["\\$`]/g, "\\$&")}"`
      // A backslash before a quote would escape it, so each stands alone.
      : word.split("\"").map((part) => `'${part.replaceAll("'", "'\"'\"'")}'`).join("'\"'")
]

const blank = FastCheck.constantFrom(" ", "\t", "\n", "  ", "\r\n")

export const quotedWords = target({
  name: "quotedWords",
  share: 10,
  inputs: FastCheck.tuple(
    FastCheck.array(FastCheck.tuple(word, FastCheck.nat(1), blank), { minLength: 1, maxLength: 6 }),
    platform
  ),
  check: ([words, platform]) => {
    const line = words.map(([word, style, blank]) => `${blank}${quotes[style]?.(word, platform)}`).join("")
    const found = split(line, platform)
    const expected = words.map(([word]) => word)
    assert.deepStrictEqual(Either.getOrElse(found, (): ReadonlyArray<string> => []), expected[0] === "" ? [] : expected)
  }
})

const reasons = new Set([
  "contains a NUL character",
  "ends with a backslash",
  "has an unclosed quote",
  "names no program"
])

const lines = FastCheck.oneof(
  damaged(FastCheck.constantFrom(
    `keys get --json "a b" 'c d' \\e`,
    `"C:\\Program Files\\keys.exe" /x "a \\"b\\""`,
    `sh -c 'echo "$HOME" | cat' && true`
  )),
  wordsOf("\"", "'", "\\", " ", "\n", "a", "$", "keys")
)

export const commandLine = target({
  name: "commandLine",
  share: 10,
  inputs: FastCheck.tuple(lines, platform),
  check: ([line, platform]) =>
    Either.match(split(line, platform), {
      onLeft: (reason) => assert.isTrue(reasons.has(reason), reason),
      onRight: (words) => {
        assert.isNotEmpty(words[0])
        // Nothing is made up: a line has quotes, backslashes and blanks beside its words.
        assert.isAtMost(words.join("").length, line.length)
        if (isPlainPath(words[0])) assert.match(words[0], /^[\w:\\/ .+-]{1,64}$/)
      }
    })
})
