/**
 * What is wrong with decoded data, in words that do not require knowledge of Schema. The errors of Schema quote what
 * they reject, so only paths and kinds are taken from them.
 */
import type * as ParseResult from "effect/ParseResult"
import type * as AST from "effect/SchemaAST"
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
  error: ParseResult.ParseError,
  { whole = "the body", words = noWords }: Options = {}
): ReadonlyArray<string> => {
  const shown = new Map<string, string>()
  const more = new Set<string>()
  eachLeaf(error.issue, [], words, (path, reason) => {
    const name = path.length === 0 ? whole : path.map(shownKey).join(".")
    if (shown.has(name)) return
    if (shown.size < mostShown) shown.set(name, reason)
    else more.add(name)
  })
  const lines = [...shown].map(([name, reason]) => `${name} ${reason}`)
  return more.size > 0 ? [...lines, `and ${more.size} more`] : lines
}

type Path = ReadonlyArray<PropertyKey>

/** Visits each reason, without a list of all: an answer can have hundreds of thousands of mistakes. */
const eachLeaf = (
  issue: ParseResult.ParseIssue,
  path: Path,
  words: Words,
  visit: (path: Path, reason: string) => void
): void => {
  switch (issue._tag) {
    case "Pointer":
      return eachLeaf(issue.issue, [...path, ...listOf(issue.path)], words, visit)
    case "Composite":
      for (const inner of listOf(issue.issues)) eachLeaf(inner, path, words, visit)
      return
    case "Refinement":
      return issue.kind === "From"
        ? eachLeaf(issue.issue, path, words, visit)
        : visit(path, reasonFor(path, issue.ast, issue.actual, words))
    case "Transformation":
      return issue.kind === "Transformation"
        ? visit(path, reasonFor(path, issue.ast, issue.actual, words))
        : eachLeaf(issue.issue, path, words, visit)
    case "Missing":
      return visit(path, "is missing")
    case "Unexpected":
      return visit(path, "is not expected")
    case "Forbidden":
      return visit(path, "cannot be decoded here")
    case "Type":
      return visit(path, reasonFor(path, issue.ast, issue.actual, words))
  }
}

const reasonFor = (path: Path, ast: AST.AST, actual: unknown, words: Words): string =>
  actual === "" ? "is empty" : words.get(String(path.at(-1))) ?? kindOf(ast)

const kindOf = (ast: AST.AST): string => {
  switch (ast._tag) {
    case "StringKeyword":
    case "TemplateLiteral":
      return "is not text"
    case "NumberKeyword":
      return "is not a number"
    case "BooleanKeyword":
      return "is neither true nor false"
    case "TupleType":
      return "is not a list"
    case "TypeLiteral":
    case "ObjectKeyword":
      return "is not an object"
    default:
      return "is not valid"
  }
}

const listOf = <A>(one: A | ReadonlyArray<A>): ReadonlyArray<A> => Array.isArray(one) ? one : [one as A]

// A server chooses the keys of its records, and a secret can stand in the place of one.
const shownKey = (key: PropertyKey): string => typeof key === "number" || isWord(String(key)) ? String(key) : "…"
