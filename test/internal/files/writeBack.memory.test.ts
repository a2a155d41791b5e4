import { Error as PlatformError, FileSystem, Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option, TestClock } from "effect"
import * as temporaryFile from "../../../src/internal/files/temporaryFile.ts"
import { stampOf } from "../../../src/internal/files/textFile.ts"
import * as writeBack from "../../../src/internal/files/writeBack.ts"
import { elapsed, settle } from "../../support/clock.ts"
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

const lock = `${file}.lock`

const next = "{\"new\": 2}"

const mountedFault = { rename: failingCall("rename", "Busy") }

describe("a file that is replaced", () => {
  it.effect("has the stamp that is returned, and nothing stays open", () =>
    here((place, disk) =>
      Effect.gen(function*() {
        const stamps = yield* writeBack.exclusively(
          place,
          ({ prepare, replace }) => Effect.all([prepare(old), replace("{}", old)])
        )
        assert.deepStrictEqual(Option.getOrUndefined(stamps[1]), stampOf(yield* place.files.stat(file)))
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

describe("a process that lost the lock", () => {
  it.effect.each<[string, Partial<FileSystem.FileSystem>, number]>([
    ["before it writes", {}, 0],
    ["while it writes", {}, 1],
    ["while it reserves space for a mounted file", mountedFault, 2]
  ])("%s changes nothing before it has it again", ([, faults, lost]) =>
    here((place, disk) =>
      Effect.gen(function*() {
        let synced = 0
        const early: Array<string> = []
        const lose = Effect.sync(() => disk.replace(lock, "another"))
        const note = (path: string) => void (disk.textOf(lock) === "another" && path !== lock && early.push(path))
        const open = openWith(place.files, ({ sync }, path) =>
          path.endsWith(".tmp")
            ? { sync: Effect.zipRight(sync, Effect.suspend(() => ++synced === lost ? lose : Effect.void)) }
            : {})
        const files = withFaults(place, {
          rename: (from, to) => Effect.suspend(() => (note(to), (faults.rename ?? place.files.rename)(from, to))),
          open: (path, options) =>
            Effect.suspend(() => {
              if (options?.flag !== undefined && !path.includes(".lock")) note(path)
              return open(path, options)
            })
        })
        const { millis } = yield* elapsed(
          writeBack.exclusively(files, ({ prepare }) => Effect.zipRight(lost === 0 ? lose : Effect.void, prepare(old)))
        )
        assert.deepStrictEqual(early, [])
        assert.isAtLeast(millis, 10_000)
      })
    ))
})

describe("a program that is interrupted", () => {
  const slowly = <A, E>(effect: Effect.Effect<A, E>) => Effect.zipRight(Effect.sleep("1 second"), effect)

  const interrupted = <A, E>(use: Effect.Effect<A, E>) =>
    Effect.gen(function*() {
      const running = yield* Effect.fork(use)
      yield* TestClock.adjust("500 millis")
      const interrupting = yield* Effect.fork(Fiber.interrupt(running))
      yield* settle
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(interrupting)
    })

  it.effect("writes its text to the end", () =>
    here((place, disk) =>
      Effect.gen(function*() {
        const slow = withFaults(place, { rename: (from, to) => slowly(place.files.rename(from, to)) })
        yield* interrupted(writeBack.exclusively(slow, ({ replace }) => replace(next, old)))
        assert.strictEqual(disk.textOf(file), next)
      })
    ))

  it.effect("leaves no reserved space in a mounted file", () =>
    here((place, disk) =>
      Effect.gen(function*() {
        const isReserved = () => (disk.textOf(file) ?? "").length > old.length
        const open = openWith(
          place.files,
          ({ sync }, path) => path === file ? { sync: Effect.suspend(() => isReserved() ? slowly(sync) : sync) } : {}
        )
        const slow = withFaults(place, { ...mountedFault, open })
        yield* interrupted(writeBack.exclusively(slow, ({ prepare }) => prepare(old)))
        assert.strictEqual(disk.textOf(file), old)
        assert.deepStrictEqual(disk.paths(), [file])
      })
    ))

  it.effect("completes the replacement of a process that died", () =>
    here((place, disk) =>
      Effect.gen(function*() {
        disk.replace(temporaryFile.nameFor(place, old), next)
        const slow = withFaults(place, { rename: (from, to) => slowly(place.files.rename(from, to)) })
        yield* interrupted(writeBack.exclusively(slow, () => Effect.void))
        assert.strictEqual(disk.textOf(file), next)
        assert.deepStrictEqual(disk.paths(), [file])
      })
    ))
})

describe("the temporary files", () => {
  it.effect("have a new name for each text that is replaced", () =>
    here((place) =>
      Effect.gen(function*() {
        const renamed: Array<string> = []
        const noting = withFaults(place, {
          rename: (from, to) => Effect.suspend(() => (renamed.push(from), place.files.rename(from, to)))
        })
        yield* writeBack.exclusively(
          noting,
          ({ prepare, replace }) => Effect.all([prepare(old), replace(next, old), replace("{}", next)])
        )
        assert.strictEqual(new Set(renamed).size, 3)
      })
    ))

  it.effect("are one if the file was changed, without space for another text", () =>
    here((place) =>
      Effect.gen(function*() {
        const created: Array<string> = []
        const noting = withFaults(place, {
          open: (path, options) =>
            Effect.suspend(() => {
              if (path.endsWith(".tmp")) created.push(path)
              return place.files.open(path, options)
            })
        })
        yield* writeBack.exclusively(noting, ({ prepare }) => prepare("{}"))
        assert.lengthOf(created, 1)
      })
    ))

  it.effect("are no concern of who changes nothing", () =>
    here((place) =>
      Effect.gen(function*() {
        const removed: Array<string> = []
        const noting = withFaults(place, {
          remove: (path) => Effect.suspend(() => (removed.push(path), place.files.remove(path)))
        })
        yield* writeBack.exclusively(noting, () => Effect.void)
        assert.deepStrictEqual(removed, [lock])
      })
    ))

  it.effect("of dead processes are of no importance where the folder cannot be listed", () =>
    here((place) =>
      Effect.gen(function*() {
        const denied = withFaults(place, { readDirectory: failingCall("readDirectory", "PermissionDenied") })
        assert.strictEqual(yield* writeBack.exclusively(denied, () => Effect.succeed("done")), "done")
      })
    ))

  it.effect("are completed even if one before cannot be read", () =>
    here((place, disk) =>
      Effect.gen(function*() {
        const [broken, whole] = [temporaryFile.nameFor(place, old), temporaryFile.nameFor(place, old)]
        disk.replace(broken, "{}")
        disk.replace(whole, next)
        const denied = withFaults(place, {
          readFile: (path) =>
            path === broken ? failingCall("readFile", "PermissionDenied")(path) : place.files.readFile(path)
        })
        yield* writeBack.exclusively(denied, () => Effect.void)
        assert.strictEqual(disk.textOf(file), next)
      })
    ))

  it.effect("replace no whole text that begins in the same way", () =>
    here((place, disk) =>
      Effect.gen(function*() {
        disk.replace(temporaryFile.nameFor(place, "another"), old)
        disk.replace(file, `${old} // edited`)
        yield* writeBack.exclusively(place, () => Effect.void)
        assert.strictEqual(disk.textOf(file), `${old} // edited`)
      })
    ))
})

describe("a file that is mounted by itself", () => {
  it.effect("may also be on another device than its folder", () =>
    here((place, disk) =>
      Effect.gen(function*() {
        const error = new PlatformError.SystemError({
          module: "FileSystem",
          method: "rename",
          reason: "Unknown",
          pathOrDescriptor: file,
          cause: Object.assign(new Error("across devices"), { code: "EXDEV" })
        })
        const other = withFaults(place, { rename: () => Effect.fail(error) })
        yield* writeBack.exclusively(other, ({ replace }) => replace(next, old))
        assert.strictEqual(disk.textOf(file), next)
      })
    ))

  it.effect("fails to be prepared where there is no space for the next text", () =>
    here((place, disk) =>
      Effect.gen(function*() {
        const full = withFaults(place, {
          ...mountedFault,
          open: openWith(place.files, ({ writeAll }, path) => ({
            writeAll: (bytes) =>
              path === file && bytes.length > old.length ? failingCall("writeAll", "WriteZero")(path) : writeAll(bytes)
          }))
        })
        const error = yield* Effect.flip(writeBack.exclusively(full, ({ prepare }) => prepare(old)))
        assert.strictEqual(error.reason, `${file}: cannot be replaced (WriteZero)`)
        assert.strictEqual(disk.textOf(file), old)
      })
    ))
})
