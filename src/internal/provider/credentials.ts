/**
 * Credentials as values: which are the same, which of their texts are secret, and which provider errors and logs name.
 */
import * as Redacted from "effect/Redacted"
import { AccessKey, BearerToken, type Credentials, StsToken } from "../../Credentials.ts"
import { within } from "./names.ts"

/** Whether two credentials are the same to a server, wherever they came from. @internal */
export const isSame = (one: Credentials, other: Credentials): boolean => {
  switch (one._tag) {
    case "AccessKey":
      return other._tag === "AccessKey" && one.accessKeyId === other.accessKeyId
    case "StsToken":
      return other._tag === "StsToken" && one.accessKeyId === other.accessKeyId &&
        Redacted.value(one.securityToken) === Redacted.value(other.securityToken)
    case "BearerToken":
      return other._tag === "BearerToken" && Redacted.value(one.bearerToken) === Redacted.value(other.bearerToken)
  }
}

/** @internal */
export const secretsOf = (credentials: Credentials): ReadonlyArray<string> => {
  switch (credentials._tag) {
    case "AccessKey":
      return [Redacted.value(credentials.accessKeySecret)]
    case "StsToken":
      return [Redacted.value(credentials.accessKeySecret), Redacted.value(credentials.securityToken)]
    case "BearerToken":
      return [Redacted.value(credentials.bearerToken)]
  }
}

/** Enough of the id of an AccessKey to recognize it. @internal */
export const maskedId = (id: string): string => id.length < 12 ? "****" : `${id.slice(0, 4)}****${id.slice(-4)}`

/** The same credentials with `outer` before the name of their provider. @internal */
export const prefixed = (outer: string, credentials: Credentials): Credentials => {
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
