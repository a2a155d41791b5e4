import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Either, Fiber, Option } from "effect"
import * as Document from "../../../src/internal/profile/document.ts"

const documentAt = (file: string) =>
  Document.make({
    provider: "test",
    paths: [file],
    named: true,
    hint: "",
    parse: Either.right<string>,
    isCutShort: () => false
  })

const here = <A, E, R>(use: (file: string) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const file = `${yield* files.makeTempDirectoryScoped()}/config.json`
    yield* files.writeFileString(file, "text")
    return yield* use(file)
  })).pipe(Effect.provide(NodeContext.layer))

const append = (letter: string) => ({ text }: Document.Version<string>) => Either.right(`${text}${letter}`)

describe("newest", () => {
  /** The file system says that the file was changed at these times, one after the other. */
  const stamped = (times: ReadonlyArray<number>) =>
    Effect.map(FileSystem.FileSystem, (files): FileSystem.FileSystem => {
      let changes = 0
      const time = () => new Date(times[Math.min(changes, times.length - 1)] ?? 0)
      const stampedInfo = (info: FileSystem.File.Info): FileSystem.File.Info => ({
        ...info,
        mtime: Option.some(time()),
        ino: Option.none(),
        size: FileSystem.Size(5)
      })
      return {
        ...files,
        stat: (path) => Effect.map(files.stat(path), stampedInfo),
        rename: (from, to) => Effect.tap(files.rename(from, to), () => void changes++),
        open: (path, options) =>
          Effect.map(files.open(path, options), (file) =>
            new Proxy(file, {
              get: (target, name) => {
                if (name === "stat") {
                  const next = Effect.suspend(() => {
                    changes++
                    return Effect.ensuring(Effect.map(target.stat, stampedInfo), Effect.sync(() => void changes--))
                  })
                  return next
                }
                const member = Reflect.get(target, name, target) as unknown
                return typeof member === "function" ? member.bind(target) : member
              }
            }))
      }
    })

  it.live.each<[string, ReadonlyArray<number>]>([
    ["keep theirs", [1, 1, 1, 1]],
    ["get an earlier one again", [1, 2, 1, 2, 1]],
    ["get another each time", [1, 2, 3, 4, 5]]
  ])("ends where changes %s", ([, times]) =>
    here((file) =>
      Effect.gen(function*() {
        const files = yield* stamped(times)
        const document = yield* Effect.provideService(documentAt(file), FileSystem.FileSystem, files)
        const versions = [yield* document.read]
        for (const letter of ["a", "b", "c"]) versions.push(yield* document.update(append(letter)))
        for (const version of versions) {
          assert.include(versions.map(({ text }) => text), document.newest(version).text)
        }
        const last = versions.at(-1)
        assert.strictEqual(last?.text, "textabc")
        if (last !== undefined) assert.strictEqual(document.newest(last), last)
      })
    ))
})

describe("exclusively", () => {
  it.live("makes the updates of other fibers wait", () =>
    here((file) =>
      Effect.gen(function*() {
        const document = yield* documentAt(file)
        const isHeld = yield* Deferred.make<void>()
        const letGo = yield* Deferred.make<void>()
        const holding = yield* Effect.fork(
          document.exclusively(Effect.gen(function*() {
            yield* Deferred.succeed(isHeld, undefined)
            yield* Deferred.await(letGo)
            return yield* document.update(append(" of the holder"))
          }))
        )
        yield* Deferred.await(isHeld)
        const waiting = yield* Effect.fork(document.update(append(" of another")))
        yield* Effect.sleep("200 millis")
        assert.isNull(waiting.unsafePoll())
        yield* Deferred.succeed(letGo, undefined)
        yield* Fiber.join(holding)
        assert.strictEqual((yield* Fiber.join(waiting)).text, "text of the holder of another")
      })
    ))

  it.live("is no obstacle to itself", () =>
    here((file) =>
      Effect.gen(function*() {
        const document = yield* documentAt(file)
        const inner = document.exclusively(document.update(append(" once")))
        assert.strictEqual((yield* document.exclusively(inner)).text, "text once")
      })
    ))

  it.live("gives no lock to a fiber that lives longer", () =>
    here((file) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const document = yield* documentAt(file)
        const isOver = yield* Deferred.make<void>()
        const late = yield* document.exclusively(
          Effect.forkDaemon(Effect.zipRight(Deferred.await(isOver), document.update(append(" late"))))
        )
        yield* document.exclusively(Effect.gen(function*() {
          yield* Deferred.succeed(isOver, undefined)
          yield* Effect.sleep("100 millis")
          assert.strictEqual(yield* Effect.orDie(files.readFileString(file)), "text")
        }))
        assert.strictEqual((yield* Fiber.join(late)).text, "text late")
      })
    ))
})
