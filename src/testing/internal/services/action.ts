import * as Either from "effect/Either"
import type { World } from "../../World.ts"
import type { Principal, State } from "../cloud/state.ts"
import { type ApiError, apiError, type Request } from "../wire/message.ts"

/**
 * A request for an action.
 *
 * @internal
 */
export interface Call {
  readonly state: State
  readonly request: Request
  /** Query and form together. */
  readonly parameters: Readonly<Record<string, string>>
  readonly now: number
}

/** @internal */
export interface SignedCall extends Call {
  readonly caller: Principal
}

/** @internal */
export interface Done {
  readonly state: State
  readonly body: Readonly<Record<string, unknown>>
}

/** @internal */
export type Outcome = Either.Either<Done, ApiError>

interface Named {
  readonly version: string
  readonly name: string
  /** The secrets of the world that only this action uses. */
  readonly secrets?: (world: World) => ReadonlyArray<string>
}

/**
 * One action of an API.
 *
 * @internal
 */
export type Action =
  | Named & { readonly signed: true; readonly perform: (call: SignedCall) => Outcome }
  | Named & { readonly signed: false; readonly perform: (call: Call) => Outcome }

/** @internal */
export const ensure = (condition: boolean, error: ApiError): Either.Either<void, ApiError> =>
  condition ? Either.void : Either.left(error)

/** @internal */
export const wronglyFormed = (name: string): ApiError =>
  apiError(400, `InvalidParameter.${name}`, `The parameter ${name} is wrongly formed.`)

/** @internal */
export const required = (call: Call, name: string): Either.Either<string, ApiError> => {
  const value = call.parameters[name]
  return value === undefined || value === ""
    ? Either.left(apiError(400, `Missing${name}`, `The parameter ${name} is mandatory for this action.`))
    : Either.right(value)
}
