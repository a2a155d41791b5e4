/** Streams, where their ends differ between Effect 3 and 4. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** The next elements of a stream. Fails with None at its end, otherwise with its failure. @internal */
export type Pull<A, E = never, R = never> = Effect.Effect<Iterable<A>, Option.Option<E>, R>

/** @internal */
export const toPull = <A, E, R>(
  stream: Stream.Stream<A, E, R>
): Effect.Effect<Pull<A, E, R>, never, Scope.Scope | R> =>
  Effect.map(Stream.toPull(stream), (pull): Pull<A, E, R> =>
    Effect.mapError(
      pull as Effect.Effect<Iterable<A>, E | Cause.Done, R>,
      (error) => Cause.isDone(error) ? Option.none() : Option.some(error)
    ))

/** @internal */
export const fromPull = <A, E>(pull: Pull<A, E>): Stream.Stream<A, E> => {
  const next: Effect.Effect<readonly [A, ...Array<A>], E | Cause.Done> = Effect.flatMap(
    Effect.catch(
      pull,
      (end): Effect.Effect<Iterable<A>, E | Cause.Done> => Option.isSome(end) ? Effect.fail(end.value) : Cause.done()
    ),
    (elements) => {
      const [first, ...rest] = elements
      return first === undefined ? next : Effect.succeed([first, ...rest] as const)
    }
  )
  return Stream.fromPull(Effect.succeed(next))
}

/** @internal */
export const runCollect = <A, E, R>(stream: Stream.Stream<A, E, R>): Effect.Effect<ReadonlyArray<A>, E, R> =>
  Stream.runCollect(stream)

/** Ends where `f` returns nothing. @internal */
export const unfold = <S, A>(initial: S, f: (state: S) => readonly [A, S] | undefined): Stream.Stream<A> =>
  Stream.unfold(initial, (state) => Effect.sync(() => f(state)))
