/**
 * Credentials in the shape that the SDK clients read. This is where secrets are opened: the clients take plain strings.
 */
import * as Redacted from "effect/Redacted"
import type { SdkModel } from "../../AlicloudSdk.ts"
import type { Credentials } from "../../Credentials.ts"

const types: Readonly<Record<Credentials["_tag"], string>> = {
  AccessKey: "access_key",
  StsToken: "sts",
  BearerToken: "bearer"
}

// Each field apart: a client that reads them one by one opens only the secret that it reads.

/** @internal */
export const accessKeyIdOf = (credentials: Credentials): string =>
  credentials._tag === "BearerToken" ? "" : credentials.accessKeyId

/** @internal */
export const accessKeySecretOf = (credentials: Credentials): string =>
  credentials._tag === "BearerToken" ? "" : Redacted.value(credentials.accessKeySecret)

/** @internal */
export const securityTokenOf = (credentials: Credentials): string =>
  credentials._tag === "StsToken" ? Redacted.value(credentials.securityToken) : ""

const bearerTokenOf = (credentials: Credentials): string =>
  credentials._tag === "BearerToken" ? Redacted.value(credentials.bearerToken) : ""

/** @internal */
export const make = (providerName: string, credentials: Credentials): SdkModel => {
  const shown = {
    accessKeyId: accessKeyIdOf(credentials),
    type: types[credentials._tag],
    providerName
  }
  const accessKeySecret = () => accessKeySecretOf(credentials)
  const securityToken = () => securityTokenOf(credentials)
  const bearerToken = () => bearerTokenOf(credentials)
  const toMap = () => ({
    ...shown,
    accessKeySecret: accessKeySecret(),
    securityToken: securityToken(),
    bearerToken: bearerToken()
  })
  const model = Object.defineProperties({ ...shown }, {
    accessKeySecret: { get: accessKeySecret, enumerable: false },
    securityToken: { get: securityToken, enumerable: false },
    bearerToken: { get: bearerToken, enumerable: false },
    toMap: { value: toMap, enumerable: false }
  })
  return Object.freeze(model) as SdkModel
}
