import { FileSystem, Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { stampOf } from "../../../src/internal/files/textFile.ts"
import * as writeBack from "../../../src/internal/files/writeBack.ts"
import { type Disk, openDisk } from "../../support/disk.ts"
import { failingCall, openWith } from "../../support/faultyFiles.ts"

const file = "/home/config.json"

const old = "{\"old\": 1}"

const here = <A, E>(use: (place: writeBack.Place, disk: Disk) => Effect.Effect<A, E>) => {
  const disk = openDisk({ files: { [file]: old }, modes: {}, readOnly: false, unreadable: [] })
  return Effect.gen(function*() {
    const place = { file, files: yield* FileSystem.FileSystem, path: yield* Path.Path, isWhole: () => true }
    return yield* use(place, disk)
  }).pipe(Effect.provide(Layer.merge(disk.layer, Path.layer)))
}

const withFaults = (place: writeBack.Place, faults: Partial<FileSystem.FileSystem>): writeBack.Place => ({
  ...place,
  files: { ...place.files, ...faults }
})

describe("a file that is replaced", () => {
  it.effect("has the stamp that is returned, and nothing stays open", () =>
    here((place, disk) =>
      Effect.gen(function*() {
        const stamps = yield* writeBack.exclusively(
          place,
          ({ prepare, replace }) => Effect.all([prepare(old), replace("{}", old)])
        )
        assert.deepStrictEqual(stamps[1], Option.some(stampOf(yield* place.files.stat(file))))
        assert.strictEqual(disk.textOf(file), "{}")
        assert.deepStrictEqual(disk.paths(), [file])
        assert.strictEqual(disk.handles(), 0)
      })
    ))

  it.effect("and is mounted by itself does not grow on the way", () =>
    here((place, disk) =>
      Effect.gen(function*() {
        const lengths: Array<number> = []
        const mounted = withFaults(place, {
          rename: failingCall("rename", "Busy"),
          open: openWith(place.files, ({ writeAll }, path) =>
            path !== file ? {} : {
              writeAll: (bytes) => Effect.zipRight(Effect.sync(() => lengths.push(bytes.length)), writeAll(bytes))
            })
        })
        yield* writeBack.exclusively(
          mounted,
          ({ replace }) => Effect.zipRight(replace("{\"new\": 2}", old), replace("{\"new\": 3}", "{\"new\": 2}"))
        )
        assert.deepStrictEqual(lengths, [10, 10])
        assert.strictEqual(disk.textOf(file), "{\"new\": 3}")
      })
    ))

  it.effect("needs no reserved space that can be removed at the end", () =>
    here((place) =>
      Effect.gen(function*() {
        const denied = withFaults(place, { remove: failingCall("remove", "PermissionDenied") })
        assert.isTrue(Option.isSome(yield* writeBack.exclusively(denied, ({ prepare }) => prepare(old))))
      })
    ))

  it.effect("stays as it is if another process has removed the temporary file", () =>
    here((place, disk) =>
      Effect.gen(function*() {
        const late = withFaults(place, { rename: failingCall("rename", "NotFound") })
        const replace = (before?: string) => writeBack.exclusively(late, ({ replace }) => replace("{}", before))
        assert.isTrue(Option.isNone(yield* replace(old)))
        assert.strictEqual((yield* Effect.flip(replace())).reason, `${file}: cannot be replaced (NotFound)`)
        assert.strictEqual(disk.textOf(file), old)
        assert.deepStrictEqual(disk.paths(), [file])
      })
    ))
})
