/** The errors of configuration: which variables they are about, and what is wrong with them. */
import * as Config from "effect/Config"
import type * as SchemaIssue from "effect/SchemaIssue"

/** @internal */
export const isConfigError = (u: unknown): u is Config.ConfigError => u instanceof Config.ConfigError

interface Place {
  readonly path: string
  readonly isMissing: boolean
  readonly reason: string | undefined
}

const messageOf = (issue: SchemaIssue.Issue): string | undefined => {
  const message = issue._tag === "InvalidValue" ? issue.annotations?.message : undefined
  return typeof message === "string" ? message : undefined
}

// A variable is always a text, so that only an absent one is of the wrong type.
const placesOf = (issue: SchemaIssue.Issue, path: ReadonlyArray<PropertyKey> = []): ReadonlyArray<Place> => {
  switch (issue._tag) {
    case "Pointer":
      return placesOf(issue.issue, [...path, ...issue.path])
    case "Composite":
      return issue.issues.flatMap((inner) => placesOf(inner, path))
    case "Encoding":
      return placesOf(issue.issue, path)
    default:
      return [{
        path: path.map(String).join("."),
        isMissing: issue._tag === "MissingKey" || (issue._tag === "InvalidType" && issue.input === undefined),
        reason: messageOf(issue)
      }]
  }
}

const places = ({ cause }: Config.ConfigError): ReadonlyArray<Place> =>
  cause._tag === "SchemaError" ? placesOf(cause.issue) : []

/** Whether variables are missing, and nothing else is wrong. @internal */
export const isMissingOnly = (error: Config.ConfigError): boolean =>
  error.cause._tag === "SchemaError" && places(error).every(({ isMissing }) => isMissing)

/** @internal */
export const pathsOf = (error: Config.ConfigError): ReadonlyArray<string> => places(error).map(({ path }) => path)

/** What is said of values that are not valid. @internal */
export const reasonsOf = (error: Config.ConfigError): ReadonlyArray<string> =>
  places(error).flatMap(({ reason }) => reason === undefined ? [] : [reason])
