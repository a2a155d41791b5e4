import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Option, Random, TestClock } from "effect"
import * as lockFile from "../../../src/internal/files/lockFile.ts"
import { elapsed, settle } from "../../support/clock.ts"
import { type Disk, openDisk } from "../../support/disk.ts"
import { failingCall, openWith } from "../../support/faultyFiles.ts"

const path = "/home/config.json.lock"

const guard = `${path}.stale`

/** A file system in memory, with these files and faults. */
const here = <A, E>(
  use: (disk: Disk, files: FileSystem.FileSystem) => Effect.Effect<A, E>,
  files: Readonly<Record<string, string>> = {}
) => {
  const disk = openDisk({ files, modes: {}, readOnly: false, unreadable: [] })
  return Effect.flatMap(FileSystem.FileSystem, (files) => use(disk, files)).pipe(
    Effect.provide(disk.layer),
    // Every pause has its longest length.
    Effect.withRandom(Random.fixed([1]))
  )
}

/** Acquires the lock and releases it at once. Gives the error, and the time of the end. */
const acquire = (files: FileSystem.FileSystem) =>
  Effect.gen(function*() {
    const result = yield* Effect.either(Effect.scoped(lockFile.acquire(files, path)))
    const end = yield* Clock.currentTimeMillis
    return { end, error: result._tag === "Left" ? result.left : undefined }
  })

/** While the clock goes on. */
const wait = (files: FileSystem.FileSystem) => Effect.map(elapsed(acquire(files), "3 minutes"), ({ value }) => value)

/** The times at which a waiting process tries to create the lock. */
const attempts = (files: FileSystem.FileSystem, times: Array<number>): FileSystem.FileSystem => ({
  ...files,
  open: (at, options) =>
    at === path
      ? Effect.flatMap(Clock.currentTimeMillis, (now) => {
        times.push(now)
        return files.open(at, options)
      })
      : files.open(at, options)
})

