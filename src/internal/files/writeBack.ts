/**
 * Changes to a file that the user and other programs change too: one writer at a time, either the whole old text or the
 * whole new one, and never wider permissions than before.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as lockFile from "./lockFile.ts"
import * as textFile from "./textFile.ts"
import { isAbsent, kindOf } from "./textFile.ts"

/** @internal */
export interface Place {
  readonly files: FileSystem.FileSystem
  readonly path: Path.Path
  readonly file: string
}

/** @internal */
export interface Held {
  /**
   * Replaces the text of the file and waits until the new one is on the disk. `since` is the stamp of the old text: if
   * another program has changed the file since, nothing is written and the result is None. Otherwise the result is the
   * new stamp.
   */
  readonly replace: (text: string, since?: string) => Effect.Effect<Option.Option<string>, lockFile.LockFailure>
}

const failure = (reason: string) => new lockFile.LockFailure({ busy: false, reason })

/**
 * Runs `use` while no other process that takes this lock changes the file.
 *
 * @internal
 */
export const exclusively = <A, E, R>(
  place: Place,
  use: (held: Held) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | lockFile.LockFailure, R> =>
  Effect.scoped(Effect.gen(function*() {
    const { file, files, path } = place
    // A link stays a link: the lock and the new file are created next to its target.
    const target = yield* Effect.mapError(files.realPath(file), (error) => failure(`${file}: ${kindOf(error)}`))
    const lock = yield* lockFile.acquire(files, `${target}.lock`)
    if (lock.inherited) yield* removeLeftOvers(files, path, target)
    return yield* use({ replace: (text, since) => replace(place, target, lock, text, since) })
  }))

const stampOf = (files: FileSystem.FileSystem, target: string): Effect.Effect<string, lockFile.LockFailure> =>
  Effect.mapBoth(files.stat(target), {
    onFailure: (error) => failure(`${target}: ${kindOf(error)}`),
    onSuccess: textFile.stampOf
  })

const replace = (
  { files, path }: Place,
  target: string,
  lock: lockFile.Lock,
  text: string,
  since: string | undefined
): Effect.Effect<Option.Option<string>, lockFile.LockFailure> => {
  const temporary = path.join(path.dirname(target), `${temporaryPrefix(path, target)}${crypto.randomUUID()}.tmp`)
  const failed = (what: string) => (error: PlatformError) => failure(`${target}: ${what} (${kindOf(error)})`)
  const write = Effect.scoped(Effect.gen(function*() {
    const before = yield* files.stat(target)
    const mode = before.mode & 0o600
    const file = yield* files.open(temporary, { flag: "wx", mode })
    const owner = Option.getOrUndefined(before.uid)
    const group = Option.getOrUndefined(before.gid)
    const ours = Option.getOrUndefined((yield* file.stat).uid)
    // With another owner, users could no longer read their own file.
    if (owner !== undefined && group !== undefined && ours !== owner) yield* files.chown(temporary, owner, group)
    yield* file.writeAll(new TextEncoder().encode(text))
    yield* file.sync
    // Still valid after the rename, which keeps time, size and inode.
    return textFile.stampOf(yield* file.stat)
  }))
  // On Windows a file cannot be replaced while another process reads it.
  const moment = Schedule.intersect(Schedule.spaced("50 millis"), Schedule.recurs(path.sep === "\\" ? 10 : 0))
  const isUnchanged = since === undefined
    ? Effect.succeed(true)
    : Effect.map(stampOf(files, target), (stamp) => stamp === since)
  return Effect.mapError(write, failed("cannot be written")).pipe(
    Effect.tap(
      Effect.filterOrFail(lock.isHeld, (held) => held, () => failure(`${target}: another process took the lock`))
    ),
    Effect.flatMap((stamp) =>
      Effect.if(isUnchanged, {
        onTrue: () =>
          Effect.as(
            Effect.retry(Effect.mapError(files.rename(temporary, target), failed("cannot be replaced")), moment),
            Option.some(stamp)
          ),
        onFalse: () => Effect.as(Effect.ignore(files.remove(temporary)), Option.none())
      })
    ),
    Effect.tapErrorCause(() => Effect.ignore(files.remove(temporary))),
    Effect.uninterruptible
  )
}

const temporaryPrefix = (path: Path.Path, target: string): string => `.${path.basename(target)}.`

/** Temporary files of a process that died between writing and renaming. */
const removeLeftOvers = (files: FileSystem.FileSystem, path: Path.Path, target: string): Effect.Effect<void> => {
  const folder = path.dirname(target)
  const prefix = temporaryPrefix(path, target)
  return Effect.ignore(Effect.flatMap(files.readDirectory(folder), (names) =>
    Effect.forEach(
      names.filter((name) => name.startsWith(prefix) && name.endsWith(".tmp")),
      (name) => Effect.catchIf(files.remove(path.join(folder, name)), isAbsent, () => Effect.void),
      { discard: true }
    )))
}
