import { type Error as PlatformError, FileSystem, Path } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Clock, type Duration, Effect, Exit, Fiber, TestClock } from "effect"
import * as writeBack from "../../../src/internal/files/writeBack.ts"
import { failingCall, faultyFiles } from "../../support/faultyFiles.ts"

const text = "{\"old\": true}"

interface Here {
  readonly file: string
  readonly folder: string
  readonly files: FileSystem.FileSystem
  readonly place: writeBack.Place
}

const here = <A, E, R>(use: (here: Here) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const folder = yield* files.makeTempDirectoryScoped()
    const file = `${folder}/config.json`
    yield* files.writeFileString(file, text, { mode: 0o600 })
    return yield* use({ file, folder, files, place: { file, files, path } })
  })).pipe(Effect.provide(NodeContext.layer))

const replaceBy = (place: writeBack.Place, next: string) => writeBack.exclusively(place, ({ replace }) => replace(next))

const modeOf = ({ files }: Here, file: string) => Effect.map(files.stat(file), ({ mode }) => mode & 0o777)

describe("replace", () => {
  it.live("puts the new text in the place of the old one, and leaves nothing else behind", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* replaceBy(h.place, "new ü")
        assert.strictEqual(yield* h.files.readFileString(h.file), "new ü")
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live.each<[string, string]>([["600", "600"], ["644", "600"], ["666", "600"], ["400", "400"], ["440", "400"]])(
    "of a file with mode %s leaves one with mode %s",
    ([before, after]) =>
      here((h) =>
        Effect.gen(function*() {
          yield* h.files.chmod(h.file, Number.parseInt(before, 8))
          yield* replaceBy(h.place, "new")
          assert.strictEqual((yield* modeOf(h, h.file)).toString(8), after)
        })
      )
  )

  it.live("never shows the new text to others, not even before it is in place", () =>
    here((h) =>
      Effect.gen(function*() {
        const seen: Array<number> = []
        const files = {
          ...h.files,
          rename: (from: string, to: string) =>
            Effect.zipRight(
              Effect.flatMap(modeOf(h, from), (mode) => Effect.sync(() => seen.push(mode))).pipe(Effect.orDie),
              h.files.rename(from, to)
            )
        }
        yield* h.files.chmod(h.file, 0o644)
        yield* replaceBy({ ...h.place, files }, "new")
        assert.deepStrictEqual(seen, [0o600])
      })
    ))

  it.live("has the text on the disk before the file points to it", () =>
    here((h) =>
      Effect.gen(function*() {
        const steps: Array<string> = []
        const files: FileSystem.FileSystem = {
          ...h.files,
          open: (path, options) =>
            Effect.map(h.files.open(path, options), (file) =>
              new Proxy(file, {
                get: (target, name) => {
                  if (name === "sync") steps.push("sync")
                  const member = Reflect.get(target, name, target) as unknown
                  return typeof member === "function" ? member.bind(target) : member
                }
              })),
          rename: (from, to) => Effect.zipRight(Effect.sync(() => steps.push("rename")), h.files.rename(from, to))
        }
        yield* replaceBy({ ...h.place, files }, "new")
        assert.deepStrictEqual(steps, ["sync", "rename"])
      })
    ))

  it.live("follows a link and leaves it one", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* h.files.makeDirectory(`${h.folder}/elsewhere`)
        yield* h.files.rename(h.file, `${h.folder}/elsewhere/real.json`)
        yield* h.files.symlink("elsewhere/real.json", h.file)
        yield* replaceBy(h.place, "new")
        assert.strictEqual(yield* h.files.readLink(h.file), "elsewhere/real.json")
        assert.strictEqual(yield* h.files.readFileString(`${h.folder}/elsewhere/real.json`), "new")
        assert.deepStrictEqual(yield* h.files.readDirectory(`${h.folder}/elsewhere`), ["real.json"])
      })
    ))

  it.live("makes no file where a link leads nowhere", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* h.files.remove(h.file)
        yield* h.files.symlink("nowhere.json", h.file)
        const error = yield* Effect.flip(replaceBy(h.place, "new"))
        assert.strictEqual(error.reason, `${h.file}: NotFound`)
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live.runIf(process.getuid?.() === 0)("leaves the file to its owner", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* h.files.chown(h.file, 12345, 54321)
        yield* replaceBy(h.place, "new")
        const { gid, uid } = yield* h.files.stat(h.file)
        assert.deepStrictEqual([uid, gid].map((id) => id._tag === "Some" && id.value), [12345, 54321])
      })
    ))

  it.live.each<[string, Partial<FileSystem.FileSystem>]>([
    ["rename", { rename: failingCall("rename", "PermissionDenied") }],
    ["open", { open: failingCall("open", "PermissionDenied") }],
    ["chown", { chown: failingCall("chown", "PermissionDenied") }]
  ])("keeps the old text and cleans up when %s fails", ([method, faults]) =>
    here((h) =>
      Effect.gen(function*() {
        if (method === "chown") {
          if (process.getuid?.() !== 0) return
          yield* h.files.chown(h.file, 12345, 54321)
        }
        const error = yield* Effect.flip(replaceBy({ ...h.place, files: { ...h.files, ...faults } }, "new"))
        assert.isFalse(error.busy)
        assert.match(error.reason, /config\.json: cannot be (?:written|replaced) \(PermissionDenied\)$/)
        assert.strictEqual(yield* h.files.readFileString(h.file), text)
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live("fails where the folder takes no new file", () =>
    here((h) =>
      Effect.gen(function*() {
        const files = { ...h.files, writeFileString: failingCall("writeFileString", "PermissionDenied") }
        const error = yield* Effect.flip(replaceBy({ ...h.place, files }, "new"))
        assert.isFalse(error.busy)
        assert.strictEqual(error.reason, `${yield* h.files.realPath(h.file)}.lock: PermissionDenied`)
      })
    ))

  it.live("is not done by who has lost the lock", () =>
    here((h) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(
          writeBack.exclusively(
            h.place,
            ({ replace }) => Effect.zipRight(h.files.writeFileString(`${h.file}.lock`, "another"), replace("new"))
          )
        )
        assert.include("reason" in error ? error.reason : "", "another process took the lock")
        assert.strictEqual(yield* h.files.readFileString(h.file), text)
        assert.deepStrictEqual((yield* h.files.readDirectory(h.folder)).sort(), ["config.json", "config.json.lock"])
      })
    ))
})

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

  it.live("takes over from a process that died between writing and renaming", () =>
    here((h) =>
      Effect.gen(function*() {
        const path = yield* Path.Path
        // Neither rename nor the cleaning up after it happens: the process is gone.
        const dying = yield* Effect.provide(
          FileSystem.FileSystem,
          faultyFiles(() => ({ rename: failingCall("rename", "Unknown"), remove: failingCall("remove", "Unknown") }))
        )
        yield* Effect.exit(replaceBy({ file: h.file, files: dying, path }, "half"))
        const [temporary, ...rest] = (yield* h.files.readDirectory(h.folder)).sort()
        assert.match(temporary ?? "", /^\.config\.json\..*\.tmp$/)
        assert.deepStrictEqual(rest, ["config.json", "config.json.lock"])
        assert.strictEqual(yield* h.files.readFileString(h.file), text)
        const then = (yield* Clock.currentTimeMillis) / 1000 - 11
        yield* h.files.utimes(`${h.file}.lock`, then, then)
        yield* replaceBy(h.place, "new")
        assert.strictEqual(yield* h.files.readFileString(h.file), "new")
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live("has one successor of a dead process at a time", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* h.files.writeFileString(h.file, "0")
        yield* leaveLock(h, 60)
        yield* Effect.all(Array.from({ length: 10 }, () => increment(h.place)), { concurrency: "unbounded" })
        assert.strictEqual(yield* h.files.readFileString(h.file), "10")
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live("leaves the lock of one that was quicker to take over", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* leaveLock(h, 60)
        const files: FileSystem.FileSystem = {
          ...h.files,
          writeFileString: (path, content, options) =>
            path.endsWith(".stale")
              ? Effect.zipRight(
                h.files.writeFileString(`${h.file}.lock`, "quicker"),
                h.files.writeFileString(path, content, options)
              )
              : h.files.writeFileString(path, content, options)
        }
        const waiting = yield* Effect.fork(replaceBy({ ...h.place, files }, "new"))
        yield* Effect.sleep("100 millis")
        yield* Fiber.interrupt(waiting)
        assert.strictEqual(yield* h.files.readFileString(`${h.file}.lock`), "quicker")
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
          yield* Effect.sleep("2500 millis")
          const { mtime } = yield* h.files.stat(`${h.file}.lock`)
          const now = yield* Clock.currentTimeMillis
          assert.isTrue(mtime._tag === "Some" && now - mtime.value.getTime() < 2000)
        }))
    ))

  /** Lets the clock go on step by step, since the files are real and take their time. */
  const until = <A, E>(fiber: Fiber.RuntimeFiber<A, E>, step: Duration.DurationInput) =>
    Effect.gen(function*() {
      let done = false as boolean
      fiber.addObserver(() => {
        done = true
      })
      while (!done) {
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        yield* TestClock.adjust(step)
      }
      return yield* Effect.clockWith((clock) => clock.currentTimeMillis)
    })

  it.effect("goes by what it sees where the clock of the files is another", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* leaveLock(h, -3600)
        const waiting = yield* Effect.fork(replaceBy(h.place, "new"))
        const end = yield* until(waiting, "100 millis")
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
        const end = yield* until(waiting, "100 millis")
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
        assert.isBelow(yield* until(waiting, "100 millis"), 12_000)
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
          assert.isBelow(yield* until(waiting, "100 millis"), 25_000)
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
        const end = yield* until(waiting, "1 second")
        const error = yield* Fiber.join(waiting)
        assert.isTrue(error.busy)
        assert.isAtLeast(end, 90_000)
      })
    ), 20_000)
})
