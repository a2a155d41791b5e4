/**
 * Reads streams up to a limit, so that a server or a program cannot exhaust the memory.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import * as streams from "../compat/stream.ts"

/** The next bytes of a stream, or its end, or its failure. @internal */
export type Pull<E = unknown, R = never> = streams.Pull<Uint8Array, E, R>

/** The beginning of a stream. @internal */
export interface Head<E = unknown> {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** `whole`: nothing follows. `more`: it may continue. Otherwise it failed. */
  readonly end: "whole" | "more" | { readonly failure: E }
}

/** @internal */
export const concat = (pieces: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
}

/** Reads until the stream ends or at least `limit` bytes have arrived. @internal */
export const readHead = <E, R>(pull: Pull<E, R>, limit: number): Effect.Effect<Head<E>, never, R> =>
  Effect.suspend(() => {
    const pieces: Array<Uint8Array> = []
    let size = 0
    const headOf = (end: Head<E>["end"]): Head<E> => ({ bytes: concat(pieces), end })
    const next: Effect.Effect<Head<E>, never, R> = Effect.matchEffect(pull, {
      onFailure: (end) =>
        Effect.succeed(headOf(Option.match(end, { onNone: () => "whole", onSome: (failure) => ({ failure }) }))),
      onSuccess: (chunk) => {
        for (const piece of chunk) {
          pieces.push(piece)
          size += piece.byteLength
        }
        return size < limit ? next : Effect.succeed(headOf("more"))
      }
    })
    return limit > 0 ? next : Effect.succeed(headOf("more"))
  })

/** The whole stream, or None if it has more than `max` bytes; reading stops there. @internal */
export const readWhole = <E, R>(
  stream: Stream.Stream<Uint8Array, E, R>,
  max: number,
  eachPull: (pull: Pull<E, R>) => Pull<E, R> = (pull) => pull
): Effect.Effect<Option.Option<Uint8Array<ArrayBuffer>>, E, R> =>
  Effect.scoped(
    Effect.flatMap(streams.toPull(stream), (pull) =>
      Effect.flatMap(readHead(eachPull(pull), max + 1), ({ bytes, end }) =>
        end === "whole" ? Effect.succeedSome(bytes) : end === "more" ? Effect.succeedNone : Effect.fail(end.failure)))
  )
