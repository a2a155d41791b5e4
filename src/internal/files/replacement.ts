/**
 * The two ways to give a file a new text: rename another file to it, or overwrite it in place.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { folderOf, type Target, type Written } from "./temporaryFile.ts"
import * as textFile from "./textFile.ts"

/** Returns the new stamp of the file, which keeps its mode. @internal */
export const rename = (target: Target, { path, stamp }: Written): Effect.Effect<string, PlatformError> => {
  const { file, files } = target
  // Last, because only the owner may read a text that is not in place.
  const keepMode = Effect.gen(function*() {
    const now = yield* files.stat(path)
    const mode = modeFor(yield* files.stat(file), now)
    if (mode !== (now.mode & 0o777)) yield* files.chmod(path, mode)
  })
  // On Windows a file that somebody reads cannot be replaced for that moment.
  const moment = Schedule.intersect(Schedule.spaced("50 millis"), Schedule.recurs(target.path.sep === "\\" ? 10 : 0))
  // Not every system can write a folder to the disk.
  const syncFolder = Effect.ignore(Effect.scoped(Effect.flatMap(files.open(folderOf(target)), (folder) => folder.sync)))
  return keepMode.pipe(
    Effect.zipRight(Effect.retry(files.rename(path, file), moment)),
    Effect.tapError(() => Effect.ignore(files.chmod(path, ownerOnly))),
    Effect.zipRight(syncFolder),
    Effect.as(stamp)
  )
}

const ownerOnly = 0o600

/** The mode of the old file, without the permissions of the group if the new file belongs to another group. */
const modeFor = (before: FileSystem.File.Info, now: FileSystem.File.Info): number => {
  const mode = before.mode & 0o777
  return Option.getOrUndefined(before.gid) === Option.getOrUndefined(now.gid) ? mode : mode & ~0o070
}

/** A text was written in part. The text of before was restored, unless that failed too. @internal */
export class HalfWritten extends Data.TaggedError("HalfWritten")<{ readonly error: PlatformError }> {}

const blank = 0x20

/**
 * For a file that cannot be replaced by a rename. The new text is written at once, padded with blanks to the length of
 * the old one, so that a reader finds one text or the other, even after the process was killed. `extra` more bytes are
 * written, to make sure that there is space for them, and then removed.
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
        if (covering.length === length) return
        // This process may have been suspended, and another one may have written since.
        const now = yield* files.readFile(path)
        if (now.length !== covering.length || now.some((byte, at) => byte !== covering[at])) return
        yield* file.truncate(FileSystem.Size(length))
        yield* file.sync
      })
    yield* put(covering, bytes.length).pipe(
      Effect.tapError(() => Effect.ignore(put(before, before.length))),
      Effect.mapError((error) => new HalfWritten({ error }))
    )
    return textFile.stampOf(yield* file.stat)
  }))
