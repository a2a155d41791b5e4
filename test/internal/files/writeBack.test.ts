import { Command, type Error as PlatformError, FileSystem, Path } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Option } from "effect"
import * as writeBack from "../../../src/internal/files/writeBack.ts"
import { settableClock } from "../../support/clock.ts"
import { type CountedFiles, countFiles, until } from "../../support/countedFiles.ts"
import { eventually } from "../../support/eventually.ts"
import { failingCall, faultyFiles } from "../../support/faultyFiles.ts"

const text = "{\"old\": true}"

interface Here {
  readonly file: string
  readonly folder: string
  readonly files: FileSystem.FileSystem
  readonly place: writeBack.Place
  readonly counted: CountedFiles
}

const here = <A, E, R>(use: (here: Here) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.gen(function*() {
    const counted = countFiles(yield* FileSystem.FileSystem)
    const { files } = counted
    const path = yield* Path.Path
    const folder = yield* files.makeTempDirectoryScoped()
    const file = `${folder}/config.json`
    yield* files.writeFileString(file, text, { mode: 0o600 })
    return yield* use({ counted, file, folder, files, place: { file, files, path, isWhole: () => true } })
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
        assert.deepStrictEqual(steps, ["sync", "rename", "sync"], "the text, the file, and the folder that names it")
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
    ["open", {}],
    ["chown", { chown: failingCall("chown", "PermissionDenied") }]
  ])("keeps the old text and cleans up when %s fails", ([method, faults]) =>
    here((h) =>
      Effect.gen(function*() {
        if (method === "chown") {
          if (process.getuid?.() !== 0) return
          yield* h.files.chown(h.file, 12345, 54321)
        }
        const open: FileSystem.FileSystem["open"] = (path, options) =>
          method === "open" && path.endsWith(".tmp")
            ? failingCall("open", "PermissionDenied")(path)
            : h.files.open(path, options)
        const error = yield* Effect.flip(replaceBy({ ...h.place, files: { ...h.files, open, ...faults } }, "new"))
        assert.isFalse(error.busy)
        assert.match(error.reason, /config\.json: cannot be (?:written|replaced) \(PermissionDenied\)$/)
        assert.strictEqual(yield* h.files.readFileString(h.file), text)
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live("fails where the folder takes no new file", () =>
    here((h) =>
      Effect.gen(function*() {
        const files = { ...h.files, open: failingCall("open", "PermissionDenied") }
        const error = yield* Effect.flip(replaceBy({ ...h.place, files }, "new"))
        assert.isFalse(error.busy)
        assert.strictEqual(error.reason, `${yield* h.files.realPath(h.file)}.lock: PermissionDenied`)
      })
    ))

  /** Another process takes the lock, as it would while this one is suspended, and then does something. */
  const losingTheLock = (h: Here, then: Effect.Effect<void, PlatformError.PlatformError>) =>
    writeBack.exclusively(h.place, ({ replace }) =>
      Effect.gen(function*() {
        yield* h.files.writeFileString(`${h.file}.lock`, "another")
        const replacing = yield* Effect.fork(replace("new", text))
        yield* Effect.sleep("10 seconds")
        assert.strictEqual(yield* h.files.readFileString(h.file), text)
        yield* then
        return yield* Fiber.join(replacing)
      }))

  it.effect("is done by who has lost the lock, once it is free again", () =>
    here((h) =>
      Effect.gen(function*() {
        const touch = Effect.forever(Effect.delay(
          Effect.flatMap(Clock.currentTimeMillis, (now) => h.files.utimes(`${h.file}.lock`, now / 1000, now / 1000)),
          "1 second"
        ))
        const living = yield* Effect.fork(Effect.ignore(touch))
        const replacing = yield* Effect.fork(
          losingTheLock(h, Effect.zipRight(Fiber.interrupt(living), h.files.remove(`${h.file}.lock`)))
        )
        yield* until(h.counted, replacing)
        assert.isTrue(Option.isSome(yield* Fiber.join(replacing)))
        assert.strictEqual(yield* h.files.readFileString(h.file), "new")
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.effect("is not done by who has lost the lock when the text is another then", () =>
    here((h) =>
      Effect.gen(function*() {
        const replacing = yield* Effect.fork(losingTheLock(h, h.files.writeFileString(h.file, "of another")))
        yield* until(h.counted, replacing)
        assert.isTrue(Option.isNone(yield* Fiber.join(replacing)))
        assert.strictEqual(yield* h.files.readFileString(h.file), "of another")
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.effect("is carried to its end when the program is interrupted while it waits for the lock again", () =>
    here((h) =>
      Effect.gen(function*() {
        const replacing = yield* Effect.fork(
          writeBack.exclusively(h.place, ({ replace }) =>
            Effect.zipRight(h.files.writeFileString(`${h.file}.lock`, "another"), replace("new", text)))
        )
        const ending = yield* Effect.fork(Effect.zipRight(Effect.sleep("5 seconds"), Fiber.interrupt(replacing)))
        assert.isAtLeast(yield* until(h.counted, ending), 10_000)
        assert.strictEqual(yield* h.files.readFileString(h.file), "new")
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live("never overwrites a change of the same size in the same moment", () =>
    here((h) =>
      Effect.gen(function*() {
        const then = 1
        yield* h.files.utimes(h.file, then, then)
        const edited = text.replace("true", "null")
        const result = yield* writeBack.exclusively(h.place, ({ replace }) =>
          Effect.gen(function*() {
            yield* h.files.writeFileString(h.file, edited)
            yield* h.files.utimes(h.file, then, then)
            return yield* replace("new", text)
          }))
        assert.isTrue(Option.isNone(result))
        assert.strictEqual(yield* h.files.readFileString(h.file), edited)
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
          open: (path, options) =>
            Effect.map(h.files.open(path, options), (file) =>
              new Proxy(file, {
                get: (target, name) => {
                  if (name === "writeAll") return failingCall("writeAll", "WriteZero")
                  const member = Reflect.get(target, name, target) as unknown
                  return typeof member === "function" ? member.bind(target) : member
                }
              }))
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
})

describe("prepare", () => {
  const nextText = "{\"new\": true}"

  /** A file system on which the file is mounted by itself. */
  const mounted = (h: Here, seen: Array<string>, faults: Partial<FileSystem.FileSystem> = {}): writeBack.Place => ({
    ...h.place,
    files: {
      ...h.files,
      rename: (from, to) =>
        Effect.zipRight(
          Effect.flatMap(modeOf(h, from), (mode) => Effect.sync(() => seen.push(mode.toString(8)))).pipe(Effect.orDie),
          failingCall("rename", "Busy")(from, to)
        ),
      ...faults
    }
  })

  it.live("replaces the file by itself, and keeps room for the next text", () =>
    here((h) =>
      Effect.gen(function*() {
        const before = yield* h.files.stat(h.file)
        yield* writeBack.exclusively(h.place, ({ prepare, replace }) =>
          Effect.gen(function*() {
            assert.isTrue(Option.isSome(yield* prepare(text)))
            assert.strictEqual(yield* h.files.readFileString(h.file), text)
            assert.notDeepEqual((yield* h.files.stat(h.file)).ino, before.ino)
            const [room] = (yield* h.files.readDirectory(h.folder)).filter((name) => name.endsWith(".tmp"))
            const { mode, size } = yield* h.files.stat(`${h.folder}/${room}`)
            assert.isAbove(Number(size), 16_000)
            assert.strictEqual(mode & 0o777, 0o600)
            yield* replace(nextText, text)
            assert.strictEqual(yield* h.files.readFileString(h.file), nextText)
          }))
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live("leaves no room behind that is not used", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* writeBack.exclusively(h.place, ({ prepare }) => prepare(text))
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live("does nothing to a file that was changed", () =>
    here((h) =>
      Effect.gen(function*() {
        assert.isTrue(Option.isNone(yield* writeBack.exclusively(h.place, ({ prepare }) => prepare("other"))))
        assert.strictEqual(yield* h.files.readFileString(h.file), text)
      })
    ))

  it.live("uses the room, so that a full disk does not matter", () =>
    here((h) =>
      Effect.gen(function*() {
        let isFull = false
        const files: FileSystem.FileSystem = {
          ...h.files,
          open: (path, options) =>
            isFull && options?.flag === "wx" ? failingCall("open", "WriteZero")(path) : h.files.open(path, options)
        }
        yield* writeBack.exclusively({ ...h.place, files }, ({ prepare, replace }) =>
          Effect.gen(function*() {
            yield* prepare(text)
            isFull = true
            yield* replace(nextText, text)
          }))
        assert.strictEqual(yield* h.files.readFileString(h.file), nextText)
      })
    ))

  it.live("overwrites a file that is mounted by itself, beside a copy of mode 600", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* h.files.chmod(h.file, 0o640)
        const before = yield* h.files.stat(h.file)
        const copies: Array<string> = []
        yield* writeBack.exclusively(mounted(h, copies), ({ prepare, replace }) =>
          Effect.gen(function*() {
            yield* prepare(text)
            assert.strictEqual(yield* h.files.readFileString(h.file), text)
            yield* replace(nextText, text)
            yield* replace("short", nextText)
          }))
        assert.strictEqual(yield* h.files.readFileString(h.file), "short")
        const after = yield* h.files.stat(h.file)
        assert.deepStrictEqual([after.ino, after.mode, after.uid], [before.ino, before.mode, before.uid])
        assert.deepStrictEqual(copies, ["600"], "what is known to fail is not tried again")
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live("fails where the file is mounted read-only", () =>
    here((h) =>
      Effect.gen(function*() {
        const place = mounted(h, [], {
          open: (path, options) =>
            path === h.file ? failingCall("open", "PermissionDenied")(path) : h.files.open(path, options)
        })
        const error = yield* Effect.flip(writeBack.exclusively(place, ({ prepare }) => prepare(text)))
        assert.strictEqual(error.reason, `${h.file}: cannot be replaced (PermissionDenied)`)
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live("has a text that is written in part finished by the next program", () =>
    here((h) =>
      Effect.gen(function*() {
        let writes = 0
        const place = mounted(h, [], {
          open: (path, options) =>
            Effect.map(h.files.open(path, options), (file) =>
              path !== h.file ? file : new Proxy(file, {
                get: (target, name) => {
                  const member = Reflect.get(target, name, target) as unknown
                  if (name !== "writeAll") return typeof member === "function" ? member.bind(target) : member
                  return (bytes: Uint8Array) =>
                    writes++ > 0
                      ? target.writeAll(bytes)
                      : Effect.zipRight(target.writeAll(bytes.slice(0, 5)), failingCall("writeAll", "WriteZero")(path))
                }
              }))
        })
        const error = yield* Effect.flip(writeBack.exclusively(place, ({ replace }) => replace(nextText, text)))
        assert.strictEqual("reason" in error && error.reason, `${h.file}: cannot be replaced (WriteZero)`)
        assert.strictEqual(yield* h.files.readFileString(h.file), text, "it is restored")
        yield* writeBack.exclusively(h.place, () => Effect.void)
        assert.strictEqual(yield* h.files.readFileString(h.file), nextText)
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.effect.each<[string, string, string, string]>([
    ["puts the text in place", text, nextText, nextText],
    ["removes it when the file was changed since", "edited", nextText, "edited"],
    ["removes a text that is not whole", text, "{\"new\"", text]
  ])(
    "after a process was killed before its rename: %s",
    ([, now, left, expected]) =>
      here((h) =>
        Effect.gen(function*() {
          // Neither the rename nor what follows happens: the process is gone.
          const files: FileSystem.FileSystem = {
            ...h.files,
            rename: () => Effect.never,
            remove: () => Effect.void
          }
          const dying = yield* Effect.forkDaemon(
            writeBack.exclusively({ ...h.place, files }, ({ replace }) => replace(left, text))
          )
          yield* h.counted.settled
          yield* h.files.writeFileString(h.file, now)
          yield* h.files.writeFileString(`${h.file}.lock`, "dead")
          const isWhole = (text: string) => text.endsWith("}")
          const next = yield* Effect.fork(writeBack.exclusively({ ...h.place, isWhole }, () => Effect.void))
          yield* until(h.counted, next)
          assert.strictEqual(yield* h.files.readFileString(h.file), expected)
          assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
          assert.isNull(dying.unsafePoll())
        })
      )
  )
})
