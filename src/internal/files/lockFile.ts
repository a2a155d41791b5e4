/**
 * A lock that processes share: a file that exists while one of them holds it. The holder touches it every two seconds.
 * A waiting process removes the lock of a dead one when the file has not changed during ten seconds of its own pauses.
 *
 * Clocks are never compared, because each of them may be wrong or may be set at any time.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import { isAbsent, kindOf } from "./textFile.ts"

/** The lock was not acquired: another process holds it for too long, or its file cannot be created. @internal */
export class LockFailure extends Data.TaggedError("LockFailure")<{
  readonly busy: boolean
  readonly reason: string
}> {}

/** @internal */
export interface Lock {
  /**
   * Acquires the lock again if another process removed it, for example while this one was suspended. The wait cannot be
   * interrupted.
   */
  readonly hold: Effect.Effect<void, LockFailure>
}

const touchEvery = "2 seconds"
const staleAfter = 10_000
// A holder writes its token right after it creates the file. One that died in between, or had no space left, never will.
const emptyAfter = 2000
// A holder sends requests, which take half a minute each at most.
const patience = 90_000

/** Waits for the lock, which is released with the scope. @internal */
export const acquire = (
  files: FileSystem.FileSystem,
  path: string
): Effect.Effect<Lock, LockFailure, Scope.Scope> =>
  Effect.gen(function*() {
    const token: string = crypto.randomUUID()
    const isHeld = isHeldBy(files, path, token)
    const wait = (pause: Pause) => waitFor(files, path, create(files, path, token), pause)
    yield* Effect.acquireRelease(wait((millis) => Effect.interruptible(Effect.sleep(millis))), () =>
      release(files, path, token))
    const touch = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      files.utimes(path, now / 1000, now / 1000))
    yield* Effect.whenEffect(Effect.ignore(touch), isHeld).pipe(
      Effect.delay(touchEvery),
      Effect.forever,
      Effect.interruptible,
      Effect.forkScoped
    )
    return { hold: Effect.uninterruptible(Effect.unlessEffect(wait(Effect.sleep), isHeld)) }
  })

/** False if another process holds the lock. */
const create = (
  files: FileSystem.FileSystem,
  path: string,
  token: string
): Effect.Effect<boolean, LockFailure> =>
  Effect.scoped(Effect.gen(function*() {
    const file = yield* files.open(path, { flag: "wx", mode: 0o600 })
    yield* Effect.tapError(file.writeAll(new TextEncoder().encode(token)), () => Effect.ignore(files.remove(path)))
  })).pipe(
    // Another process may have removed the file if this one was suspended before it wrote its token.
    Effect.zipRight(isHeldBy(files, path, token)),
    Effect.catchAll((error) =>
      isTaken(error)
        ? isHeldBy(files, path, token)
        : new LockFailure({ busy: false, reason: `${path}: ${kindOf(error)}` })
    )
  )

const isHeldBy = (files: FileSystem.FileSystem, path: string, token: string): Effect.Effect<boolean> =>
  Effect.map(content(files, path), Option.contains(token))

const release = (files: FileSystem.FileSystem, path: string, token: string): Effect.Effect<void> =>
  Effect.whenEffect(Effect.ignore(files.remove(path)), isHeldBy(files, path, token))

type Pause = (millis: number) => Effect.Effect<void>

const waitFor = (
  files: FileSystem.FileSystem,
  path: string,
  create: Effect.Effect<boolean, LockFailure>,
  pause: Pause
): Effect.Effect<void, LockFailure> =>
  Effect.gen(function*() {
    const look = makeWatch(files, path)
    const lookAtGuard = makeWatch(files, guardOf(path))
    // The planned length of the pauses counts: while this process is suspended, it watches nothing.
    let waited = 0
    while (!(yield* create)) {
      const { isStale, sign } = yield* look(waited)
      if (isStale && (yield* takeAway(files, path, sign, lookAtGuard(waited)))) continue
      if (waited > patience) {
        return yield* new LockFailure({ busy: true, reason: `${path}: held by another process for too long` })
      }
      const share = yield* Random.nextRange(0.5, 1)
      const millis = share * Math.min(Math.max(waited / 10, 20), 400)
      yield* pause(millis)
      waited += millis
    }
  })

