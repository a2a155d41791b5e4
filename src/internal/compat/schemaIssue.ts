/** What is wrong with a value that does not match a schema. The issues of Effect 3 and 4 are different trees. */
import type * as ParseResult from "effect/ParseResult"
import type * as AST from "effect/SchemaAST"

/** @internal */
export type DecodeError = ParseResult.ParseError

/** What a schema expects. @internal */
export type Expected = "text" | "number" | "boolean" | "list" | "object" | "other"

/** @internal */
export type Issue =
  | { readonly _tag: "Missing" }
  | { readonly _tag: "Unexpected" }
  | { readonly _tag: "Forbidden" }
  | { readonly _tag: "Wrong"; readonly expected: Expected; readonly actual: unknown }

/** @internal */
export type Path = ReadonlyArray<PropertyKey>

type Visit = (path: Path, issue: Issue) => void

/** Visits each issue, without a list of all: a server can send hundreds of thousands of mistakes. @internal */
export const eachIssue = (error: DecodeError, visit: Visit): void => eachLeaf(error.issue, [], visit)

const eachLeaf = (issue: ParseResult.ParseIssue, path: Path, visit: Visit): void => {
  switch (issue._tag) {
    case "Pointer":
      return eachLeaf(issue.issue, [...path, ...listOf(issue.path)], visit)
    case "Composite":
      for (const inner of listOf(issue.issues)) eachLeaf(inner, path, visit)
      return
    case "Refinement":
      return issue.kind === "From" ? eachLeaf(issue.issue, path, visit) : visit(path, wrong(issue))
    case "Transformation":
      return issue.kind === "Transformation" ? visit(path, wrong(issue)) : eachLeaf(issue.issue, path, visit)
    case "Missing":
      return visit(path, { _tag: "Missing" })
    case "Unexpected":
      return visit(path, { _tag: "Unexpected" })
    case "Forbidden":
      return visit(path, { _tag: "Forbidden" })
    case "Type":
      return visit(path, wrong(issue))
  }
}

const wrong = ({ actual, ast }: { readonly ast: AST.AST; readonly actual: unknown }): Issue => ({
  _tag: "Wrong",
  expected: expectedBy(ast),
  actual
})

const expectedBy = (ast: AST.AST): Expected => {
  switch (ast._tag) {
    case "StringKeyword":
    case "TemplateLiteral":
      return "text"
    case "NumberKeyword":
      return "number"
    case "BooleanKeyword":
      return "boolean"
    case "TupleType":
      return "list"
    case "TypeLiteral":
    case "ObjectKeyword":
      return "object"
    default:
      return "other"
  }
}

const listOf = <A>(one: A | ReadonlyArray<A>): ReadonlyArray<A> => Array.isArray(one) ? one : [one as A]
