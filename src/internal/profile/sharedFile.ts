/**
 * The newest text of a file and what it says, for everything in this program that reads the file: as long as the text
 * is the same, it is parsed once and kept once.
 */
import * as Effect from "effect/Effect"

/** @internal */
export interface Place {
  readonly path: string
  /** What the file system says of the file. */
  readonly stamp: string
  /** Whether every later change of the file changes the stamp. */
  readonly isProof: boolean
}

/** @internal */
export interface Reading<Parsed> extends Place {
  readonly text: string
  readonly parsed: Parsed
}

/** How a reader finds and reads the file. @internal */
export interface Source<E> {
  readonly locate: Effect.Effect<Place, E>
  readonly textOf: (path: string) => Effect.Effect<string, E>
}

/** @internal */
export interface SharedFile<Parsed> {
  /** The file as it is now. Its text is read only if its stamp does not prove that it is the newest one. */
  readonly read: <E>(source: Source<E>) => Effect.Effect<Reading<Parsed>, E>
  /** The same, but the text is always read. */
  readonly reread: <E>(source: Source<E>) => Effect.Effect<Reading<Parsed>, E>
  /** Takes the text that this program has written to the file. */
  readonly wrote: (place: Place, text: string) => Reading<Parsed>
}

/** @internal */
export const make = <Parsed>(parse: (text: string, path: string) => Parsed): SharedFile<Parsed> => {
  const one = Effect.unsafeMakeSemaphore(1)
  let newest: Reading<Parsed> | undefined = undefined
  let reads = 0
  /** The number of the read that has found `newest`. */
  let found = 0

  const keep = (place: Place, text: string): Reading<Parsed> =>
    newest = newest?.path === place.path && newest.text === text
      ? { ...newest, ...place }
      : { ...place, text, parsed: parse(text, place.path) }

  const now = <E>({ locate, textOf }: Source<E>, isProved: (known: Reading<Parsed>, place: Place) => boolean) =>
    Effect.suspend(() => {
      const number = ++reads
      return Effect.map(
        Effect.flatMap(locate, (place) =>
          newest !== undefined && isProved(newest, place)
            ? Effect.succeed(newest)
            : Effect.map(textOf(place.path), (text) => keep(place, text))),
        (reading) => {
          found = number
          return reading
        }
      )
    })

  const readWith = (isProved: (known: Reading<Parsed>, place: Place) => boolean) => <E>(source: Source<E>) =>
    Effect.suspend(() => {
      const asked = reads
      // Readers that wait share the first read that begins after they asked.
      return one.withPermits(1)(
        Effect.suspend(() => newest !== undefined && found > asked ? Effect.succeed(newest) : now(source, isProved))
      )
    })

  return {
    read: readWith((known, { path, stamp }) => known.isProof && known.path === path && known.stamp === stamp),
    reread: readWith(() => false),
    wrote: keep
  }
}
