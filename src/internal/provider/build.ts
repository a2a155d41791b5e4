/**
 * Layers that are built anew, whatever is built around them.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

/**
 * With a memo map of its own for each attempt: a shared one would keep a failure for good, and in Effect 4 it would give
 * the instance of the program, with other services than those of the context.
 *
 * @internal
 */
export const buildAnew = <A, E, R>(
  layer: Layer.Layer<A, E, R>,
  scope: Scope.Scope
): Effect.Effect<Context.Context<A>, E, R> =>
  Effect.flatMap(Layer.makeMemoMap, (memoMap) => Layer.buildWithMemoMap(layer, memoMap, scope))
