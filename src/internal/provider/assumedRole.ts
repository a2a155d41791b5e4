/**
 * What a provider knows of the role whose sessions it returns, so that nobody who shares them mistakes them for those of
 * another role, or of the same one with another policy.
 */
import type { Service } from "../../CredentialProvider.ts"

/** By the names of the parameters that STS takes. @internal */
export type AssumedRole = Readonly<Record<string, string>>

const key: unique symbol = Symbol.for("effect-alicloud-credentials/assumedRole")

// Not enumerable, since a copy of a service with another `get` may have another role.
/** @internal */
export const attach = (service: Service, role: AssumedRole): Service =>
  Object.defineProperty(service, key, { value: role, enumerable: false })

/** Undefined if the provider has no such role, or it is not known. @internal */
export const of = (service: Service): AssumedRole | undefined => (service as { readonly [key]?: AssumedRole })[key]
