import { Command, type Error as PlatformError, FileSystem, Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber } from "effect"
import * as writeBack from "../../../src/internal/files/writeBack.ts"
import { settableClock } from "../../support/clock.ts"
import { until } from "../../support/countedFiles.ts"
import { eventually } from "../../support/eventually.ts"
import { failingCall, faultyFiles, openWith } from "../../support/faultyFiles.ts"
import { type Here, here, modeOf, replaceBy, text } from "../../support/writeBack.ts"

describe("exclusively", () => {
  const increment = (place: writeBack.Place) =>
    writeBack.exclusively(
      place,
      ({ replace }) =>
        Effect.flatMap(place.files.readFileString(place.file), (count) => replace(String(Number(count) + 1)))
    )

  it.live("loses no change of many", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* h.files.writeFileString(h.file, "0")
        yield* Effect.all(Array.from({ length: 20 }, () => increment(h.place)), { concurrency: "unbounded" })
        assert.strictEqual(yield* h.files.readFileString(h.file), "20")
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  const leaveLock = (h: Here, age: number) =>
    Effect.gen(function*() {
      const then = (yield* Clock.currentTimeMillis) / 1000 - age
      yield* h.files.writeFileString(`${h.file}.lock`, "dead")
      yield* h.files.utimes(`${h.file}.lock`, then, then)
    })

  it.effect("takes over from a process that died between writing and renaming", () =>
    here((h) =>
      Effect.gen(function*() {
        const path = yield* Path.Path
        // Neither rename nor the cleaning up after it happens: the process is gone.
        const dying = yield* Effect.provide(
          FileSystem.FileSystem,
          faultyFiles(() => ({ rename: failingCall("rename", "Unknown"), remove: failingCall("remove", "Unknown") }))
        )
        yield* Effect.exit(replaceBy({ ...h.place, files: dying, path }, "half"))
        const [temporary, ...rest] = (yield* h.files.readDirectory(h.folder)).sort()
        assert.match(temporary ?? "", /^\.config\.json\..*\.tmp$/)
        assert.deepStrictEqual(rest, ["config.json", "config.json.lock"])
        assert.strictEqual(yield* h.files.readFileString(h.file), text)
        const replacing = yield* Effect.fork(replaceBy(h.place, "new"))
        yield* until(h.counted, replacing)
        assert.strictEqual(yield* h.files.readFileString(h.file), "new")
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.effect("has one successor of a dead process at a time", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* h.files.writeFileString(h.file, "0")
        yield* leaveLock(h, 60)
        const all = Array.from({ length: 10 }, () => increment(h.place))
        yield* until(h.counted, yield* Effect.fork(Effect.all(all, { concurrency: "unbounded" })))
        assert.strictEqual(yield* h.files.readFileString(h.file), "10")
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.effect("leaves the lock of one that was quicker to take over", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* leaveLock(h, 60)
        let looks = 0
        const files: FileSystem.FileSystem = {
          ...h.files,
          open: (path, options) => {
            if (!path.endsWith(".stale")) return h.files.open(path, options)
            looks += 1
            return Effect.zipRight(
              h.files.writeFileString(`${h.file}.lock`, `quicker ${looks}`),
              h.files.open(path, options)
            )
          }
        }
        const waiting = yield* Effect.fork(replaceBy({ ...h.place, files }, "new"))
        const ending = yield* Effect.fork(Effect.zipRight(Effect.sleep("15 seconds"), Fiber.interrupt(waiting)))
        yield* until(h.counted, ending)
        assert.strictEqual(yield* h.files.readFileString(`${h.file}.lock`), "quicker 1")
        assert.strictEqual(yield* h.files.readFileString(h.file), text)
      })
    ))

  it.live("waits for a process that lives", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* leaveLock(h, 5)
        const waiting = yield* Effect.fork(replaceBy(h.place, "new"))
        yield* Effect.sleep("200 millis")
        assert.strictEqual(yield* h.files.readFileString(h.file), text)
        yield* h.files.remove(`${h.file}.lock`)
        yield* Fiber.join(waiting)
        assert.strictEqual(yield* h.files.readFileString(h.file), "new")
      })
    ))

  it.live("lets go of the wait when interrupted, and of the lock when its use fails", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* Effect.exit(writeBack.exclusively(h.place, () => Effect.fail("no")))
        yield* Effect.exit(writeBack.exclusively(h.place, () => Effect.die("no")))
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
        yield* leaveLock(h, 0)
        const waiting = yield* Effect.fork(replaceBy(h.place, "new"))
        yield* Effect.sleep("60 millis")
        assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(waiting)))
        assert.strictEqual(yield* h.files.readFileString(`${h.file}.lock`), "dead")
      })
    ))

  it.live("keeps its lock fresh, however long it takes", () =>
    here((h) =>
      writeBack.exclusively(h.place, () =>
        Effect.gen(function*() {
          const then = (yield* Clock.currentTimeMillis) / 1000 - 9
          yield* h.files.utimes(`${h.file}.lock`, then, then)
          yield* eventually(
            Effect.map(
              h.files.stat(`${h.file}.lock`),
              ({ mtime }) => assert.isTrue(mtime._tag === "Some" && mtime.value.getTime() > (then + 8) * 1000)
            )
          )
        }))
    ))

  /** How long it takes to get the lock. */
  const wait = (h: Here) =>
    Effect.gen(function*() {
      const start = yield* Clock.currentTimeMillis
      const waiting = yield* Effect.fork(replaceBy(h.place, "new"))
      const end = yield* until(h.counted, waiting)
      return { exit: yield* Fiber.await(waiting), millis: end - start }
    })

  it.effect("takes a lock away after ten seconds of its own, however old its file is", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* leaveLock(h, 3600)
        const { exit, millis } = yield* wait(h)
        assert.isTrue(Exit.isSuccess(exit))
        assert.isAtLeast(millis, 10_000)
        assert.isBelow(millis, 12_000)
      })
    ))

  it.effect.each([20_000, 3_600_000, -3_600_000])(
    "never takes away the lock of a process that lives, although a wall clock jumps by %i ms",
    (jump) =>
      here((h) =>
        Effect.gen(function*() {
          const { move, use } = yield* settableClock
          const holding = yield* Effect.fork(writeBack.exclusively(h.place, () => Effect.sleep("40 seconds")))
          yield* h.counted.settled
          const waiting = yield* Effect.fork(use(replaceBy(h.place, "new")))
          const jumping = yield* Effect.fork(
            Effect.zipRight(move(jump), Effect.sleep("1 second")).pipe(Effect.repeatN(30))
          )
          yield* until(h.counted, jumping)
          assert.isNull(waiting.unsafePoll())
          assert.strictEqual(yield* h.files.readFileString(h.file), text)
          yield* until(h.counted, holding)
          yield* until(h.counted, waiting)
          assert.strictEqual(yield* h.files.readFileString(h.file), "new")
        })
      )
  )

  it.effect("keeps its lock although its own clock jumps", () =>
    here((h) =>
      Effect.gen(function*() {
        const { move, use } = yield* settableClock
        const holding = yield* Effect.fork(use(writeBack.exclusively(h.place, () => Effect.sleep("40 seconds"))))
        yield* h.counted.settled
        const waiting = yield* Effect.fork(replaceBy(h.place, "new"))
        const jumping = yield* Effect.fork(
          Effect.zipRight(move(-20_000), Effect.sleep("1 second")).pipe(Effect.repeatN(30))
        )
        yield* until(h.counted, jumping)
        assert.isNull(waiting.unsafePoll())
        yield* until(h.counted, holding)
        yield* until(h.counted, waiting)
        assert.strictEqual(yield* h.files.readFileString(h.file), "new")
      })
    ))

  const makePipe = (path: string) =>
    Effect.flatMap(
      Command.exitCode(Command.make("mkfifo", path)),
      (code) => Effect.sync(() => assert.strictEqual(code, 0))
    )

  it.effect.each(process.platform === "win32" ? [] : ["lock", "lock.stale"])(
    "never opens a pipe in the place of %s, and removes it",
    (suffix) =>
      here((h) =>
        Effect.gen(function*() {
          if (suffix !== "lock") yield* leaveLock(h, 60)
          yield* makePipe(`${h.file}.${suffix}`)
          const { exit, millis } = yield* wait(h)
          assert.isTrue(Exit.isSuccess(exit))
          assert.isBelow(millis, 25_000)
          assert.strictEqual(yield* h.files.readFileString(h.file), "new")
          assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
        })
      )
  )

  it.effect("takes an empty lock for that of a dead process after two seconds", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* h.files.writeFileString(`${h.file}.lock`, "")
        const { exit, millis } = yield* wait(h)
        assert.isTrue(Exit.isSuccess(exit))
        assert.isBelow(millis, 3000)
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live("leaves no empty lock where the disk is full", () =>
    here((h) =>
      Effect.gen(function*() {
        const files: FileSystem.FileSystem = {
          ...h.files,
          open: openWith(h.files, () => ({ writeAll: failingCall("writeAll", "WriteZero") }))
        }
        const error = yield* Effect.flip(replaceBy({ ...h.place, files }, "new"))
        assert.isFalse(error.busy)
        assert.match(error.reason, /config\.json\.lock: WriteZero$/)
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.effect("goes by what it sees where the clock of the files is another", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* leaveLock(h, -3600)
        const waiting = yield* Effect.fork(replaceBy(h.place, "new"))
        const end = yield* until(h.counted, waiting)
        yield* Fiber.join(waiting)
        assert.isAtLeast(end, 10_000)
        assert.isBelow(end, 12_000)
      })
    ))

  it.effect.each<[string, (h: Here, lock: string) => Effect.Effect<void, PlatformError.PlatformError>]>([
    ["a link that leads nowhere", (h, lock) => h.files.symlink("/nowhere/lock", lock)],
    [
      "a guard that leads nowhere",
      (h, lock) => Effect.zipRight(leaveLock(h, 60), h.files.symlink("/nowhere/guard", `${lock}.stale`))
    ]
  ])("takes %s for that of a dead process", ([, leave]) =>
    here((h) =>
      Effect.gen(function*() {
        yield* leave(h, `${h.file}.lock`)
        const waiting = yield* Effect.fork(replaceBy(h.place, "new"))
        const end = yield* until(h.counted, waiting)
        yield* Fiber.join(waiting)
        assert.isAtLeast(end, 10_000)
        assert.isBelow(end, 25_000)
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.effect("takes a lock that it may not read for that of a dead process", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* leaveLock(h, 60)
        const denied = failingCall("readFileString", "PermissionDenied")
        const files: FileSystem.FileSystem = {
          ...h.files,
          readFileString: (path, encoding) =>
            Effect.flatMap(
              h.files.readFileString(path, encoding),
              (text) => text === "dead" ? denied(path) : Effect.succeed(text)
            )
        }
        const waiting = yield* Effect.fork(replaceBy({ ...h.place, files }, "new"))
        assert.isBelow(yield* until(h.counted, waiting), 12_000)
        yield* Fiber.join(waiting)
        assert.strictEqual(yield* h.files.readFileString(h.file), "new")
      })
    ))

  it.effect.each(["lock", "lock.stale"])(
    "does not wait for a folder in the place of %s",
    (suffix) =>
      here((h) =>
        Effect.gen(function*() {
          if (suffix !== "lock") yield* leaveLock(h, 60)
          yield* h.files.makeDirectory(`${h.file}.${suffix}`)
          const waiting = yield* Effect.fork(Effect.flip(replaceBy(h.place, "new")))
          assert.isBelow(yield* until(h.counted, waiting), 25_000)
          const error = yield* Fiber.join(waiting)
          assert.isFalse(error.busy)
          assert.match(error.reason, /stale, and cannot be removed/)
          assert.strictEqual(yield* h.files.readFileString(h.file), text)
        })
      )
  )

  it.effect("gives up on a process that never lets go", () =>
    here((h) =>
      Effect.gen(function*() {
        let beats = 0
        const info = yield* h.files.stat(h.file)
        const files: FileSystem.FileSystem = {
          ...h.files,
          writeFileString: failingCall("writeFileString", "AlreadyExists"),
          readFileString: () => Effect.sync(() => `alive ${beats++}`),
          stat: () => Effect.succeed(info)
        }
        const waiting = yield* Effect.fork(Effect.flip(replaceBy({ ...h.place, files }, "new")))
        const end = yield* until(h.counted, waiting)
        const error = yield* Fiber.join(waiting)
        assert.isTrue(error.busy)
        assert.isAtLeast(end, 90_000)
      })
    ), 20_000)

  it.live("does not wait for itself where its own lock cannot be read once", () =>
    here((h) =>
      Effect.gen(function*() {
        let fails = false
        const files: FileSystem.FileSystem = {
          ...h.files,
          readFileString: (path, encoding) =>
            Effect.suspend(() => {
              const now = fails && path.endsWith(".lock")
              if (now) fails = false
              return now ? failingCall("readFileString", "Busy")(path) : h.files.readFileString(path, encoding)
            })
        }
        const start = yield* Clock.currentTimeMillis
        yield* writeBack.exclusively({ ...h.place, files }, ({ replace }) =>
          Effect.suspend(() => {
            fails = true
            return replace("new", text)
          }))
        assert.strictEqual(yield* h.files.readFileString(h.file), "new")
        // It was 90 seconds.
        assert.isBelow((yield* Clock.currentTimeMillis) - start, 60_000)
      })
    ))

  it.live("has a lock that only its owner can read and write", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* writeBack.exclusively(
          h.place,
          () => Effect.map(modeOf(h, `${h.file}.lock`), (mode) => assert.strictEqual(mode.toString(8), "600"))
        )
      })
    ))
})
