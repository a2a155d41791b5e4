/**
 * Where a login is kept between one program and the next.
 */
import * as Effect from "effect/Effect"
import type { CredentialError } from "../../CredentialError.ts"

/** @internal */
export interface LoginStore<Login> {
  readonly load: Effect.Effect<Login, CredentialError>
  readonly save: (login: Login) => Effect.Effect<void, CredentialError>
  readonly exclusively?:
    | (<A>(use: Effect.Effect<A, CredentialError>) => Effect.Effect<A, CredentialError>)
    | undefined
}

/** For a login that nobody stores. @internal */
export const inMemory = <Login>(initial: Login): LoginStore<Login> => {
  let login = initial
  return {
    load: Effect.sync(() => login),
    save: (next) =>
      Effect.sync(() => {
        login = next
      })
  }
}

/** Stores what can be stored: a credential that was got is not lost for a failure of this. @internal */
export const saveOrWarn = (
  save: Effect.Effect<void, CredentialError>,
  consequence: string
): Effect.Effect<void> => Effect.catchAll(save, (error) => Effect.logWarning(`${consequence}: ${error.message}`))
