/** Streams, where their ends differ between Effect 3 and 4. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** The next elements of a stream. Fails with None at its end, otherwise with its failure. @internal */
export type Pull<A, E = never, R = never> = Effect.Effect<Iterable<A>, Option.Option<E>, R>

/** @internal */
export const toPull = <A, E, R>(
  stream: Stream.Stream<A, E, R>
): Effect.Effect<Pull<A, E, R>, never, Scope.Scope | R> => Stream.toPull(stream)

/** @internal */
export const fromPull = <A, E>(pull: Pull<A, E>): Stream.Stream<A, E> =>
  Stream.repeatEffectChunkOption(Effect.map(pull, Chunk.fromIterable))

/** @internal */
export const runCollect = <A, E, R>(stream: Stream.Stream<A, E, R>): Effect.Effect<ReadonlyArray<A>, E, R> =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

/** Ends where `f` returns nothing. @internal */
export const unfold = <S, A>(initial: S, f: (state: S) => readonly [A, S] | undefined): Stream.Stream<A> =>
  Stream.unfold(initial, (state) => Option.fromNullable(f(state)))
