/**
 * The two ways in which a file gets a new text: another file takes its place, or it is overwritten where it is.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { folderOf, type Target, type Written } from "./temporaryFile.ts"
import * as textFile from "./textFile.ts"

/** Gives the stamp of the file. @internal */
export const rename = (target: Target, { path, stamp }: Written): Effect.Effect<string, PlatformError> => {
  const { file, files } = target
  // On Windows a file that somebody reads cannot be replaced for that moment.
  const moment = Schedule.intersect(Schedule.spaced("50 millis"), Schedule.recurs(target.path.sep === "\\" ? 10 : 0))
  // Not every system can write a folder to the disk.
  const syncFolder = Effect.ignore(Effect.scoped(Effect.flatMap(files.open(folderOf(target)), (folder) => folder.sync)))
  return Effect.retry(files.rename(path, file), moment).pipe(Effect.zipRight(syncFolder), Effect.as(stamp))
}

/** A text was not written as a whole. What was there before is there again, unless that failed too. @internal */
export class HalfWritten extends Data.TaggedError("HalfWritten")<{ readonly error: PlatformError }> {}

const blank = 0x20

/**
 * For a file that cannot be replaced by another one. All is written at once, followed by as many blanks as it takes to
 * cover what is there now: whoever reads meanwhile, or looks after the process was killed, finds one text or the other.
 * `extra` bytes more are written to see that there is room for them, and then removed.
 *
 * @internal
 */
export const overwrite = (
  { file: path, files }: Target,
  text: string,
  extra: number
): Effect.Effect<string, PlatformError | HalfWritten> =>
  Effect.scoped(Effect.gen(function*() {
    const before = yield* files.readFile(path)
    const bytes = new TextEncoder().encode(text)
    const covering = new Uint8Array(Math.max(before.length, bytes.length + extra)).fill(blank)
    covering.set(bytes)
    const file = yield* files.open(path, { flag: "r+" })
    const put = (covering: Uint8Array, length: number) =>
      Effect.gen(function*() {
        yield* file.seek(FileSystem.Size(0), "start")
        yield* file.writeAll(covering)
        yield* file.sync
        yield* file.truncate(FileSystem.Size(length))
        yield* file.sync
      })
    yield* put(covering, bytes.length).pipe(
      Effect.tapError(() => Effect.ignore(put(before, before.length))),
      Effect.mapError((error) => new HalfWritten({ error }))
    )
    return textFile.stampOf(yield* file.stat)
  }))
