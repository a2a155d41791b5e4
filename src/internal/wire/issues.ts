/**
 * What is wrong with decoded data, in words that do not require knowledge of Schema. The errors of Schema quote what
 * they reject, so only paths and kinds are taken from them.
 */
import { type DecodeError, eachIssue, type Expected, type Issue, type Path } from "../compat/schemaIssue.ts"
import { isWord } from "./word.ts"

const seconds = "is not a number of seconds"
const time = "is not a time such as 2030-01-01T00:00:00Z"

/** What the wrong value of a field "is not", by the name of the field, for fields that are more than their type. @internal */
export type Words = ReadonlyMap<string, string>

/**
 * For the fields of this project's own schemas. The same names may mean something else in the schema of a user.
 *
 * @internal
 */
export const ownWords: Words = new Map([
  ["Expiration", time],
  ["expiration", time],
  ["expires_in", seconds],
  ["expired_seconds", seconds],
  ["duration_seconds", seconds],
  ["sts_expiration", seconds],
  ["oauth_access_token_expire", seconds],
  ["cloud_sso_access_token_expire", seconds]
])

const noWords: Words = new Map()

/** @internal */
export interface Options {
  /** What the data itself is called. */
  readonly whole?: string | undefined
  readonly words?: Words | undefined
}

// A server or a file with thousands of mistakes needs no message of thousands of lines.
const mostShown = 8

/** `AccessKeySecret is missing` for each field that is wrong, named once. @internal */
export const describeIssues = (
  error: DecodeError,
  { whole = "the body", words = noWords }: Options = {}
): ReadonlyArray<string> => {
  const shown = new Map<string, string>()
  const more = new Set<string>()
  eachIssue(error, (path, issue) => {
    const reason = reasonFor(path, issue, words)
    const name = path.length === 0 ? whole : path.map(shownKey).join(".")
    if (shown.has(name)) return
    if (shown.size < mostShown) shown.set(name, reason)
    else more.add(name)
  })
  const lines = [...shown].map(([name, reason]) => `${name} ${reason}`)
  return more.size > 0 ? [...lines, `and ${more.size} more`] : lines
}

const reasonFor = (path: Path, issue: Issue, words: Words): string => {
  switch (issue._tag) {
    case "Missing":
      return "is missing"
    case "Unexpected":
      return "is not expected"
    case "Forbidden":
      return "cannot be decoded here"
    case "Wrong":
      return issue.actual === "" ? "is empty" : words.get(String(path.at(-1))) ?? kinds[issue.expected]
  }
}

const kinds: Readonly<Record<Expected, string>> = {
  text: "is not text",
  number: "is not a number",
  boolean: "is neither true nor false",
  list: "is not a list",
  object: "is not an object",
  other: "is not valid"
}

// A server chooses the keys of its records, and a secret can stand in the place of one.
const shownKey = (key: PropertyKey): string => typeof key === "number" || isWord(String(key)) ? String(key) : "…"
