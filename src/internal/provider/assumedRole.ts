/**
 * What a provider knows of the role whose sessions it returns, so that nobody who shares them mistakes them for those of
 * another role, or of the same one with another policy.
 */
import type { Service } from "../../CredentialProvider.ts"

/** By the names of the parameters that STS takes. @internal */
export type AssumedRole = Readonly<Record<string, string>>

type Get = Service["get"]

const key: unique symbol = Symbol.for("effect-alicloud-credentials/assumedRole")

// On the effect, as in peek.ts: a copy of a service with another `get` may have another role.
/** @internal */
export const attach = (service: Service, role: AssumedRole): Service => {
  Object.defineProperty(service.get, key, { value: role, enumerable: false })
  return service
}

/** Undefined if the provider has no such role, or it is not known. @internal */
export const of = (get: Get): AssumedRole | undefined => (get as { readonly [key]?: AssumedRole })[key]
