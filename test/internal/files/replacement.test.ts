import { FileSystem, Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { overwrite, rename } from "../../../src/internal/files/replacement.ts"
import type { Target } from "../../../src/internal/files/temporaryFile.ts"
import { kindOf, stampOf } from "../../../src/internal/files/textFile.ts"
import { elapsed } from "../../support/clock.ts"
import { type Disk, openDisk } from "../../support/disk.ts"
import { failingCall, openWith } from "../../support/faultyFiles.ts"

const file = "/home/config.json"

const written = { path: "/home/new.tmp", stamp: "the stamp" }

const old = "the old text"

const here = <A, E>(use: (target: Target, disk: Disk) => Effect.Effect<A, E>) => {
  const disk = openDisk({
    files: { [file]: old, [written.path]: "new" },
    modes: { [file]: "644" },
    readOnly: false,
    unreadable: []
  })
  return Effect.gen(function*() {
    return yield* use({ file, files: yield* FileSystem.FileSystem, path: yield* Path.Path }, disk)
  }).pipe(Effect.provide(Layer.merge(disk.layer, Path.layer)))
}

const withFaults = (target: Target, faults: Partial<FileSystem.FileSystem>): Target => ({
  ...target,
  files: { ...target.files, ...faults }
})

describe("a rename", () => {
  it.effect("has the stamp of the file that is renamed, and leaves nothing open", () =>
    here((target, disk) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* rename(target, written), "the stamp")
        assert.strictEqual(disk.textOf(file), "new")
        assert.strictEqual(disk.handles(), 0)
      })
    ))

  it.effect("needs no folder that can be written to the disk", () =>
    here((target, disk) =>
      Effect.gen(function*() {
        yield* rename(withFaults(target, { open: failingCall("open", "PermissionDenied") }), written)
        assert.strictEqual(disk.textOf(file), "new")
      })
    ))

  it.effect.each<[string, string, number, string | undefined, number]>([
    ["on Windows, as long as somebody reads the file", "\\", 10, undefined, 500],
    ["on Windows, but not forever", "\\", 11, "PermissionDenied", 500],
    ["never on another system", "/", 1, "PermissionDenied", 0]
  ])("is repeated %s", ([, sep, failures, expected, least]) =>
    here((target) =>
      Effect.gen(function*() {
        let tried = 0
        const denied: FileSystem.FileSystem["rename"] = (from, to) =>
          Effect.suspend(() =>
            tried++ < failures ? failingCall("rename", "PermissionDenied")(from) : target.files.rename(from, to)
          )
        const other = { ...withFaults(target, { rename: denied }), path: { ...target.path, sep } }
        const { millis, value } = yield* elapsed(Effect.either(rename(other, written)))
        assert.strictEqual(value._tag === "Left" ? kindOf(value.left) : undefined, expected)
        assert.strictEqual(millis, least)
      })
    ))

  it.effect("that fails shows the new text to nobody else", () =>
    here((target) =>
      Effect.gen(function*() {
        yield* Effect.flip(rename(withFaults(target, { rename: failingCall("rename", "PermissionDenied") }), written))
        assert.strictEqual((yield* target.files.stat(written.path)).mode.toString(8), "600")
      })
    ))

  it.effect("that fails says why, even if the mode cannot be changed back", () =>
    here((target) =>
      Effect.gen(function*() {
        const faults: Partial<FileSystem.FileSystem> = {
          rename: failingCall("rename", "Busy"),
          chmod: (path, mode) =>
            mode === 0o600 ? failingCall("chmod", "PermissionDenied")(path) : target.files.chmod(path, mode)
        }
        assert.strictEqual(kindOf(yield* Effect.flip(rename(withFaults(target, faults), written))), "Busy")
      })
    ))
})

describe("overwriting in place", () => {
  /** The target, and what is done with its file. */
  const noting = (target: Target, steps: Array<string>): Target =>
    withFaults(target, {
      open: openWith(target.files, ({ sync, truncate, writeAll }) => ({
        sync: Effect.zipRight(Effect.sync(() => steps.push("sync")), sync),
        truncate: (length) => Effect.zipRight(Effect.sync(() => steps.push(`truncate ${length}`)), truncate(length)),
        writeAll: (bytes) =>
          Effect.zipRight(Effect.sync(() => steps.push(new TextDecoder().decode(bytes))), writeAll(bytes))
      }))
    })

  it.effect.each<[string, string, number, ReadonlyArray<string>]>([
    ["a shorter text covers the old one with blanks first", "short", 0, [
      "short       ",
      "sync",
      "truncate 5",
      "sync"
    ]],
    ["a text of the same length is written once", "the new text", 0, ["the new text", "sync"]],
    ["space is reserved by a longer text", old, 3, [`${old}   `, "sync", "truncate 12", "sync"]]
  ])("%s", ([, text, extra, expected]) =>
    here((target, disk) =>
      Effect.gen(function*() {
        const steps: Array<string> = []
        const stamp = yield* overwrite(noting(target, steps), text, extra)
        assert.deepStrictEqual(steps, expected)
        assert.strictEqual(disk.textOf(file), text)
        assert.strictEqual(stamp, stampOf(yield* target.files.stat(file)))
        assert.strictEqual(disk.handles(), 0)
      })
    ))

  it.effect.each<[string, string]>([
    ["longer", "short        and more"],
    ["of the same length", "short      x"],
    ["empty", ""]
  ])("leaves a text of another program that is %s", ([, other]) =>
    here((target, disk) =>
      Effect.gen(function*() {
        let synced = 0
        const files = withFaults(target, {
          open: openWith(target.files, ({ sync }) => ({
            sync: Effect.zipLeft(sync, Effect.sync(() => synced++ === 0 && disk.replace(file, other)))
          }))
        })
        yield* overwrite(files, "short", 0)
        assert.strictEqual(disk.textOf(file), other)
      })
    ))

  it.effect("that fails says why, even if the old text cannot be restored", () =>
    here((target) =>
      Effect.gen(function*() {
        let writes = 0
        const full = withFaults(target, {
          open: openWith(target.files, () => ({
            writeAll: () =>
              Effect.suspend(() => failingCall("writeAll", writes++ === 0 ? "WriteZero" : "PermissionDenied")(file))
          }))
        })
        const error = yield* Effect.flip(overwrite(full, "short", 0))
        assert(error._tag === "HalfWritten")
        assert.strictEqual(kindOf(error.error), "WriteZero")
        assert.strictEqual(writes, 2)
      })
    ))
})