describe("the wait for a lock", () => {
  it.effect.each<[number, ReadonlyArray<number>]>([
    [1, [0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220, 242]],
    [0, [0, 10, 20, 30]]
  ])(
    "has pauses of 20 ms, and then of a tenth of the time so far, or half of that: random %d",
    ([random, expected]) =>
      here((_, files) =>
        Effect.gen(function*() {
          const times: Array<number> = []
          const waiting = yield* Effect.fork(Effect.withRandom(acquire(attempts(files, times)), Random.fixed([random])))
          yield* TestClock.adjust(expected.at(-1) ?? 0)
          assert.deepStrictEqual(times, expected)
          yield* Fiber.interrupt(waiting)
        }), { [path]: "dead" })
  )

  it.effect.each<[string, number, number]>([["dead", 10_000, 400], ["", 2000, 197]])(
    "for a process that died, and left the text %j, ends after %i ms without another pause, of which the longest has %i",
    ([text, least, longest]) =>
      here((disk, files) =>
        Effect.gen(function*() {
          const times: Array<number> = []
          const { end, error } = yield* wait(attempts(files, times))
          assert.isUndefined(error)
          assert.isAtLeast(end, least)
          assert.isAtMost(end, least + 400)
          assert.deepStrictEqual(disk.paths(), [])
          assert.strictEqual(times.at(-1), times.at(-2))
          const pauses = times.slice(1).map((time, index) => Math.round(time - (times[index] ?? 0)))
          assert.strictEqual(Math.max(...pauses), longest)
        }), { [path]: text })
  )

  it.effect("starts again at each sign of life", () =>
    here((_, files) =>
      Effect.gen(function*() {
        const waiting = yield* Effect.fork(acquire(files))
        yield* TestClock.adjust("6 seconds")
        yield* files.utimes(path, 6, 6)
        yield* TestClock.adjust("20 seconds")
        const { end } = yield* Fiber.join(waiting)
        assert.isAtLeast(end, 16_000)
        assert.isAtMost(end, 16_800)
      }), { [path]: "dead" }))

  it.effect("is over after 90 seconds with a process that lives", () =>
    here((_, files) =>
      Effect.gen(function*() {
        yield* Effect.fork(Effect.scoped(Effect.zipRight(lockFile.acquire(files, path), Effect.never)))
        yield* settle
        // With fewer pauses, each of which is five times as long, it takes less real time.
        const waiting = yield* Effect.fork(Effect.withRandom(acquire(files), Random.fixed([9])))
        yield* TestClock.adjust("93 seconds")
        const { end, error } = yield* Option.getOrThrow(yield* Fiber.poll(waiting))
        assert.deepStrictEqual([error?.busy, error?.reason], [true, `${path}: held by another process for too long`])
        assert.isAtLeast(end, 90_000)
        assert.isAtMost(end, 92_000)
      })
    ))

  it.effect("takes nothing away that does not exist", () =>
    here((disk, files) =>
      Effect.gen(function*() {
        const busy: FileSystem.FileSystem = {
          ...files,
          open: (at, options) => at === path ? failingCall("open", "Busy")(at) : files.open(at, options)
        }
        const times: Array<number> = []
        const waiting = yield* Effect.fork(acquire(attempts(busy, times)))
        yield* TestClock.adjust("12 seconds")
        assert.strictEqual(new Set(times).size, times.length, "no attempt comes without a pause")
        assert.deepStrictEqual(disk.paths(), [])
        yield* Fiber.interrupt(waiting)
      })
    ))

  it.effect.each<[string, Partial<FileSystem.File.Info>, number]>([
    ["a pipe", { type: "FIFO" }, 0],
    ["a file of more than 1 KiB", { size: FileSystem.Size(1025) }, 0],
    ["a file of 1 KiB", { size: FileSystem.Size(1024) }, 1]
  ])("reads no more than a lock has: %s", ([, changes, least]) =>
    here((_, files) =>
      Effect.gen(function*() {
        let reads = 0
        const odd: FileSystem.FileSystem = {
          ...files,
          stat: (at) => Effect.map(files.stat(at), (info) => at === path ? { ...info, ...changes } : info),
          readFileString: (at) =>
            Effect.suspend(() => {
              if (at === path) reads++
              return files.readFileString(at)
            })
        }
        const waiting = yield* Effect.fork(acquire(odd))
        yield* TestClock.adjust("1 second")
        assert.strictEqual(reads > 0, least > 0)
        yield* Fiber.interrupt(waiting)
      }), { [path]: "dead" }))
})

describe("the lock of a dead process", () => {
  const withGuard = { [path]: "dead", [guard]: "dead too" }

  it.effect("is left to another process that removes it, and that is given ten seconds", () =>
    here((_, files) =>
      Effect.gen(function*() {
        const times: Array<number> = []
        const { end, error } = yield* wait(attempts(files, times))
        assert.isUndefined(error)
        assert.strictEqual(new Set(times).size, times.length - 1, "only the last attempt comes without a pause")
        assert.isAtLeast(end, 20_000)
        assert.isAtMost(end, 21_200)
      }), withGuard))

  it.effect("is waited for if the process that removes it lives", () =>
    here((disk, files) =>
      Effect.gen(function*() {
        const touching = yield* Effect.fork(
          Effect.forever(
            Effect.delay(
              Effect.flatMap(Clock.currentTimeMillis, (now) => files.utimes(guard, now / 1000, now / 1000)),
              "2 seconds"
            )
          )
        )
        const { error } = yield* wait(files)
        assert.isTrue(error?.busy)
        assert.strictEqual(disk.textOf(guard), "dead too")
        yield* Fiber.interrupt(touching)
      }), withGuard))

  it.effect("is not removed if it is that of another process by then", () =>
    here((disk, files) =>
      Effect.gen(function*() {
        let quicker = 0
        const losing: FileSystem.FileSystem = {
          ...files,
          open: (at, options) => {
            if (at === guard) disk.replace(path, `quicker ${++quicker}`)
            return files.open(at, options)
          }
        }
        const times: Array<number> = []
        const waiting = yield* Effect.fork(acquire(attempts(losing, times)))
        yield* TestClock.adjust("15 seconds")
        assert.strictEqual(new Set(times).size, times.length, "no attempt comes without a pause")
        assert.strictEqual(disk.textOf(path), "quicker 1")
        assert.isUndefined(disk.textOf(guard))
        yield* Fiber.interrupt(waiting)
      }), { [path]: "dead" }))

  it.effect.each(["NotFound", "Busy"] as const)(
    "is waited for if removing it fails at first: %s",
    (reason) =>
      here((_, files) =>
        Effect.gen(function*() {
          let removals = 0
          const odd: FileSystem.FileSystem = {
            ...files,
            remove: (at) => at === path && removals++ === 0 ? failingCall("remove", reason)(at) : files.remove(at)
          }
          const { end, error } = yield* wait(odd)
          assert.isUndefined(error)
          assert.isAtMost(end, 10_800)
        }), { [path]: "dead" })
  )

  it.effect("that cannot be removed is an error at once", () =>
    here((_, files) =>
      Effect.gen(function*() {
        const { end, error } = yield* wait({ ...files, remove: failingCall("remove", "PermissionDenied") })
        assert.deepStrictEqual([error?.busy, error?.reason], [
          false,
          `${path}: stale, and cannot be removed (PermissionDenied)`
        ])
        assert.isAtMost(end, 10_400)
      }), { [path]: "dead" }))
})

