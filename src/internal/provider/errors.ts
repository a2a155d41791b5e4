/**
 * Errors with some of their fields replaced. The message of an error is made from its fields, so a new error is created.
 */
import {
  CredentialChainError,
  type CredentialError,
  CredentialsExpired,
  CredentialsMalformed,
  CredentialsMisconfigured,
  CredentialsNotConfigured,
  CredentialsRejected,
  CredentialsUnavailable,
  ReauthenticationRequired
} from "../../CredentialError.ts"
import { within } from "./names.ts"

type ProviderError = Exclude<CredentialError, CredentialChainError>

/** What may be replaced. Fields that an error does not have are ignored. @internal */
export interface Amendment {
  readonly provider?: string
  readonly hint?: string | undefined
  readonly reason?: string
  readonly at?: string | undefined
}

/** Keeps every field that `change` does not name. @internal */
export const amend = (error: CredentialError, change: Amendment): CredentialError => {
  if (error._tag === "CredentialChainError") return new CredentialChainError(error)
  const common = {
    provider: change.provider ?? error.provider,
    hint: "hint" in change ? change.hint : error.hint
  }
  switch (error._tag) {
    case "CredentialsMalformed":
      return new CredentialsMalformed({ ...common, issues: error.issues })
    case "CredentialsExpired":
      return new CredentialsExpired({ ...common, expiration: error.expiration, now: error.now })
    default:
      return amendReason(error, { ...common, reason: change.reason ?? error.reason }, change)
  }
}

const amendReason = (
  error: Exclude<ProviderError, CredentialsMalformed | CredentialsExpired>,
  common: { readonly provider: string; readonly hint: string | undefined; readonly reason: string },
  change: Amendment
): CredentialError => {
  switch (error._tag) {
    case "CredentialsNotConfigured":
      return new CredentialsNotConfigured(common)
    case "CredentialsMisconfigured":
      return new CredentialsMisconfigured({ ...common, at: "at" in change ? change.at : error.at })
    case "CredentialsUnavailable":
      return new CredentialsUnavailable({ ...common, ...serverFields(error), retryAfter: error.retryAfter })
    case "CredentialsRejected":
      return new CredentialsRejected({ ...common, ...serverFields(error) })
    case "ReauthenticationRequired":
      return new ReauthenticationRequired({ ...common, profile: error.profile, command: error.command })
    // An error of another version of this library, of a kind that this one does not know.
    default:
      return error
  }
}

const serverFields = ({ code, requestId, status }: CredentialsUnavailable | CredentialsRejected) => ({
  code,
  requestId,
  status
})

/** The same error with `outer` before the name of its provider. @internal */
export const prefixed = (outer: string, error: CredentialError): CredentialError =>
  error._tag === "CredentialChainError" ? error : amend(error, { provider: within(outer, error.provider) })

/** The message for a log, or for a part of another message. @internal */
export const inOneLine = ({ message }: CredentialError): string => message.replaceAll(/\n\s*/g, "; ")
