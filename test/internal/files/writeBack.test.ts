import { type Error as PlatformError, FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Option } from "effect"
import * as writeBack from "../../../src/internal/files/writeBack.ts"
import { until } from "../../support/countedFiles.ts"
import { failingCall, openWith } from "../../support/faultyFiles.ts"
import { type Here, here, modeOf, replaceBy, text } from "../../support/writeBack.ts"

describe("replace", () => {
  it.live("puts the new text in the place of the old one, and leaves nothing else behind", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* replaceBy(h.place, "new ü")
        assert.strictEqual(yield* h.files.readFileString(h.file), "new ü")
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live.each(["600", "640", "644", "666", "400", "440"])(
    "keeps mode %s",
    (mode) =>
      here((h) =>
        Effect.gen(function*() {
          yield* h.files.chmod(h.file, Number.parseInt(mode, 8))
          yield* replaceBy(h.place, "new")
          assert.strictEqual((yield* modeOf(h, h.file)).toString(8), mode)
        })
      )
  )

  it.live("gives no permissions to another group", () =>
    here((h) =>
      Effect.gen(function*() {
        const files: FileSystem.FileSystem = {
          ...h.files,
          stat: (path) =>
            Effect.map(h.files.stat(path), (info) => path.endsWith(".tmp") ? { ...info, gid: Option.some(4242) } : info)
        }
        yield* h.files.chmod(h.file, 0o665)
        yield* replaceBy({ ...h.place, files }, "new")
        assert.strictEqual((yield* modeOf(h, h.file)).toString(8), "605")
      })
    ))

  it.live("works where every file has the same mode, which cannot be changed", () =>
    here((h) =>
      Effect.gen(function*() {
        const files: FileSystem.FileSystem = {
          ...h.files,
          stat: (path) => Effect.map(h.files.stat(path), (info) => ({ ...info, mode: 0o100777 })),
          chmod: failingCall("chmod", "PermissionDenied")
        }
        yield* replaceBy({ ...h.place, files }, "new")
        assert.strictEqual(yield* h.files.readFileString(h.file), "new")
      })
    ))

  it.live("shows the new text to others only once it is complete", () =>
    here((h) =>
      Effect.gen(function*() {
        const modes: Array<string> = []
        const files: FileSystem.FileSystem = {
          ...h.files,
          chmod: (path, mode) =>
            Effect.zipRight(
              Effect.map(h.files.stat(path), ({ mode, size }) => modes.push(`${(mode & 0o777).toString(8)}/${size}`)),
              h.files.chmod(path, mode)
            )
        }
        yield* h.files.chmod(h.file, 0o644)
        yield* replaceBy({ ...h.place, files }, "new")
        assert.deepStrictEqual(modes, ["600/3"])
      })
    ))

  it.live("has the text on the disk before the file points to it", () =>
    here((h) =>
      Effect.gen(function*() {
        const steps: Array<string> = []
        const files: FileSystem.FileSystem = {
          ...h.files,
          open: openWith(
            h.files,
            ({ sync }) => ({ sync: Effect.zipRight(Effect.sync(() => steps.push("sync")), sync) })
          ),
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
