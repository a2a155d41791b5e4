import { FileSystem, Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import * as temporaryFile from "../../../src/internal/files/temporaryFile.ts"
import { stampOf } from "../../../src/internal/files/textFile.ts"
import { type Disk, openDisk } from "../../support/disk.ts"
import { failingCall, openWith } from "../../support/faultyFiles.ts"

const file = "/home/config.json"

const uuid = "01234567-89ab-cdef-0123-456789abcdef"

const digest = "0123456789abcdef0123456789abcdef"

const here = <A, E>(
  use: (target: temporaryFile.Target, disk: Disk) => Effect.Effect<A, E>,
  files: Readonly<Record<string, string>> = {}
) => {
  const disk = openDisk({ files: { [file]: "old", ...files }, modes: {}, readOnly: false, unreadable: [] })
  return Effect.gen(function*() {
    return yield* use({ file, files: yield* FileSystem.FileSystem, path: yield* Path.Path }, disk)
  }).pipe(Effect.provide(Layer.merge(disk.layer, Path.layer)))
}

describe("the name of a temporary file", () => {
  it.effect("says beside which file it belongs, and which text it replaces", () =>
    here((target, disk) =>
      Effect.gen(function*() {
        const [ofNone, ofOld] = [temporaryFile.nameFor(target, undefined), temporaryFile.nameFor(target, "old")]
        assert.match(ofNone, /^\/home\/\.config\.json\.\.[\da-f-]{36}\.tmp$/)
        assert.match(ofOld, /^\/home\/\.config\.json\.[\da-f]{32}\.[\da-f-]{36}\.tmp$/)
        for (const name of [ofNone, ofOld]) disk.replace(name, "new")
        const found = yield* temporaryFile.leftOvers(target)
        assert.deepStrictEqual(
          found.map(({ isMadeOf, path }) => [path, isMadeOf("old"), isMadeOf("another")]),
          [[ofNone, false, false], [ofOld, true, false]]
        )
      })
    ))

  it.effect("is that of no other file", () =>
    here((target) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(
          (yield* temporaryFile.leftOvers(target)).map(({ path }) => path),
          [`/home/.config.json.${digest}.${uuid}.tmp`]
        )
      }), {
      [`/home/.config.json.${digest}.${uuid}.tmp`]: "ours",
      [`/home/.secret.json.${digest}.${uuid}.tmp`]: "of a file with a name of the same length",
      [`/home/.config.json.backup.${uuid}.tmp`]: "of another program",
      [`/home/.config.json..${uuid}.tmp.bak`]: "of another program",
      [`/home/.config.json.${uuid}.tmp`]: "of another program",
      "/home/.config.json.draft.tmp": "of an editor"
    }))
})

describe("a temporary file", () => {
  const place = { path: "/home/new.tmp", isThere: false }

  it.effect("has the text and the stamp of before its rename, and is closed", () =>
    here((target, disk) =>
      Effect.gen(function*() {
        const written = yield* temporaryFile.write(target, place, "new ü")
        assert.deepStrictEqual(written, { path: place.path, stamp: stampOf(yield* target.files.stat(place.path)) })
        assert.strictEqual(disk.textOf(place.path), "new ü")
        assert.strictEqual(disk.handles(), 0)
      })
    ))

  it.effect("is created if another process has removed the one with the reserved space", () =>
    here((target, disk) =>
      Effect.gen(function*() {
        yield* temporaryFile.write(target, { ...place, isThere: true }, "new")
        assert.strictEqual(disk.textOf(place.path), "new")
      })
    ))

  const ids = (uid: number, gid: number) => ({ uid: Option.some(uid), gid: Option.some(gid) })
  const nobody = { uid: Option.none<number>(), gid: Option.none<number>() }

  it.effect.each<
    [string, ReturnType<typeof ids> | typeof nobody, ReturnType<typeof ids>, ReadonlyArray<string>, boolean]
  >([
    ["stays with this user, who owns the file", ids(1, 2), ids(1, 2), [], true],
    ["is given to the owner of the file, or not written", ids(1, 2), ids(3, 2), ["1:2"], false],
    ["is given to the group of the file, if that is allowed", ids(1, 2), ids(1, 4), ["1:2"], true],
    ["stays with this user where files have no owner", nobody, ids(3, 4), [], true]
  ])("%s", ([, wanted, ours, expected, isWritten]) =>
    here(({ file, files, path }) =>
      Effect.gen(function*() {
        const changes: Array<string> = []
        const owned: FileSystem.FileSystem = {
          ...files,
          stat: (path) => Effect.map(files.stat(path), (info) => ({ ...info, ...wanted })),
          open: openWith(files, ({ stat }) => ({ stat: Effect.map(stat, (info) => ({ ...info, ...ours })) })),
          chown: (path, uid, gid) =>
            Effect.suspend(() => {
              changes.push(`${uid}:${gid}`)
              return failingCall("chown", "PermissionDenied")(path)
            })
        }
        const result = yield* Effect.either(temporaryFile.write({ file, files: owned, path }, place, "new"))
        assert.deepStrictEqual(changes, expected)
        assert.strictEqual(result._tag === "Right", isWritten)
      })
    ))
})
