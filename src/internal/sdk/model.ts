/**
 * Credentials in the shape that the SDK clients read. This is where secrets are opened: the clients take plain strings.
 */
import * as Redacted from "effect/Redacted"
import type { SdkModel } from "../../AlicloudSdk.ts"
import type { Credentials } from "../../Credentials.ts"

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
