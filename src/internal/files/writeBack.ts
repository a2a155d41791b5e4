/**
 * Changes to a file that belongs to the user and to other programs: one writer at a time, the whole new text or the
 * whole old one, with the owner and the mode of before.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as lockFile from "./lockFile.ts"
import { type HalfWritten, overwrite, rename } from "./replacement.ts"
import * as temporaryFile from "./temporaryFile.ts"
import * as textFile from "./textFile.ts"
import { isAbsent, kindOf } from "./textFile.ts"

/** @internal */
export interface Place {
  readonly files: FileSystem.FileSystem
  readonly path: Path.Path
  readonly file: string
  /** Whether a text is complete, and not the first part of one. */
  readonly isWhole: (text: string) => boolean
}

/** The stamp of the file, or None if another program has changed it meanwhile. @internal */
export type Result = Effect.Effect<Option.Option<string>, lockFile.LockFailure>

/** @internal */
export interface Held {
  /**
   * Replaces the text of the file, and ends when the new one is on the disk. `before` is the text that the new one was
   * made from: if another program has changed the file since, nothing is written.
   */
  readonly replace: (text: string, before?: string) => Result
  /**
   * Replaces the text with itself, and reserves space for the next one, so that the next `replace` is known to work.
   */
  readonly prepare: (before: string) => Result
}

const failure = (reason: string) => new lockFile.LockFailure({ busy: false, reason })

/**
 * Runs `use` while this process holds the lock of the file.
 *
 * @internal
 */
export const exclusively = <A, E, R>(
  place: Place,
  use: (held: Held) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | lockFile.LockFailure, R> =>
  Effect.scoped(Effect.gen(function*() {
    const { file, files } = place
    // A link stays a link: the lock and the new file are beside its target.
    const target = yield* Effect.mapError(files.realPath(file), (error) => failure(`${file}: ${kindOf(error)}`))
    const lock = yield* lockFile.acquire(files, `${target}.lock`)
    const writer = yield* makeWriter({ ...place, file: target }, lock)
    yield* writer.finish
    return yield* use(writer)
  }))

/** The space that is reserved for the next text, in bytes: more than a first session adds to a profile. @internal */
export const slack = 16 * 1024

interface Writer extends Held {
  /**
   * Completes the replacement of a process that died before it could, if the file has not changed since: the new text may
   * hold a token that is stored nowhere else. Other temporary files are removed.
   */
  readonly finish: Effect.Effect<void>
}

const makeWriter = (target: Place, lock: lockFile.Lock): Effect.Effect<Writer, never, Scope.Scope> =>
  Effect.gen(function*() {
    const { file, files, isWhole } = target
    let isMounted = false
    // A file beside the target, with enough space for the next text.
    let room: string | undefined = undefined
    yield* Effect.addFinalizer(() => room === undefined ? Effect.void : Effect.ignore(files.remove(room)))

    const failed = (what: string) => (error: PlatformError | HalfWritten) =>
      failure(`${file}: ${what} (${kindOf(error._tag === "HalfWritten" ? error.error : error)})`)

    const remove = (path: string) => Effect.ignore(files.remove(path))

    const write = (text: string, place: { readonly path: string; readonly isThere: boolean }) =>
      Effect.mapError(temporaryFile.write(target, place, text), failed("cannot be written"))

    const put = (written: temporaryFile.Written, text: string): Effect.Effect<string, PlatformError | HalfWritten> =>
      isMounted
        ? overwrite(target, text, 0)
        : Effect.catchIf(rename(target, written), isOfMount, () => {
          isMounted = true
          return overwrite(target, text, 0)
        })

    const putIfUnchanged = (written: temporaryFile.Written, text: string, before: string | undefined) =>
      Effect.flatMap(textFile.textOf(files, file), (current) =>
        before !== undefined && current !== before
          ? Effect.succeedNone
          : Effect.asSome(put(written, text))).pipe(
          // A process that held the lock in the meantime has removed the temporary file.
          Effect.catchIf(
            (error) => error._tag !== "HalfWritten" && before !== undefined && isAbsent(error),
            () => Effect.succeedNone
          ),
          Effect.tapBoth({
            onSuccess: () => remove(written.path),
            // The next process that acquires the lock may complete a partial text.
            onFailure: (error) => error._tag === "HalfWritten" ? Effect.void : remove(written.path)
          }),
          Effect.mapError(failed("cannot be replaced"))
        )

    const replace = (text: string, before?: string): Result =>
      Effect.gen(function*() {
        yield* lock.hold
        const place = { path: room ?? temporaryFile.nameFor(target, before), isThere: room !== undefined }
        room = undefined
        const written = yield* write(text, place)
        // This process may have been suspended while it wrote.
        yield* lock.hold
        return yield* putIfUnchanged(written, text, before)
      }).pipe(Effect.uninterruptible)

    const prepare = (before: string): Result =>
      Effect.gen(function*() {
        const stamp = yield* replace(before, before)
        if (Option.isNone(stamp)) return stamp
        const path = temporaryFile.nameFor(target, before)
        // Blank, so that it never counts as a complete text.
        room = (yield* write(" ".repeat(textFile.bytesOf(before) + slack), { path, isThere: false })).path
        if (!isMounted) return stamp
        // Writing takes a while, as in `replace`.
        yield* lock.hold
        const reserve = Effect.flatMap(
          textFile.textOf(files, file),
          (current) => current === before ? Effect.asSome(overwrite(target, before, slack)) : Effect.succeedNone
        )
        return yield* Effect.mapError(reserve, failed("cannot be replaced"))
      }).pipe(Effect.uninterruptible)

    const finishOne = ({ isMadeOf, path }: temporaryFile.LeftOver) =>
      Effect.gen(function*() {
        const current = yield* textFile.textOf(files, file)
        const text = yield* textFile.textOf(files, path)
        const isUnfinished = isMadeOf(current) || (isBegun(text, current) && !isWhole(current))
        if (isUnfinished && isWhole(text)) yield* put({ path, stamp: "" }, text)
        yield* files.remove(path)
      })

    const finish = Effect.flatMap(
      temporaryFile.leftOvers(target),
      Effect.forEach((leftOver) => Effect.ignore(finishOne(leftOver)), { discard: true })
    ).pipe(Effect.ignore, Effect.uninterruptible)

    return { replace, prepare, finish }
  })

/** A process that is killed while it overwrites a file in place may leave the first pages of the new text only. */
const isBegun = (text: string, current: string): boolean => current.startsWith(text.slice(0, 4096 / 4))

/** A file that is mounted by itself is busy, or on another device than its folder. */
const isOfMount = (error: PlatformError): boolean => ["Busy", "EXDEV"].includes(kindOf(error))
