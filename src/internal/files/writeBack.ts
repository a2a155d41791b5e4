/**
 * Changes to a file that belongs to the user and to other programs: one writer at a time, the whole new text or the
 * whole old one, and never more permissions than before.
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
   * Puts a text in the place of the file's. It is on the disk when this is done. `since` is the stamp of the text that it
   * replaces: if another program has changed the file since, nothing is changed and the result is None. Otherwise the
   * result is the new stamp.
   */
  readonly replace: (text: string, since?: string) => Effect.Effect<Option.Option<string>, lockFile.LockFailure>
}

const failure = (reason: string) => new lockFile.LockFailure({ busy: false, reason })

/**
 * Runs `use` while no other process that goes through here changes the file.
 *
 * @internal
 */
export const exclusively = <A, E, R>(
  place: Place,
  use: (held: Held) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | lockFile.LockFailure, R> =>
  Effect.scoped(Effect.gen(function*() {
    const { file, files, path } = place
    // A link stays a link: the lock and the new file are beside what it points to.
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
    // Under another owner the user would be locked out of a file of their own.
    if (owner !== undefined && group !== undefined && ours !== owner) yield* files.chown(temporary, owner, group)
    yield* file.writeAll(new TextEncoder().encode(text))
    yield* file.sync
    // A rename keeps it.
    return textFile.stampOf(yield* file.stat)
  }))
  // On Windows a file that somebody reads cannot be replaced for that moment.
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

/** What a process left that died between writing and renaming. */
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
