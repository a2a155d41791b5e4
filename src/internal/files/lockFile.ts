/**
 * A lock that processes share: a file that exists while one of them holds it. Its holder keeps touching it. A process
 * that waits takes the lock away when it has watched it for ten seconds of its own pauses and nothing touched it.
 *
 * No two clocks are ever compared, since each of them may be wrong or may be set at any moment.
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

/** The lock cannot be had: somebody has it all the time, or it cannot be created here. @internal */
export class LockFailure extends Data.TaggedError("LockFailure")<{
  readonly busy: boolean
  readonly reason: string
}> {}

/** @internal */
export interface Lock {
  /**
   * Waits for the lock again if another process took it for that of a dead one, for example while this one was
   * suspended. The wait cannot be interrupted.
   */
  readonly hold: Effect.Effect<void, LockFailure>
}

const touchEvery = "2 seconds"
const staleAfter = 10_000
// A holder writes its name right after it creates the file. One that died in between, or had no space left, never will.
const emptyAfter = 2000
// A holder asks servers meanwhile, each for half a minute at most.
const patience = 90_000

/** Waits for the lock, which is let go with the scope. @internal */
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

/** False if there is a lock already. */
const create = (
  files: FileSystem.FileSystem,
  path: string,
  token: string
): Effect.Effect<boolean, LockFailure> =>
  Effect.scoped(Effect.gen(function*() {
    const file = yield* files.open(path, { flag: "wx", mode: 0o600 })
    yield* Effect.tapError(file.writeAll(new TextEncoder().encode(token)), () => Effect.ignore(files.remove(path)))
  })).pipe(
    // A process that was suspended before it wrote its name may have lost the file.
    Effect.zipRight(isHeldBy(files, path, token)),
    Effect.catchAll((error) =>
      isTaken(error) ? Effect.succeed(false) : new LockFailure({ busy: false, reason: `${path}: ${kindOf(error)}` })
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
    // Pauses are counted as long as they were meant to be: a process that was suspended has watched nothing meanwhile.
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
  /** Changes as long as its holder lives. Empty when there is nothing. */
  readonly sign: string
  readonly isEmpty: boolean
}

/** Also of what stands in the place of a lock and is not a lock: a folder, a pipe, a link that leads nowhere. */
const signOfLife = (files: FileSystem.FileSystem, path: string): Effect.Effect<SignOfLife> =>
  Effect.zipWith(Effect.option(files.stat(path)), content(files, path), (info, token) => ({ info, token })).pipe(
    Effect.flatMap(({ info, token }) => {
      if (Option.isSome(info)) {
        const { ino, mtime, type } = info.value
        const time = Option.getOrUndefined(mtime)?.getTime()
        const sign = [type, Option.getOrElse(token, () => "?"), time, Option.getOrUndefined(ino)].join("/")
        return Effect.succeed({ sign, isEmpty: Option.contains(token, "") })
      }
      // Of a link that leads nowhere there is no more to see than that.
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

/** Looks again and again. `waited` is for how long the process has paused so far. */
const makeWatch = (files: FileSystem.FileSystem, path: string): (waited: number) => Effect.Effect<Sight> => {
  let seen = { sign: "", since: 0 }
  return (waited) =>
    Effect.map(signOfLife(files, path), ({ isEmpty, sign }) => {
      if (sign !== seen.sign) seen = { sign, since: waited }
      return { sign, isStale: sign !== "" && waited - seen.since >= (isEmpty ? emptyAfter : staleAfter) }
    })
}

const guardOf = (path: string): string => `${path}.stale`

/**
 * Removes the lock of a dead process. A second lock, held for this alone, lets one process do so at a time: else one
 * that looked earlier would remove the new lock of another that was quicker.
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

/** Nobody who waits is helped by what cannot be removed. */
const removeStale = (files: FileSystem.FileSystem, path: string): Effect.Effect<void, LockFailure> =>
  Effect.catchAll(files.remove(path), (error) =>
    isAbsent(error) || isTaken(error)
      ? Effect.void
      : new LockFailure({ busy: false, reason: `${path}: stale, and cannot be removed (${kindOf(error)})` }))

// A lock says who holds it, and nothing else.
const longest = 1024

/** None of anything but a small file: to open a pipe is to wait for its other end. */
const content = (files: FileSystem.FileSystem, path: string): Effect.Effect<Option.Option<string>> =>
  Effect.option(Effect.filterOrFail(files.stat(path), ({ size, type }) => type === "File" && size <= longest)).pipe(
    Effect.flatMap((info) => Option.isSome(info) ? Effect.option(files.readFileString(path)) : Effect.succeedNone)
  )

const isTaken = (error: PlatformError): boolean =>
  error._tag === "SystemError" && (error.reason === "AlreadyExists" || error.reason === "Busy")
