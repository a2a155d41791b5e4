/**
 * Credentials in the shape that the SDK clients read. This is where secrets are opened: the clients take plain strings.
 */
import * as Redacted from "effect/Redacted"
import type { Credentials } from "../../Credentials.ts"

/**
 * One set of credentials, as the official SDKs read it. Fields that do not apply are empty.
 *
 * The secret fields are not enumerable and are read when asked for, so that neither `JSON.stringify` nor an inspector
 * shows them.
 *
 * @since 0.1.0
 * @category models
 */
// An alias, since an interface is not assignable to the official class, which has an index signature.
export type SdkModel = {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly securityToken: string
  readonly bearerToken: string
  /** `access_key`, `sts` or `bearer`. The clients single out `bearer` alone. */
  readonly type: string
  /** What clients send as `x-acs-credentials-provider`, for example `default/env`. */
  readonly providerName: string
  /** All fields in an object of their own, secrets too: part of the official type. */
  readonly toMap: () => { [key: string]: string }
}

type Texts = Pick<SdkModel, "accessKeyId" | "accessKeySecret" | "securityToken" | "bearerToken" | "type">

const texts = (credentials: Credentials): Texts => {
  switch (credentials._tag) {
    case "AccessKey":
      return {
        type: "access_key",
        accessKeyId: credentials.accessKeyId,
        accessKeySecret: Redacted.value(credentials.accessKeySecret),
        securityToken: "",
        bearerToken: ""
      }
    case "StsToken":
      return {
        type: "sts",
        accessKeyId: credentials.accessKeyId,
        accessKeySecret: Redacted.value(credentials.accessKeySecret),
        securityToken: Redacted.value(credentials.securityToken),
        bearerToken: ""
      }
    case "BearerToken":
      return {
        type: "bearer",
        accessKeyId: "",
        accessKeySecret: "",
        securityToken: "",
        bearerToken: Redacted.value(credentials.bearerToken)
      }
  }
}

/** @internal */
export const make = (providerName: string, credentials: Credentials): SdkModel => {
  const { accessKeyId, type } = texts(credentials)
  const hidden = (field: keyof Texts) => ({ get: () => texts(credentials)[field], enumerable: false })
  const toMap = () => ({ ...texts(credentials), providerName })
  const model = Object.defineProperties({ accessKeyId, type, providerName }, {
    accessKeySecret: hidden("accessKeySecret"),
    securityToken: hidden("securityToken"),
    bearerToken: hidden("bearerToken"),
    toMap: { value: toMap, enumerable: false }
  })
  return Object.freeze(model) as SdkModel
}
