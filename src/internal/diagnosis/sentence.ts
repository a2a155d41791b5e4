/**
 * The message of one error: who failed, in which way and why, and how to fix it.
 */
import * as DateTime from "effect/DateTime"

interface Common {
  readonly provider: string
  readonly hint?: string | undefined
}

interface WithReason<Tag extends string> extends Common {
  readonly _tag: Tag
  readonly reason: string
}

interface OfServer<Tag extends string> extends WithReason<Tag> {
  readonly code?: string | undefined
  readonly requestId?: string | undefined
}

/** The fields of an error that its message shows. @internal */
export type Described =
  | WithReason<"CredentialsNotConfigured">
  | WithReason<"CredentialsMisconfigured"> & { readonly at?: string | undefined }
  | OfServer<"CredentialsUnavailable">
  | OfServer<"CredentialsRejected">
  | Common & { readonly _tag: "CredentialsMalformed"; readonly issues: ReadonlyArray<string> }
  | Common & { readonly _tag: "CredentialsExpired"; readonly expiration: DateTime.Utc; readonly now: DateTime.Utc }
  | WithReason<"ReauthenticationRequired"> & { readonly command: string }

/** What each kind of error says of the provider. @internal */
export const states: Readonly<Record<Described["_tag"], string>> = {
  CredentialsNotConfigured: "not configured",
  CredentialsMisconfigured: "misconfigured",
  CredentialsUnavailable: "unavailable",
  CredentialsRejected: "rejected",
  CredentialsMalformed: "malformed answer",
  CredentialsExpired: "expired on arrival",
  ReauthenticationRequired: "login required"
}

/** What a message says, part by part. @internal */
export interface Parts {
  /** What failed and where, without the answer of the server and without the fix. */
  readonly what: string
  readonly server?: string | undefined
  readonly fix?: string | undefined
}

/** @internal */
export const partsOf = (error: Described): Parts => ({
  ...(answerOf(error) ?? { what: `${error.provider}: ${states[error._tag]} (${detailsOf(error)})`, server: undefined }),
  fix: fixOf(error)
})

/**
 * An error with what a server did apart from it: `sts.aliyuncs.com: status 403, NoPermission: …`, or
 * `sts.aliyuncs.com: no connection: ECONNREFUSED`.
 */
const answerOf = (error: Described): { readonly what: string; readonly server: string } | undefined => {
  if (error._tag !== "CredentialsRejected" && error._tag !== "CredentialsUnavailable") return undefined
  const { provider, reason } = error
  const found = /(?:^|: )([\w.-]+(?::\d+)?: (?:status \d+|no connection|no answer|no whole answer|connection lost).*)/s
    .exec(reason)
  if (found?.[1] === undefined) return undefined
  const where = reason.slice(0, found.index)
  return {
    // A reader needs the step that failed, not the path of providers that led to it.
    what: where === ""
      ? `${provider}: ${states[error._tag]}`
      : `${outermost(provider)}: ${states[error._tag]} (${where})`,
    server: withServerFields(found[1], error)
  }
}

const outermost = (provider: string): string => provider.replace(/\/.*/s, "")

const fixOf = (error: Described): string | undefined => {
  // What follows a colon begins with a small letter. Abbreviations keep their capitals.
  const hint = error.hint?.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())
  if (error._tag !== "ReauthenticationRequired") return hint
  return hint === undefined ? `run: ${error.command}` : `1. ${hint}; 2. run: ${error.command}`
}

/** Why it failed, in one line. @internal */
export const detailsOf = (error: Described): string => {
  switch (error._tag) {
    case "CredentialsNotConfigured":
    case "ReauthenticationRequired":
      return error.reason
    case "CredentialsMisconfigured":
      return error.at === undefined ? error.reason : `${error.at}: ${error.reason}`
    case "CredentialsUnavailable":
    case "CredentialsRejected":
      return withServerFields(error.reason, error)
    case "CredentialsMalformed":
      return error.issues.join("; ")
    case "CredentialsExpired":
      return `expiration ${DateTime.formatIso(error.expiration)}, local clock ${DateTime.formatIso(error.now)}`
  }
}

/** The text, with the code and the request id of the server unless it contains them. */
const withServerFields = (
  text: string,
  { code, requestId }: { readonly code?: string | undefined; readonly requestId?: string | undefined }
): string => {
  const shownCode = code === undefined || text.includes(code) ? "" : `, ${code}`
  const shownId = requestId === undefined || text.includes(requestId) ? "" : `, request id ${requestId}`
  return `${text}${shownCode}${shownId}`
}

/** The lines of a message, each after the first with its label. @internal */
export const linesOf = ({ fix, server, what }: Parts): ReadonlyArray<string> => [
  what,
  ...(server === undefined ? [] : [`server: ${server}`]),
  ...(fix === undefined ? [] : stepsOf(fix))
]

/** Numbered steps have a line each. @internal */
export const stepsOf = (fix: string): ReadonlyArray<string> =>
  fix.split(/; (?=\d\. )/).map((step, index) => `${index === 0 ? "fix: " : "     "}${step}`)

/** @internal */
export const messageOf = (error: Described): string => linesOf(partsOf(error)).join("\n  ")
