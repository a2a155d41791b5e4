import { type Error as PlatformError, FileSystem, Path } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Clock, Effect, Exit, Fiber, TestClock, TestServices } from "effect"
import * as writeBack from "../../../src/internal/files/writeBack.ts"
import { eventually } from "../../support/eventually.ts"
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

/** The place with a count of the attempts to create the lock. */
const counted = (h: Here) => {
  let attempts = 0
  const files: FileSystem.FileSystem = {
    ...h.files,
    writeFileString: (path, content, options) =>
      Effect.suspend(() => {
        if (path.endsWith(".lock")) attempts += 1
        return h.files.writeFileString(path, content, options)
      })
  }
  const attemptsMore = (more: number) => {
    const before = attempts
    return eventually(Effect.sync(() => assert.isAtLeast(attempts, before + more)))
  }
  return { place: { ...h.place, files }, attemptsMore }
}

const modeOf = ({ files }: Here, file: string) => Effect.map(files.stat(file), ({ mode }) => mode & 0o777)

describe("replacing a file", () => {
  it.live("writes the new text, and leaves no other file behind", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* replaceBy(h.place, "new ü")
        assert.strictEqual(yield* h.files.readFileString(h.file), "new ü")
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live.each<[string, string]>([["600", "600"], ["644", "600"], ["666", "600"], ["400", "400"], ["440", "400"]])(
    "changes the mode %s to %s",
    ([before, after]) =>
      here((h) =>
        Effect.gen(function*() {
          yield* h.files.chmod(h.file, Number.parseInt(before, 8))
          yield* replaceBy(h.place, "new")
          assert.strictEqual((yield* modeOf(h, h.file)).toString(8), after)
        })
      )
  )

  it.live("never makes the new text readable by others, not even in the temporary file", () =>
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

  it.live("syncs the text to the disk before the rename", () =>
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

  it.live("replaces the target of a link, and keeps the link", () =>
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

  it.live("creates no file for a broken link", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* h.files.remove(h.file)
        yield* h.files.symlink("nowhere.json", h.file)
        const error = yield* Effect.flip(replaceBy(h.place, "new"))
        assert.strictEqual(error.reason, `${h.file}: NotFound`)
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live.runIf(process.getuid?.() === 0)("keeps the owner of the file", () =>
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
  ])("keeps the old text and cleans up if %s fails", ([method, faults]) =>
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

  it.live("fails if the folder is not writable", () =>
    here((h) =>
      Effect.gen(function*() {
        const files = { ...h.files, writeFileString: failingCall("writeFileString", "PermissionDenied") }
        const error = yield* Effect.flip(replaceBy({ ...h.place, files }, "new"))
        assert.isFalse(error.busy)
        assert.strictEqual(error.reason, `${yield* h.files.realPath(h.file)}.lock: PermissionDenied`)
      })
    ))

  it.live("fails if the lock was lost", () =>
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

describe("the lock of a file", () => {
  const increment = (place: writeBack.Place) =>
    writeBack.exclusively(
      place,
      ({ replace }) =>
        Effect.flatMap(place.files.readFileString(place.file), (count) => replace(String(Number(count) + 1)))
    )

  it.live("loses none of many concurrent changes", () =>
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
        // Simulates a process that died: it neither renames nor cleans up.
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

  it.live("is taken over from a dead process by one process at a time", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* h.files.writeFileString(h.file, "0")
        yield* leaveLock(h, 60)
        yield* Effect.all(Array.from({ length: 10 }, () => increment(h.place)), { concurrency: "unbounded" })
        assert.strictEqual(yield* h.files.readFileString(h.file), "10")
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live("is not taken from a process that was faster to take it over", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* leaveLock(h, 60)
        const { attemptsMore, place } = counted(h)
        const files: FileSystem.FileSystem = {
          ...place.files,
          writeFileString: (path, content, options) =>
            path.endsWith(".stale")
              ? Effect.zipRight(
                h.files.writeFileString(`${h.file}.lock`, "quicker"),
                h.files.writeFileString(path, content, options)
              )
              : place.files.writeFileString(path, content, options)
        }
        const waiting = yield* Effect.fork(replaceBy({ ...place, files }, "new"))
        yield* attemptsMore(4)
        yield* Fiber.interrupt(waiting)
        assert.strictEqual(yield* h.files.readFileString(`${h.file}.lock`), "quicker")
        assert.strictEqual(yield* h.files.readFileString(h.file), text)
      })
    ))

  it.live("is not taken from a living process", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* leaveLock(h, 0)
        const { attemptsMore, place } = counted(h)
        const waiting = yield* Effect.fork(replaceBy(place, "new"))
        yield* attemptsMore(4)
        assert.strictEqual(yield* h.files.readFileString(h.file), text)
        yield* h.files.remove(`${h.file}.lock`)
        yield* Fiber.join(waiting)
        assert.strictEqual(yield* h.files.readFileString(h.file), "new")
      })
    ))

  it.live("stops waiting when interrupted, and is released if its use fails", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* Effect.exit(writeBack.exclusively(h.place, () => Effect.fail("no")))
        yield* Effect.exit(writeBack.exclusively(h.place, () => Effect.die("no")))
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
        yield* leaveLock(h, 0)
        const { attemptsMore, place } = counted(h)
        const waiting = yield* Effect.fork(replaceBy(place, "new"))
        yield* attemptsMore(2)
        assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(waiting)))
        assert.strictEqual(yield* h.files.readFileString(`${h.file}.lock`), "dead")
      })
    ))

  it.effect("is kept fresh while it is held", () =>
    here((h) =>
      writeBack.exclusively(h.place, () =>
        Effect.gen(function*() {
          for (const seconds of [2, 4, 6]) {
            yield* TestClock.adjust("2 seconds")
            yield* eventually(
              Effect.map(
                h.files.stat(`${h.file}.lock`),
                ({ mtime }) => assert.isTrue(mtime._tag === "Some" && mtime.value.getTime() === seconds * 1000)
              )
            )
          }
        }))
    ))

  // A process that waits for the lock looks at it at least this often. Longer sleeps are those of the holder.
  const longestPause = 400

  /** Runs an effect, and advances the test clock only while it waits for the lock. Returns the time at its end. */
  const until = <A, E>(fiber: Fiber.RuntimeFiber<A, E>) =>
    Effect.gen(function*() {
      let done = false as boolean
      fiber.addObserver(() => {
        done = true
      })
      while (!done) {
        const now = yield* Clock.currentTimeMillis
        const pauses = Chunk.filter(yield* TestClock.sleeps(), (end) => end <= now + longestPause)
        if (Chunk.isNonEmpty(pauses)) yield* TestClock.setTime(Math.min(...pauses))
        else yield* TestServices.provideLive(Effect.sleep("1 millis"))
      }
      return yield* Clock.currentTimeMillis
    })

  it.effect("is stale if it does not change, even if the clock of the files differs", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* leaveLock(h, -3600)
        const waiting = yield* Effect.fork(replaceBy(h.place, "new"))
        const end = yield* until(waiting)
        yield* Fiber.join(waiting)
        assert.isAtLeast(end, 10_000)
        assert.isBelow(end, 12_000)
      })
    ))

  it.effect.each<[string, (h: Here, lock: string) => Effect.Effect<void, PlatformError.PlatformError>]>([
    ["a broken link", (h, lock) => h.files.symlink("/nowhere/lock", lock)],
    [
      "a broken link as guard",
      (h, lock) => Effect.zipRight(leaveLock(h, 60), h.files.symlink("/nowhere/guard", `${lock}.stale`))
    ]
  ])("is taken over if it is %s", ([, leave]) =>
    here((h) =>
      Effect.gen(function*() {
        yield* leave(h, `${h.file}.lock`)
        const waiting = yield* Effect.fork(replaceBy(h.place, "new"))
        const end = yield* until(waiting)
        yield* Fiber.join(waiting)
        assert.isAtLeast(end, 10_000)
        assert.isBelow(end, 25_000)
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.effect("is taken over if it is stale and not readable", () =>
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
        assert.isBelow(yield* until(waiting), 12_000)
        yield* Fiber.join(waiting)
        assert.strictEqual(yield* h.files.readFileString(h.file), "new")
      })
    ))

  it.effect.each(["lock", "lock.stale"])(
    "fails without waiting if there is a folder in place of %s",
    (suffix) =>
      here((h) =>
        Effect.gen(function*() {
          if (suffix !== "lock") yield* leaveLock(h, 60)
          yield* h.files.makeDirectory(`${h.file}.${suffix}`)
          const waiting = yield* Effect.fork(Effect.flip(replaceBy(h.place, "new")))
          assert.isBelow(yield* until(waiting), 25_000)
          const error = yield* Fiber.join(waiting)
          assert.isFalse(error.busy)
          assert.match(error.reason, /stale, and cannot be removed/)
          assert.strictEqual(yield* h.files.readFileString(h.file), text)
        })
      )
  )

  it.effect("is given up if another process never releases it", () =>
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
        const end = yield* until(waiting)
        const error = yield* Fiber.join(waiting)
        assert.isTrue(error.busy)
        assert.isAtLeast(end, 90_000)
      })
    ))
})
