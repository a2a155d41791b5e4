import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as temporaryFile from "../../../src/internal/files/temporaryFile.ts"
import * as writeBack from "../../../src/internal/files/writeBack.ts"
import { parseJson } from "../../../src/internal/wire/json.ts"
import { until } from "../../support/countedFiles.ts"
import { failingCall, openWith } from "../../support/faultyFiles.ts"
import { type Here, here, modeOf, text } from "../../support/writeBack.ts"

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
        const renames: Array<string> = []
        const copies: Array<string> = []
        const noteCopies = Effect.gen(function*() {
          for (const name of yield* h.files.readDirectory(h.folder)) {
            if (name.endsWith(".tmp")) copies.push((yield* modeOf(h, `${h.folder}/${name}`)).toString(8))
          }
        })
        const open: FileSystem.FileSystem["open"] = (path, options) =>
          Effect.zipRight(path === h.file ? noteCopies : Effect.void, h.files.open(path, options))
        yield* writeBack.exclusively(mounted(h, renames, { open }), ({ prepare, replace }) =>
          Effect.gen(function*() {
            yield* prepare(text)
            assert.strictEqual(yield* h.files.readFileString(h.file), text)
            yield* replace(nextText, text)
            yield* replace("short", nextText)
          }))
        assert.strictEqual(yield* h.files.readFileString(h.file), "short")
        const after = yield* h.files.stat(h.file)
        assert.deepStrictEqual([after.ino, after.mode, after.uid], [before.ino, before.mode, before.uid])
        assert.lengthOf(renames, 1, "what is known to fail is not tried again")
        assert.deepStrictEqual(copies, ["600", "600", "600", "600"])
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
          open: openWith(h.files, (file, path) =>
            path !== h.file ? {} : {
              writeAll: (bytes: Uint8Array) =>
                writes++ > 0
                  ? file.writeAll(bytes)
                  : Effect.zipRight(file.writeAll(bytes.slice(0, 5)), failingCall("writeAll", "WriteZero")(path))
            })
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

  it.live("reserves space for a text that has more bytes than characters", () =>
    here((h) =>
      Effect.gen(function*() {
        const chinese = `{"note": "${"云".repeat(20_000)}"}`
        yield* h.files.writeFileString(h.file, chinese)
        yield* writeBack.exclusively(h.place, ({ prepare }) =>
          Effect.gen(function*() {
            yield* prepare(chinese)
            const [reserved] = (yield* h.files.readDirectory(h.folder)).filter((name) => name.endsWith(".tmp"))
            assert.isAtLeast(Number((yield* h.files.stat(`${h.folder}/${reserved}`)).size), 60_000 + 16_000)
          }))
      })
    ))

  it.live("does not overwrite a mounted file that another program changes while space is reserved", () =>
    here((h) =>
      Effect.gen(function*() {
        let created = 0
        const place = mounted(h, [], {
          open: (path, options) => {
            if (path.endsWith(".tmp")) created += 1
            const edit = created === 2 ? h.files.writeFileString(h.file, "edited") : Effect.void
            return Effect.zipRight(edit, h.files.open(path, options))
          }
        })
        assert.isTrue(Option.isNone(yield* writeBack.exclusively(place, ({ prepare }) => prepare(text))))
        assert.strictEqual(yield* h.files.readFileString(h.file), "edited")
      })
    ))

  it.live("does not cut what another program writes while a mounted file is overwritten", () =>
    here((h) =>
      Effect.gen(function*() {
        const long = `${text}${" ".repeat(100)}`
        yield* h.files.writeFileString(h.file, long)
        let synced = 0
        const other = "{\"other\": \"longer than the text that is being written\"}"
        const place = mounted(h, [], {
          open: openWith(h.files, ({ sync }, path) =>
            path !== h.file ? {} : {
              sync: Effect.suspend(() =>
                synced++ === 0 ? Effect.zipRight(sync, h.files.writeFileString(h.file, other)) : sync
              )
            })
        })
        yield* writeBack.exclusively(place, ({ replace }) => replace(nextText, long))
        assert.strictEqual(yield* h.files.readFileString(h.file), other)
      })
    ))

  it.live("is completed if a process was killed while it overwrote a mounted file", () =>
    here((h) =>
      Effect.gen(function*() {
        const rest = Array.from({ length: 400 }, (_, index) => ({ name: `p${index}`, mode: "AK" }))
        const textOf = (token: string) => JSON.stringify({ token, rest })
        const [before, after] = [textOf("old"), textOf("a new and longer one")]
        const isWhole = (text: string) => Option.isSome(parseJson(text))
        const target = { files: h.files, path: h.place.path, file: h.file }
        yield* h.files.writeFileString(temporaryFile.nameFor(target, before), after)
        const mixture = after.slice(0, 4096) + before.slice(4096)
        assert.isFalse(isWhole(mixture))
        yield* h.files.writeFileString(h.file, mixture)
        yield* writeBack.exclusively({ ...h.place, isWhole }, () => Effect.void)
        assert.strictEqual(yield* h.files.readFileString(h.file), after)
        assert.deepStrictEqual(yield* h.files.readDirectory(h.folder), ["config.json"])
      })
    ))

  it.live("leaves the temporary files of other programs alone", () =>
    here((h) =>
      Effect.gen(function*() {
        yield* h.files.writeFileString(`${h.folder}/.config.json.draft.tmp`, "of an editor")
        yield* writeBack.exclusively(h.place, ({ prepare }) => prepare(text))
        assert.deepStrictEqual((yield* h.files.readDirectory(h.folder)).sort(), [
          ".config.json.draft.tmp",
          "config.json"
        ])
      })
    ))
})
