/**
 * Whether two credentials are the same to a server, wherever they came from.
 */
import * as Redacted from "effect/Redacted"
import type { Credentials } from "../../Credentials.ts"

/** @internal */
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
