/** What is wrong with a value that does not match a schema. The issues of Effect 3 and 4 are different trees. */
import type * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"

/** @internal */
export type DecodeError = Schema.SchemaError

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

const eachLeaf = (issue: SchemaIssue.Issue, path: Path, visit: Visit): void => {
  switch (issue._tag) {
    case "Pointer":
      return eachLeaf(issue.issue, [...path, ...issue.path], visit)
    case "Composite":
      for (const inner of issue.issues) eachLeaf(inner, path, visit)
      return
    case "AnyOf":
      // No member of the union takes a value of that type.
      if (issue.issues.length === 0) {
        return visit(path, { _tag: "Wrong", expected: expectedBy(issue.ast), actual: issue.input })
      }
      for (const inner of issue.issues) eachLeaf(inner, path, visit)
      return
    case "Encoding":
      return eachLeaf(issue.issue, path, visit)
    case "MissingKey":
      return visit(path, { _tag: "Missing" })
    case "UnexpectedKey":
      return visit(path, { _tag: "Unexpected" })
    case "Forbidden":
      return visit(path, { _tag: "Forbidden" })
    case "InvalidType":
      return visit(path, { _tag: "Wrong", expected: expectedBy(issue.ast), actual: issue.input })
    case "Filter":
    case "InvalidValue":
    case "OneOf":
      return visit(path, { _tag: "Wrong", expected: "other", actual: issue.input })
  }
}

const expectedBy = (ast: AST.AST): Expected => {
  switch (ast._tag) {
    case "String":
    case "TemplateLiteral":
      return "text"
    case "Number":
      return "number"
    case "Boolean":
      return "boolean"
    case "Arrays":
      return "list"
    case "Objects":
    case "ObjectKeyword":
      return "object"
    case "Union":
      return ast.types.map(expectedBy).find((expected) => expected !== "other") ?? "other"
    default:
      return "other"
  }
}