interface SignOfLife {
  /** Changes as long as the holder is alive. Empty if there is no file. */
  readonly sign: string
  readonly isEmpty: boolean
}

/** Also for what is not a lock file, but has its path: a folder, a pipe, a dangling link. */
const signOfLife = (files: FileSystem.FileSystem, path: string): Effect.Effect<SignOfLife> =>
  Effect.zipWith(Effect.option(files.stat(path)), content(files, path), (info, token) => ({ info, token })).pipe(
    Effect.flatMap(({ info, token }) => {
      if (Option.isSome(info)) {
        const { ino, mtime, type } = info.value
        const time = Option.getOrUndefined(mtime)?.getTime()
        const sign = [type, Option.getOrUndefined(token), time, Option.getOrUndefined(ino)].join("/")
        return Effect.succeed({ sign, isEmpty: Option.contains(token, "") })
      }
      // A dangling link can only be read as a link.
      return Effect.match(files.readLink(path), {
        onFailure: () => ({ sign: "", isEmpty: false }),
        onSuccess: (link) => ({ sign: `link/${link}`, isEmpty: false })
      })
    })
  )

interface Sight {
  readonly sign: string
  readonly isStale: boolean
}

/** Compares the file with what was seen before. `waited` is how long the process has paused so far, in milliseconds. */
const makeWatch = (files: FileSystem.FileSystem, path: string): (waited: number) => Effect.Effect<Sight> => {
  let seen: { readonly sign: string; readonly since: number } | undefined = undefined
  return (waited) =>
    Effect.map(signOfLife(files, path), ({ isEmpty, sign }) => {
      const since: number = sign === seen?.sign ? seen.since : waited
      seen = { sign, since }
      return { sign, isStale: sign !== "" && waited - since >= (isEmpty ? emptyAfter : staleAfter) }
    })
}

const guardOf = (path: string): string => `${path}.stale`

/**
 * Removes the lock of a dead process. A second lock ensures that one process does so at a time: otherwise a process that
 * looked earlier could remove the new lock of another.
 */
const takeAway = (
  files: FileSystem.FileSystem,
  path: string,
  sign: string,
  lookAtGuard: Effect.Effect<Sight>
): Effect.Effect<boolean, LockFailure> => {
  const guard = guardOf(path)
  const token: string = crypto.randomUUID()
  const remove = Effect.gen(function*() {
    const current = yield* signOfLife(files, path)
    if (current.sign !== sign) return false
    yield* removeStale(files, path)
    return true
  })
  const removeGuard = Effect.flatMap(
    lookAtGuard,
    ({ isStale }) => isStale ? Effect.as(removeStale(files, guard), false) : Effect.succeed(false)
  )
  return Effect.if(create(files, guard, token), {
    onTrue: () => Effect.ensuring(remove, release(files, guard, token)),
    onFalse: () => removeGuard
  })
}

/** Waiting does not help if the file cannot be removed. */
const removeStale = (files: FileSystem.FileSystem, path: string): Effect.Effect<void, LockFailure> =>
  Effect.catchAll(files.remove(path), (error) =>
    isAbsent(error) || isTaken(error)
      ? Effect.void
      : new LockFailure({ busy: false, reason: `${path}: stale, and cannot be removed (${kindOf(error)})` }))

// A lock file holds a token, and nothing else.
const longest = 1024

/** None for anything but a small file: opening a pipe waits for its other end. */
const content = (files: FileSystem.FileSystem, path: string): Effect.Effect<Option.Option<string>> =>
  Effect.option(Effect.filterOrFail(files.stat(path), ({ size, type }) => type === "File" && size <= longest)).pipe(
    Effect.flatMap((info) => Option.isSome(info) ? Effect.option(files.readFileString(path)) : Effect.succeedNone)
  )

const isTaken = (error: PlatformError): boolean => ["AlreadyExists", "Busy"].includes(kindOf(error))
