/**
 * From the results of pure functions to effects.
 */
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"

/** @internal */
export const toEffect = <A, E>(result: Either.Either<A, E>): Effect.Effect<A, E> =>
  result._tag === "Right" ? Effect.succeed(result.right) : Effect.fail(result.left)
