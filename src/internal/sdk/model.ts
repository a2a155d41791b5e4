/**
 * Credentials in the shape that the SDK clients read. This is where secrets are opened: the clients take plain strings.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { SdkModel } from "../../AlicloudSdk.ts"
import { type Credentials, expiration } from "../../Credentials.ts"

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

/** Epoch milliseconds. Infinity if they do not expire. @internal */
export const expiresAtOf = (credentials: Credentials): number =>
  Option.match(expiration(credentials), { onNone: () => Infinity, onSome: DateTime.toEpochMillis })

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
  // A new one for each reader, since dates can be changed.
  const expirationDate = () => {
    const millis = expiresAtOf(credentials)
    return Number.isFinite(millis) ? new Date(millis) : undefined
  }
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
    expiration: { get: expirationDate, enumerable: true },
    toMap: { value: toMap, enumerable: false }
  })
  return Object.freeze(model) as SdkModel
}
