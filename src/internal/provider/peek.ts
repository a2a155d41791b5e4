/**
 * Our providers can be asked for cached credentials without running an effect. Chains and adapters try this first. Other
 * providers do not have it, and are asked with `get`.
 */
import type * as Exit from "effect/Exit"
import type { CredentialError } from "../../CredentialError.ts"
import type { Credentials } from "../../Credentials.ts"

/** @internal */
export type Peek = () => Exit.Exit<Credentials, CredentialError> | undefined

const key: unique symbol = Symbol.for("effect-alicloud-credentials/peek")

/** @internal */
export const attach = <S extends object>(service: S, peek: Peek): S =>
  Object.defineProperty(service, key, { value: peek, enumerable: false })

const nothing: Peek = () => undefined

/** @internal */
export const of = (service: object): Peek => (service as { readonly [key]?: Peek })[key] ?? nothing
