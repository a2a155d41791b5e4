/**
 * A stream of bytes in one piece, if it is not too long.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

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

/** None when there are more than `max` bytes, of which no more are read then. @internal */
export const gather = <E, R>(
  stream: Stream.Stream<Uint8Array, E, R>,
  max: number
): Effect.Effect<Option.Option<Uint8Array<ArrayBuffer>>, E, R> =>
  Effect.suspend(() => {
    const pieces: Array<Uint8Array> = []
    let size = 0
    return stream.pipe(
      Stream.takeUntil((piece) => {
        size += piece.byteLength
        pieces.push(piece)
        return size > max
      }),
      Stream.runDrain,
      Effect.map(() => size > max ? Option.none() : Option.some(concat(pieces)))
    )
  })
