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

/** Who failed, in which way and why. @internal */
export const whatOf = (error: Described): string => `${error.provider}: ${states[error._tag]} (${detailsOf(error)})`

const detailsOf = (error: Described): string => {
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

/** The text, with the code and the request id of the server unless it contains them. @internal */
export const withServerFields = (
  text: string,
  { code, requestId }: { readonly code?: string | undefined; readonly requestId?: string | undefined }
): string => {
  const shownCode = code === undefined || text.includes(code) ? "" : `, ${code}`
  const shownId = requestId === undefined || text.includes(requestId) ? "" : `, request id ${requestId}`
  return `${text}${shownCode}${shownId}`
}

/** @internal */
export const messageOf = (error: Described): string =>
  [
    whatOf(error),
    ...(error._tag === "ReauthenticationRequired" ? [`Run: ${error.command}`] : []),
    ...(error.hint === undefined ? [] : [error.hint])
  ].join(". ")
