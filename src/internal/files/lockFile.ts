/**
 * A lock between processes: a file that exists while one of them holds it. The holder keeps touching it, so that the
 * age of the file reveals a holder that died.
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

/** The lock cannot be acquired: another process holds it for too long, or the file cannot be created. @internal */
export class LockFailure extends Data.TaggedError("LockFailure")<{
  readonly busy: boolean
  readonly reason: string
}> {}

/** @internal */
export interface Lock {
  /** False once another process took the lock over as stale, for example while this process was suspended. */
  readonly isHeld: Effect.Effect<boolean>
  /** Whether the lock was taken over from a process that died. */
  readonly inherited: boolean
}

const touchEvery = "2 seconds"
const staleAfter = 10_000
// A holder may call servers, each for half a minute at most.
const patience = 90_000

/** Waits for the lock, which is released when the scope closes. @internal */
export const acquire = (
  files: FileSystem.FileSystem,
  path: string
): Effect.Effect<Lock, LockFailure, Scope.Scope> =>
  Effect.gen(function*() {
    const token: string = crypto.randomUUID()
    const isHeld = Effect.map(content(files, path), Option.contains(token))
    const create = files.writeFileString(path, token, { flag: "wx", mode: 0o600 }).pipe(
      Effect.as(true),
      Effect.catchAll((error) =>
        isTaken(error) ? Effect.succeed(false) : new LockFailure({ busy: false, reason: `${path}: ${kindOf(error)}` })
      )
    )
    const release = Effect.flatMap(isHeld, (held) => held ? Effect.ignore(files.remove(path)) : Effect.void)
    const inherited = yield* Effect.acquireRelease(waitFor(files, path, create), () => release)
    const touch = Effect.tap(isHeld, (held) =>
      held
        ? Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.ignore(files.utimes(path, now / 1000, now / 1000)))
        : Effect.void)
    yield* touch.pipe(
      Effect.delay(touchEvery),
      Effect.repeat({ while: (held) => held }),
      Effect.interruptible,
      Effect.forkScoped
    )
    return { isHeld, inherited }
  })

const waitFor = (
  files: FileSystem.FileSystem,
  path: string,
  create: Effect.Effect<boolean, LockFailure>
): Effect.Effect<boolean, LockFailure> =>
  Effect.gen(function*() {
    const start = yield* Clock.currentTimeMillis
    const look = makeWatch(files, path)
    const lookAtGuard = makeWatch(files, guardOf(path))
    let inherited = false
    while (!(yield* create)) {
      const now = yield* Clock.currentTimeMillis
      const { isStale, sign } = yield* look
      if (isStale && (yield* takeAway(files, path, sign, lookAtGuard))) {
        inherited = true
        continue
      }
      if (now - start > patience) {
        return yield* new LockFailure({ busy: true, reason: `${path}: held by another process for too long` })
      }
      const share = yield* Random.nextRange(0.5, 1)
      yield* Effect.interruptible(Effect.sleep(share * Math.min(Math.max((now - start) / 10, 20), 400)))
    }
    return inherited
  })

interface SignOfLife {
  /** Changes as long as the holder lives. Empty if nothing exists at the path. */
  readonly sign: string
  readonly time: number | undefined
}

/** Also works if the path is not a readable lock: a folder, a file of another user, a link. */
const signOfLife = (files: FileSystem.FileSystem, path: string): Effect.Effect<SignOfLife> =>
  Effect.zipWith(Effect.option(files.stat(path)), content(files, path), (info, token) => ({ info, token })).pipe(
    Effect.flatMap(({ info, token }) => {
      if (Option.isSome(info)) {
        const time = Option.getOrUndefined(info.value.mtime)?.getTime()
        const sign = [Option.getOrElse(token, () => "?"), time, Option.getOrUndefined(info.value.ino)].join("/")
        return Effect.succeed({ sign, time })
      }
      // `stat` follows links, so it fails for a broken one.
      return Effect.match(files.readLink(path), {
        onFailure: () => ({ sign: "", time: undefined }),
        onSuccess: (link) => ({ sign: `link/${link}`, time: undefined })
      })
    })
  )

interface Sight {
  readonly sign: string
  readonly isStale: boolean
}

const makeWatch = (files: FileSystem.FileSystem, path: string): Effect.Effect<Sight> => {
  let seen = { sign: "", since: 0 }
  return Effect.zipWith(Clock.currentTimeMillis, signOfLife(files, path), (now, { sign, time }) => {
    if (sign !== seen.sign) seen = { sign, since: now }
    // The time of the file may come from another clock, so a lock that was not seen to change is stale too.
    const age = Math.max(now - seen.since, time === undefined ? 0 : now - time)
    return { sign, isStale: sign !== "" && age > staleAfter }
  })
}

const guardOf = (path: string): string => `${path}.stale`

/**
 * Removes the lock of a dead process. A second lock, held only for this, lets one process do so at a time: otherwise a
 * process that looked earlier could remove the new lock of a faster one.
 */
const takeAway = (
  files: FileSystem.FileSystem,
  path: string,
  sign: string,
  lookAtGuard: Effect.Effect<Sight>
): Effect.Effect<boolean, LockFailure> => {
  const guard = guardOf(path)
  const remove = Effect.gen(function*() {
    const current = yield* signOfLife(files, path)
    if (current.sign !== sign) return false
    yield* removeStale(files, path)
    return true
  })
  return files.writeFileString(guard, "", { flag: "wx", mode: 0o600 }).pipe(
    Effect.matchEffect({
      onSuccess: () => Effect.ensuring(remove, Effect.ignore(files.remove(guard))),
      onFailure: (error) =>
        isTaken(error)
          ? Effect.flatMap(
            lookAtGuard,
            ({ isStale }) => isStale ? Effect.as(removeStale(files, guard), false) : Effect.succeed(false)
          )
          : new LockFailure({ busy: false, reason: `${guard}: ${kindOf(error)}` })
    })
  )
}

/** Fails if the stale lock cannot be removed, since waiting longer would not help. */
const removeStale = (files: FileSystem.FileSystem, path: string): Effect.Effect<void, LockFailure> =>
  Effect.catchAll(files.remove(path), (error) =>
    isAbsent(error) || isTaken(error)
      ? Effect.void
      : new LockFailure({ busy: false, reason: `${path}: stale, and cannot be removed (${kindOf(error)})` }))

const content = (files: FileSystem.FileSystem, path: string): Effect.Effect<Option.Option<string>> =>
  Effect.option(files.readFileString(path))

const isTaken = (error: PlatformError): boolean =>
  error._tag === "SystemError" && (error.reason === "AlreadyExists" || error.reason === "Busy")
