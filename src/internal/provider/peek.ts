/**
 * The `get` of our providers can be asked for cached credentials without running it. The accessor, chains and adapters
 * try this first. The `get` of other providers can only be run.
 */
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { CredentialError } from "../../CredentialError.ts"
import type { Credentials } from "../../Credentials.ts"

/** @internal */
export type Peek = (seen?: Seen) => Exit.Exit<Credentials, CredentialError> | undefined

/**
 * For a caller that needs the time too, since reading the clock is most of the cost of a peek. Stays as it is if the
 * provider did not have to read its clock, or has nothing cached.
 *
 * @internal
 */
export interface Seen {
  now: number | undefined
}

type Get = Effect.Effect<Credentials, CredentialError>

const key: unique symbol = Symbol.for("effect-alicloud-credentials/peek")

// On the effect instead of the service, so that a copy of a service with another `get` is not asked past it.
/** @internal */
export const attach = (get: Get, peek: Peek): Get => Object.defineProperty(get, key, { value: peek, enumerable: false })

const nothing: Peek = () => undefined

/** @internal */
export const of = (get: Get): Peek => (get as { readonly [key]?: Peek })[key] ?? nothing
