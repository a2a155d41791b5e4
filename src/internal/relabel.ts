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
} from "../CredentialError.ts"
import { AccessKey, BearerToken, type Credentials, StsToken } from "../Credentials.ts"
import { within } from "./providerNames.ts"

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
  const provider = within(outer, error.provider)
  switch (error._tag) {
    case "CredentialsNotConfigured":
      return new CredentialsNotConfigured({ ...error, provider })
    case "CredentialsMisconfigured":
      return new CredentialsMisconfigured({ ...error, provider })
    case "CredentialsUnavailable":
      return new CredentialsUnavailable({ ...error, provider })
    case "CredentialsRejected":
      return new CredentialsRejected({ ...error, provider })
    case "CredentialsMalformed":
      return new CredentialsMalformed({ ...error, provider })
    case "CredentialsExpired":
      return new CredentialsExpired({ ...error, provider })
    case "ReauthenticationRequired":
      return new ReauthenticationRequired({ ...error, provider })
  }
}
