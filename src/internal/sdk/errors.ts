/**
 * The errors that clients outside Effect get.
 */
import * as Cause from "effect/Cause"
import {
  type CredentialError,
  CredentialsMisconfigured,
  CredentialsUnavailable,
  isCredentialError
} from "../../CredentialError.ts"
import { isConfigError } from "../compat/configError.ts"
import { amend } from "../provider/errors.ts"
import * as variables from "../variables.ts"

/**
 * An error with a `code`, by which the official clients decide whether to retry. If the server gave none, a copy has the
 * tag: the error itself belongs to every caller of the provider.
 *
 * @internal
 */
export const withCode = (error: CredentialError): CredentialError =>
  "code" in error && error.code !== undefined
    ? error
    : Object.defineProperty(amend(error, {}), "code", { value: error._tag, enumerable: true })

/** The error of a provider unchanged, and a `CredentialError` for any other cause. @internal */
export const toError = (provider: string, cause: Cause.Cause<unknown>): unknown => {
  if (Cause.isInterruptedOnly(cause)) return closed(provider)
  const failure = Cause.squash(cause)
  if (isConfigError(failure)) return withCode(variables.toCredentialError(provider)(failure))
  if (isCredentialError(failure)) return withCode(failure)
  return failure instanceof Error
    ? failure
    : withCode(new CredentialsMisconfigured({ provider, reason: "failed with a value that is not an Error" }))
}

/** @internal */
export const closed = (provider: string): CredentialError =>
  withCode(
    new CredentialsUnavailable({
      provider,
      reason: "closed",
      hint: "Use it before you close it, or create another one"
    })
  )

/** @internal */
export const notYet = (provider: string, hint?: string): CredentialError =>
  withCode(new CredentialsUnavailable({ provider, reason: "no cached credentials yet", hint }))

/** The client of a library, or of one that this library has no function for. @internal */
export const misfit = (library: string | undefined, difference: string): CredentialError =>
  withCode(
    new CredentialsMisconfigured({
      provider: "AlicloudSdk",
      at: "client",
      ...library === undefined
        ? {
          reason: `has ${difference}`,
          hint: "Name the method that sends a request, and the fields that it reads, as the client spells them"
        }
        : {
          reason: `has ${difference}, unlike the clients of ${library}`,
          hint: `Pass a client of ${library}, and check whether this library supports its version`
        }
    })
  )
