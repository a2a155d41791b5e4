/**
 * What the layers of sources have in common.
 */
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { CredentialError } from "../CredentialError.ts"
import { CredentialProvider, type Service } from "../CredentialProvider.ts"
import * as unread from "./unread.ts"
import * as variables from "./variables.ts"

/** A layer that makes its provider from environment variables, which are read when it is built. @internal */
export const fromEnv = <A, E extends CredentialError, R>(
  name: string,
  config: Config.Config<A>,
  make: (values: A) => Effect.Effect<Service, E, R>
): Layer.Layer<CredentialProvider, E | variables.Unset, Exclude<R, Scope.Scope>> =>
  Layer.scoped(
    CredentialProvider,
    Effect.flatMap(unread.remark(name), (remark) =>
      Effect.flatMap(variables.read(name, config), make).pipe(
        Effect.mapBoth({
          onFailure: (error) => unread.amended<E | variables.Unset>(error, remark),
          onSuccess: (service) => unread.named(service, remark)
        })
      ))
  )