describe("a lock that is held", () => {
  it.effect("is touched every two seconds, also after that failed once", () =>
    here((_, files) =>
      Effect.gen(function*() {
        const touches: Array<readonly [number, unknown, unknown]> = []
        const noting: FileSystem.FileSystem = {
          ...files,
          utimes: (at, atime, mtime) =>
            Effect.flatMap(Clock.currentTimeMillis, (now) => {
              touches.push([now, atime, mtime])
              return touches.length === 1 ? failingCall("utimes", "Busy")(at) : files.utimes(at, atime, mtime)
            })
        }
        yield* Effect.scoped(Effect.zipRight(lockFile.acquire(noting, path), TestClock.adjust("7 seconds")))
        assert.deepStrictEqual(touches, [[2000, 2, 2], [4000, 4, 4], [6000, 6, 6]])
        yield* TestClock.adjust("7 seconds")
        assert.lengthOf(touches, 3, "it ends with the lock")
      })
    ))

  it.effect("can be released by who cannot be interrupted", () =>
    here((disk, files) =>
      Effect.gen(function*() {
        yield* Effect.uninterruptible(Effect.scoped(lockFile.acquire(files, path)))
        assert.deepStrictEqual(disk.paths(), [])
      })
    ))

  it.effect("keeps no file open", () =>
    here((disk, files) =>
      Effect.scoped(Effect.gen(function*() {
        yield* lockFile.acquire(files, path)
        assert.deepStrictEqual(disk.paths(), [path])
        assert.strictEqual(disk.handles(), 0)
      }))
    ))

  it.effect("is acquired again by who lost it, although the program is interrupted", () =>
    here((disk, files) =>
      Effect.scoped(Effect.gen(function*() {
        const { hold } = yield* lockFile.acquire(files, path)
        disk.replace(path, "another")
        const holding = yield* Effect.fork(hold)
        yield* TestClock.adjust("1 second")
        const interrupting = yield* Effect.fork(Fiber.interrupt(holding))
        yield* TestClock.adjust("20 seconds")
        yield* Fiber.join(interrupting)
        assert.notStrictEqual(disk.textOf(path), "another")
      }))
    ))

  it.effect("is no failure when it cannot be removed at the end", () =>
    here((_, files) =>
      Effect.gen(function*() {
        const denied = { ...files, remove: failingCall("remove", "PermissionDenied") }
        assert.strictEqual(yield* Effect.scoped(Effect.as(lockFile.acquire(denied, path), "done")), "done")
      })
    ))

  it.effect("that cannot be written is an error that says why, even if it cannot be removed either", () =>
    here((_, files) =>
      Effect.gen(function*() {
        const full: FileSystem.FileSystem = {
          ...files,
          open: openWith(files, () => ({ writeAll: failingCall("writeAll", "WriteZero") })),
          remove: failingCall("remove", "PermissionDenied")
        }
        const { error } = yield* wait(full)
        assert.deepStrictEqual([error?.busy, error?.reason], [false, `${path}: WriteZero`])
      })
    ))
})
