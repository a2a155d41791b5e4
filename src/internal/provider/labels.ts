/**
 * The labels of metrics. A registry of metrics keeps every combination of labels for good, so they come from closed
 * sets. Spans and log lines have the whole name.
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { CredentialError } from "../../CredentialError.ts"
import * as names from "./names.ts"

const custom = "custom"

const known: ReadonlySet<string> = new Set(names.sources)

/**
 * The first two parts of the name, so that a role and the role that assumed it have different labels. A part that is not the
 * name of a source of this library is `custom`.
 *
 * @internal
 */
export const provider = (name: string): string => {
  const [outer = custom, inner] = name.split("/").map((part) => known.has(part) ? part : custom)
  return inner === undefined || (outer === custom && inner === custom) ? outer : names.within(outer, inner)
}

const tags: ReadonlySet<string> = new Set<CredentialError["_tag"]>([
  "CredentialsNotConfigured",
  "CredentialsMisconfigured",
  "CredentialsUnavailable",
  "CredentialsRejected",
  "CredentialsMalformed",
  "CredentialsExpired",
  "ReauthenticationRequired",
  "CredentialChainError"
])

/** An error of another kind, which only a program without types can fail with, counts as a defect. @internal */
export const outcome = (exit: Exit.Exit<unknown, CredentialError>): string =>
  Exit.match(exit, {
    onSuccess: () => "success",
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onSome: (error) => tags.has(error._tag) ? error._tag : "defect",
        onNone: () => (Cause.isInterruptedOnly(cause) ? "interrupted" : "defect")
      })
  })
