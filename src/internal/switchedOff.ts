/** Sources that a variable disables. */
import type { CredentialError } from "../CredentialError.ts"

const words = "switched off by"

/** @internal */
export const switchedOffBy = (variable: string): string => `${words} ${variable}`

/** Whether a variable disables the source that failed with this error. @internal */
export const isSwitchedOff = (error: CredentialError): boolean =>
  error._tag === "CredentialsNotConfigured" && error.reason.startsWith(words)
