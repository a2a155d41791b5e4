import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Either, Fiber, Option } from "effect"
import * as configFile from "../../../src/internal/profile/configFile.ts"
import * as document from "../../../src/internal/profile/document.ts"
import { eventually } from "../../support/eventually.ts"
import { openWith } from "../../support/faultyFiles.ts"

const noDate: Partial<FileSystem.File.Info> = { mtime: Option.none(), ino: Option.none() }

const opened = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const folder = yield* files.makeTempDirectoryScoped()
  const file = `${folder}/config.json`
  yield* files.writeFileString(file, "0")
  const make = document.make({
    provider: "test",
    paths: [file],
    named: true,
    hint: "",
    parse: Either.right,
    isCutShort: () => false
  })
  return { file, files, make }
})

const to = (text: string): document.Edit<string> => () => Either.right(text)

const withFiles = Effect.provide(NodeContext.layer)

describe("a document", () => {
  it.scopedLive("is not changed by another fiber while one holds its lock", () =>
    Effect.gen(function*() {
      const { file, files, make } = yield* opened
      let attempts = 0
      const counting: FileSystem.FileSystem = {
        ...files,
        open: (path, options) =>
          Effect.suspend(() => {
            if (path.endsWith(".lock")) attempts += 1
            return files.open(path, options)
          })
      }
      const { exclusively, update } = yield* Effect.provideService(make, FileSystem.FileSystem, counting)
      const held = yield* Deferred.make<void>()
      const release = yield* Deferred.make<void>()
      const order: Array<string> = []
      const writing = (text: string) =>
        Effect.map(update(to(text)), (version) => {
          order.push(version.text)
        })
      const holder = yield* Effect.fork(exclusively(Effect.gen(function*() {
        yield* Deferred.succeed(held, undefined)
        yield* Deferred.await(release)
        yield* writing("1")
      })))
      yield* Deferred.await(held)
      const other = yield* Effect.fork(writing("2"))
      yield* eventually(Effect.sync(() => assert.isAtLeast(attempts + order.length, 2)))
      yield* Deferred.succeed(release, undefined)
      yield* Fiber.joinAll([holder, other])
      assert.deepStrictEqual(order, ["1", "2"])
      assert.strictEqual(yield* files.readFileString(file), "2")
    }).pipe(withFiles))

  it.scopedLive("may be held again by the fiber that holds it", () =>
    Effect.gen(function*() {
      const { file, files, make } = yield* opened
      const { exclusively, update } = yield* make
      yield* exclusively(exclusively(update(to("1"))))
      yield* update(to("2"))
      assert.strictEqual(yield* files.readFileString(file), "2")
    }).pipe(withFiles))

  it.scopedLive("has a newest version even if the file system gives a stamp twice", () =>
    Effect.gen(function*() {
      const { file, files, make } = yield* opened
      const stampless: FileSystem.FileSystem = {
        ...files,
        stat: (path) => Effect.map(files.stat(path), (info) => ({ ...info, ...noDate })),
        open: openWith(files, ({ stat }) => ({ stat: Effect.map(stat, (info) => ({ ...info, ...noDate })) }))
      }
      const { newest, read, update } = yield* Effect.provideService(make, FileSystem.FileSystem, stampless)
      const first = yield* read
      yield* update(to("1"))
      assert.strictEqual(newest(first).text, "1")
      const longer = yield* update(to("22"))
      assert.strictEqual(newest(first).text, "22")
      yield* update(to("3"))
      assert.strictEqual(newest(longer).text, "3")
      assert.strictEqual(yield* files.readFileString(file), "3")
    }).pipe(withFiles))

  it.scopedLive("is read anew if it was changed twice within one unit of the time of the file system", () =>
    Effect.gen(function*() {
      const { file, files, make } = yield* opened
      const steps = 2000
      const coarse = (info: FileSystem.File.Info): FileSystem.File.Info => ({
        ...info,
        mtime: Option.map(info.mtime, (time) => new Date(Math.floor(time.getTime() / steps) * steps)),
        ino: Option.none()
      })
      const old: FileSystem.FileSystem = {
        ...files,
        stat: (path) => Effect.map(files.stat(path), coarse),
        open: openWith(files, ({ stat }) => ({ stat: Effect.map(stat, coarse) }))
      }
      const { read, update } = yield* Effect.provideService(make, FileSystem.FileSystem, old)
      for (const text of ["1", "2", "3"]) {
        yield* files.writeFileString(file, text)
        assert.strictEqual((yield* read).text, text)
      }
      yield* update(to("4"))
      yield* files.writeFileString(file, "5")
      assert.strictEqual((yield* read).text, "5")
    }).pipe(withFiles))

  it.scopedLive("of 16 MiB is changed in one profile, and in no other byte", () =>
    Effect.gen(function*() {
      const { file, files } = yield* opened
      const profile = (index: number) =>
        `\t\t{"name": "client${index}", "mode":"OAuth", "x": 12345678901234567890, "oauth_refresh_token": "${
          "t".repeat(930)
        }"}`
      const text = `{"current": "client0",\r\n\t"profiles": [\n${
        Array.from({ length: 16_000 }, (_, index) => profile(index)).join(",\n")
      }\n]}\n`
      assert.isAbove(text.length, 15.5 * 1024 * 1024)
      yield* files.writeFileString(file, text)
      const { update } = yield* document.make({
        provider: "test",
        paths: [file],
        named: true,
        hint: "",
        parse: configFile.parse,
        isCutShort: configFile.isCutShort
      })
      yield* update((version) =>
        Either.right(Either.match(configFile.pick(version.content, "client15999"), {
          onLeft: () => "",
          onRight: (found) =>
            configFile.withStored(version.text, found, { oauth_refresh_token: "new", sts_token: "more" }) ?? ""
        }))
      )
      const changed = profile(15_999).replace(/"t+"/, "\"new\", \"sts_token\": \"more\"")
      assert.isTrue((yield* files.readFileString(file)) === text.replace(profile(15_999), () => changed))
    }).pipe(withFiles), 60_000)

  it.scopedLive("gives no lock to a fiber that lives longer than its holder", () =>
    Effect.gen(function*() {
      const { file, files, make } = yield* opened
      const { exclusively, update } = yield* make
      const isOver = yield* Deferred.make<void>()
      const late = yield* exclusively(Effect.forkDaemon(Effect.zipRight(Deferred.await(isOver), update(to("late")))))
      yield* exclusively(Effect.gen(function*() {
        yield* Deferred.succeed(isOver, undefined)
        yield* Effect.sleep("100 millis")
        assert.strictEqual(yield* Effect.orDie(files.readFileString(file)), "0")
      }))
      yield* Fiber.join(late)
      assert.strictEqual(yield* files.readFileString(file), "late")
    }).pipe(withFiles))

  it.scopedLive("cannot be prepared for a login that would make it too long to be read", () =>
    Effect.gen(function*() {
      const { file, files, make } = yield* opened
      const { exclusively, prepare } = yield* make
      yield* files.writeFileString(file, "x".repeat(16 * 1024 * 1024 - 100))
      const error = yield* Effect.flip(exclusively(prepare))
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assert.include(error.message, "so close to 16 MiB that no login can be stored in it")
    }).pipe(withFiles))

  it.scopedLive.runIf(process.platform !== "win32")(
    "that is a link to itself is misconfigured",
    () =>
      Effect.gen(function*() {
        const { file, files, make } = yield* opened
        const { read } = yield* make
        yield* files.remove(file)
        yield* files.symlink(file, file)
        assert.include((yield* Effect.flip(read)).message, "links that lead to each other")
      }).pipe(withFiles)
  )
})
