/**
 * Credentials and errors of a source, under the name of the provider that stands before it.
 */
import {
  type CredentialError,
  CredentialsExpired,
  CredentialsMalformed,
  CredentialsMisconfigured,
  CredentialsNotConfigured,
  CredentialsRejected,
  CredentialsUnavailable,
  ReauthenticationRequired
} from "../../CredentialError.ts"
import { AccessKey, BearerToken, type Credentials, StsToken } from "../../Credentials.ts"
import { within } from "./names.ts"

/** @internal */
export const relabelCredentials = (outer: string, credentials: Credentials): Credentials => {
  const provider = within(outer, credentials.provider)
  switch (credentials._tag) {
    case "AccessKey":
      return AccessKey({ ...credentials, provider })
    case "StsToken":
      return StsToken({ ...credentials, provider })
    case "BearerToken":
      return BearerToken({ ...credentials, provider })
  }
}

/** @internal */
export const relabelError = (outer: string, error: CredentialError): CredentialError => {
  if (error._tag === "CredentialChainError") return error
  const common = { provider: within(outer, error.provider), hint: error.hint }
  switch (error._tag) {
    case "CredentialsNotConfigured":
      return new CredentialsNotConfigured({ ...common, reason: error.reason })
    case "CredentialsMisconfigured":
      return new CredentialsMisconfigured({ ...common, reason: error.reason, at: error.at })
    case "CredentialsUnavailable": {
      const { reason, retryAfter, status } = error
      return new CredentialsUnavailable({ ...common, reason, status, retryAfter })
    }
    case "CredentialsRejected": {
      const { code, reason, requestId, status } = error
      return new CredentialsRejected({ ...common, reason, status, code, requestId })
    }
    case "CredentialsMalformed":
      return new CredentialsMalformed({ ...common, issues: error.issues })
    case "CredentialsExpired":
      return new CredentialsExpired({ ...common, expiration: error.expiration, now: error.now })
    case "ReauthenticationRequired": {
      const { command, profile, reason } = error
      return new ReauthenticationRequired({ ...common, reason, profile, command })
    }
  }
}
