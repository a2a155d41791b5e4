import { type Error as PlatformError, FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Fiber, Layer, Option, Redacted, TestClock, TestServices } from "effect"
import { CredentialProvider, SessionStore, SharedSession } from "effect-alicloud-credentials"
import { execFileSync } from "node:child_process"
import { scripts } from "../../src/internal/sharing/redis.ts"
import { elapsed, hour } from "../support/clock.ts"
import { idOf, session } from "../support/credentials.ts"
import { type FakeRedis, fakeRedis } from "../support/fakeRedis.ts"
import { logs, quiet } from "../support/logs.ts"
import { connectIoredis, connectNodeRedis } from "../support/redisClients.ts"
import { hasRedis, redisServer } from "../support/redisServer.ts"

const open = <R>(layer: Layer.Layer<SessionStore.SessionStore, never, R>) =>
  Effect.map(Layer.build(layer), (context) => Context.get(context, SessionStore.SessionStore))

const seconds = Duration.seconds

const life = (owner: string, timeToLive = Duration.hours(1)) => ({ owner, timeToLive })

const oddNames = ["app", "../../etc/passwd", "", "a/b", "é\n\u0000", "{x}", "}", "x".repeat(1000)]

/** What holds for every store. `pass` lets a lease expire. */
const behavior = <R>(
  title: string,
  layer: (use: (store: SessionStore.Service) => Effect.Effect<void, SessionStore.SessionStoreError>) => Effect.Effect<
    void,
    unknown,
    R
  >,
  pass: (time: Duration.Duration) => Effect.Effect<void>,
  test: (title: string, run: Effect.Effect<void, unknown, R>) => void
) => {
  const check = (
    what: string,
    use: (store: SessionStore.Service) => Effect.Effect<void, SessionStore.SessionStoreError>
  ) => test(`${title}: ${what}`, layer(use))

  check("has nothing before it is written", (store) =>
    Effect.gen(function*() {
      assert.isUndefined(Option.getOrUndefined(yield* store.read("app")))
    }))

  check("is written by the owner of the lease only", (store) =>
    Effect.gen(function*() {
      assert.isFalse(yield* store.write("app", "early", life("one")))
      assert.isTrue(yield* store.acquire("app", "one", seconds(10)))
      assert.isFalse(yield* store.acquire("app", "two", seconds(10)))
      assert.isFalse(yield* store.write("app", "theirs", life("two")))
      assert.isTrue(yield* store.write("app", "first", life("one")))
      assert.deepStrictEqual(Option.getOrUndefined(yield* store.read("app")), "first")
      yield* store.release("app", "two")
      assert.isTrue(yield* store.write("app", "second", life("one")))
      yield* store.release("app", "one")
      assert.isFalse(yield* store.write("app", "third", life("one")))
      assert.deepStrictEqual(Option.getOrUndefined(yield* store.read("app")), "second")
    }))

  check("lets the owner extend its lease, and others take it once it has expired", (store) =>
    Effect.gen(function*() {
      assert.isTrue(yield* store.acquire("app", "one", Duration.millis(600)))
      assert.isTrue(yield* store.acquire("app", "one", Duration.minutes(1)))
      yield* pass(Duration.millis(700))
      assert.isFalse(yield* store.acquire("app", "two", Duration.millis(600)))
      yield* store.release("app", "one")
      assert.isTrue(yield* store.acquire("app", "two", Duration.millis(600)))
      yield* pass(Duration.millis(700))
      assert.isTrue(yield* store.acquire("app", "one", seconds(10)))
      assert.isFalse(yield* store.write("app", "late", life("two")))
    }))

  check("keeps names apart, whatever is in them", (store) =>
    Effect.gen(function*() {
      for (const name of oddNames) {
        assert.isTrue(yield* store.acquire(name, "one", Duration.minutes(1)))
        assert.isTrue(yield* store.write(name, `text of ${name}`, life("one")))
      }
      for (const name of oddNames) {
        assert.deepStrictEqual(Option.getOrUndefined(yield* store.read(name)), `text of ${name}`)
      }
    }))
}

const advance = (time: Duration.Duration) => TestClock.adjust(time)

behavior(
  "SessionStore.layerMemory",
  (use) => Effect.flatMap(open(SessionStore.layerMemory), use),
  advance,
  (title, run) => it.scoped(title, () => run)
)

const withFolder = <A, E, R>(use: (folder: string, files: FileSystem.FileSystem) => Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const parent = yield* files.makeTempDirectoryScoped()
    return yield* use(`${parent}/sessions`, files)
  }).pipe(Effect.provide(NodeContext.layer))

const isRoot = process.getuid?.() === 0

const openRedis = (options: Parameters<typeof SessionStore.layerRedis>[0]) => open(SessionStore.layerRedis(options))

const openFolder = (folder: string) => open(SessionStore.layerFolder({ folder }).pipe(Layer.provide(NodeContext.layer)))

behavior(
  "SessionStore.layerFolder",
  (use) => withFolder((folder) => Effect.flatMap(openFolder(folder), use)),
  advance,
  (title, run) => it.scoped(title, () => run)
)

describe("SessionStore.layerFolder", () => {
  const acquire = (store: SessionStore.Service) => store.acquire("app", "one", seconds(10))

  it.scoped("makes a folder and files that only their owner can read, and leaves no other file", () =>
    withFolder((folder, files) =>
      Effect.gen(function*() {
        const store = yield* openFolder(`${folder}/`)
        for (const name of oddNames) {
          yield* store.acquire(name, "one", seconds(10))
          yield* store.write(name, "text", life("one"))
        }
        assert.strictEqual((yield* files.stat(folder)).mode & 0o777, 0o700)
        const names = yield* files.readDirectory(folder)
        assert.lengthOf(names, oddNames.length)
        for (const name of names) {
          assert.match(name, /^[\da-f]{64}\.json$/)
          assert.strictEqual((yield* files.stat(`${folder}/${name}`)).mode & 0o777, 0o600)
        }
      })
    ))

  it.scoped("refuses a folder that others can write, and says how to fix it", () =>
    withFolder((folder, files) =>
      Effect.gen(function*() {
        const store = yield* openFolder(folder)
        yield* files.makeDirectory(folder)
        for (const mode of [0o770, 0o707, 0o777]) {
          yield* files.chmod(folder, mode)
          for (const command of [Effect.asVoid(acquire(store)), Effect.asVoid(store.read("app"))]) {
            const { hint, message, reason } = yield* Effect.flip(command)
            assert.strictEqual(reason, `others can write the folder ${folder}`)
            assert.strictEqual(hint, `run chmod 700 ${folder}`)
            assert.strictEqual(message, `session store: ${reason}; fix: ${hint}`)
          }
        }
        yield* files.chmod(folder, 0o755)
        assert.isTrue(yield* acquire(store))
      })
    ))

  for (
    const [folder, reason] of [["", "is empty"], ["~/x", "not expanded"], [
      "$XDG_RUNTIME_DIR/x",
      "not expanded"
    ]] as const
  ) {
    it.scoped(`refuses ${JSON.stringify(folder)}, which was meant in another way`, () =>
      Effect.gen(function*() {
        const store = yield* openFolder(folder)
        for (const command of [acquire(store), store.read("app"), store.release("app", "one")]) {
          assert.include((yield* Effect.flip<unknown, SessionStore.SessionStoreError, never>(command)).reason, reason)
        }
      }))
  }

  it.scoped("refuses a symbolic link, and what is not a folder", () =>
    withFolder((folder, files) =>
      Effect.gen(function*() {
        yield* files.makeDirectory(`${folder}-real`, { mode: 0o700 })
        yield* files.symlink(`${folder}-real`, folder)
        const store = yield* openFolder(`${folder}/`)
        assert.strictEqual((yield* Effect.flip(acquire(store))).reason, `${folder} is a symbolic link`)
        assert.strictEqual((yield* Effect.flip(store.read("app"))).reason, `${folder} is a symbolic link`)
        yield* files.remove(folder)
        yield* files.writeFileString(folder, "")
        assert.strictEqual((yield* Effect.flip(acquire(store))).reason, `${folder} is not a folder`)
        assert.deepStrictEqual(yield* files.readDirectory(`${folder}-real`), [])
      })
    ))

  it.scoped("is not stopped by a lease from the future, after the clock was set back", () =>
    withFolder((folder) =>
      Effect.gen(function*() {
        const store = yield* openFolder(folder)
        yield* TestClock.setTime(24 * hour)
        assert.isTrue(yield* store.acquire("app", "one", seconds(10)))
        yield* TestClock.setTime(24 * hour - 5000)
        assert.isFalse(yield* store.acquire("app", "two", seconds(10)))
        yield* TestClock.setTime(0)
        assert.isTrue(yield* store.acquire("app", "two", seconds(10)))
      })
    ))

  it.scoped("replaces a file that is damaged", () =>
    withFolder((folder, files) =>
      Effect.gen(function*() {
        const store = yield* openFolder(folder)
        yield* acquire(store)
        const [name = ""] = yield* files.readDirectory(folder)
        for (const text of ["", "{", "null", "{\"lease\":1}", "{\"text\":[]}"]) {
          yield* files.writeFileString(`${folder}/${name}`, text)
          assert.isUndefined(Option.getOrUndefined(yield* store.read("app")))
          assert.isTrue(yield* acquire(store))
          assert.isTrue(yield* store.write("app", "text", life("one")))
          assert.deepStrictEqual(Option.getOrUndefined(yield* store.read("app")), "text")
        }
      })
    ))

  it.scoped("neither follows nor reads what others put into the folder while they could", () =>
    withFolder((folder, files) =>
      Effect.gen(function*() {
        const store = yield* openFolder(folder)
        yield* acquire(store)
        const [name = ""] = yield* files.readDirectory(folder)
        const file = `${folder}/${name}`
        const victim = `${folder}-victim`
        const planted = JSON.stringify({ text: "planted" })
        const plants: Readonly<Record<string, Effect.Effect<void, PlatformError.PlatformError>>> = {
          "a symbolic link": files.symlink(victim, file),
          "a symbolic link to nothing": files.symlink(`${victim}-none`, file),
          "a hard link": files.link(victim, file),
          "a file that others can read": files.writeFileString(file, planted, { mode: 0o644 }),
          "a file of another user": Effect.zipRight(
            files.writeFileString(file, planted, { mode: 0o600 }),
            isRoot ? files.chown(file, 12345, 12345) : files.chmod(file, 0o604)
          ),
          "a file that is too large": Effect.zipRight(
            files.writeFileString(file, planted, { mode: 0o600 }),
            files.truncate(file, 17 * 1024 * 1024)
          ),
          "a pipe": Effect.sync(() => void execFileSync("mkfifo", ["-m", "600", file]))
        }
        for (const [what, plant] of Object.entries(plants)) {
          yield* Effect.ignore(files.remove(file))
          yield* files.writeFileString(victim, planted, { mode: 0o600 })
          yield* plant
          assert.isUndefined(Option.getOrUndefined(yield* store.read("app")), what)
          assert.isTrue(yield* acquire(store), what)
          assert.isTrue(yield* store.write("app", "text", life("one")), what)
          assert.deepStrictEqual(Option.getOrUndefined(yield* store.read("app")), "text", what)
          const { mode, type } = yield* files.stat(file)
          assert.deepStrictEqual([type, mode & 0o777], ["File", 0o600], what)
          assert.isTrue(Option.isNone(yield* Effect.option(files.readLink(file))), what)
          assert.strictEqual(yield* files.readFileString(victim), planted, what)
        }
        assert.isFalse(yield* files.exists(`${victim}-none`))
      })
    ))

  it.scoped("fails where modes cannot be set", () =>
    withFolder((folder, files) =>
      Effect.gen(function*() {
        const stat: FileSystem.FileSystem["stat"] = (path) =>
          Effect.map(files.stat(path), (info) => info.type === "File" ? { ...info, mode: 0o100755 } : info)
        const store = yield* open(
          SessionStore.layerFolder({ folder }).pipe(
            Layer.provide(Layer.succeed(FileSystem.FileSystem, { ...files, stat })),
            Layer.provide(NodeContext.layer)
          )
        )
        assert.include((yield* Effect.flip(acquire(store))).reason, "cannot be kept from other users")
      })
    ))

  it.scoped("refuses a folder of another user, who could replace the sessions in it", () =>
    withFolder((folder, files) =>
      Effect.gen(function*() {
        yield* files.makeDirectory(folder, { mode: 0o700 })
        const stat: FileSystem.FileSystem["stat"] = (path) =>
          Effect.map(files.stat(path), (info) => path === folder ? { ...info, uid: Option.some(12345) } : info)
        const store = yield* open(
          SessionStore.layerFolder({ folder }).pipe(
            Layer.provide(Layer.succeed(FileSystem.FileSystem, { ...files, stat })),
            Layer.provide(NodeContext.layer)
          )
        )
        for (const command of [Effect.asVoid(acquire(store)), Effect.asVoid(store.read("app"))]) {
          assert.strictEqual((yield* Effect.flip(command)).reason, `the folder ${folder} belongs to another user`)
        }
        assert.deepStrictEqual(yield* files.readDirectory(folder), [])
      })
    ))

  it.scoped("removes files that were not used for two days, and only its own", () =>
    withFolder((folder, files) =>
      Effect.gen(function*() {
        const store = yield* openFolder(folder)
        const now = 100 * 24 * hour
        yield* TestClock.setTime(now)
        yield* acquire(store)
        const [name = ""] = yield* files.readDirectory(folder)
        const own = [
          name,
          `${name}.lock`,
          `.${name}.${crypto.randomUUID()}.tmp`,
          `.${crypto.randomUUID()}.owner`
        ]
        const foreign = ["notes.json", ".profile", `${name}x`]
        for (const each of [...own, ...foreign]) {
          yield* files.writeFileString(`${folder}/${each}`, "{}")
          yield* files.utimes(`${folder}/${each}`, (now - 47 * hour) / 1000, (now - 47 * hour) / 1000)
        }
        yield* store.acquire("second", "one", seconds(10))
        assert.lengthOf(yield* files.readDirectory(folder), 8)
        yield* TestClock.setTime(now + 2 * hour)
        yield* store.acquire("third", "one", seconds(10))
        const left = yield* files.readDirectory(folder)
        assert.includeMembers(left, foreign)
        assert.notInclude(left, name)
        assert.lengthOf(left, 5)
      })
    ))

  it.scoped("fails with the path if the folder cannot be made", () =>
    withFolder((folder, files) =>
      Effect.gen(function*() {
        yield* files.writeFileString(folder, "")
        const error = yield* Effect.flip(Effect.flatMap(openFolder(`${folder}/below`), acquire))
        assert.include(error.message, `${folder}/below`)
      })
    ))
})

/** A store over a fake of Redis, whose time is the test clock. */
const overFake = Effect.gen(function*() {
  const clock = yield* Effect.clock
  const redis: FakeRedis = fakeRedis(() => clock.unsafeCurrentTimeMillis())
  const store = yield* openRedis({ client: { command: redis.command }, prefix: "test:" })
  return { redis, store }
})

behavior(
  "SessionStore.layerRedis",
  (use) => Effect.flatMap(overFake, ({ store }) => use(store)),
  advance,
  (title, run) => it.scoped(title, () => run)
)

describe("SessionStore.layerRedis", () => {
  it.scoped("has both keys in one slot, and lets them expire", () =>
    Effect.gen(function*() {
      const { redis, store } = yield* overFake
      yield* store.acquire("app", "one", seconds(10))
      yield* store.write("app", "text", life("one", seconds(20)))
      assert.deepStrictEqual(redis.keys(), ["test:{app}", "test:{app}:lease"])
      yield* TestClock.adjust("15 seconds")
      assert.deepStrictEqual(redis.keys(), ["test:{app}"])
      yield* TestClock.adjust("15 seconds")
      assert.deepStrictEqual(redis.keys(), [])
      assert.isUndefined(Option.getOrUndefined(yield* store.read("app")))
    }))

  it.scoped("takes effects and answers of bytes", () =>
    Effect.gen(function*() {
      const redis = fakeRedis(() => 0)
      const client: SessionStore.RedisClient = {
        command: (args) =>
          Effect.map(Effect.promise(() => redis.command(args)), (answer) =>
            typeof answer === "string" ? new TextEncoder().encode(answer) : answer)
      }
      const store = yield* openRedis({ client })
      assert.isTrue(yield* store.acquire("app", "one", seconds(10)))
      assert.isTrue(yield* store.write("app", "é", life("one")))
      assert.deepStrictEqual(Option.getOrUndefined(yield* store.read("app")), "é")
    }))

  it.scoped("fails without a text of the client, which may quote the session", () =>
    Effect.gen(function*() {
      const commands: Readonly<Record<string, SessionStore.RedisClient["command"]>> = {
        "GET failed (READONLY)": () => Promise.reject(new Error("READONLY secret")),
        "GET failed (ECONNREFUSED)": () => Promise.reject(Object.assign(new Error("secret"), { code: "ECONNREFUSED" })),
        "GET failed": () => {
          throw new Error("secret")
        },
        "GET failed ": () => Effect.die("secret"),
        " GET failed": () => Effect.fail("secret"),
        "GET  failed": () => Promise.reject(undefined)
      }
      for (const [reason, command] of Object.entries(commands)) {
        const store = yield* openRedis({ client: { command } })
        const error = yield* Effect.flip(store.read("app"))
        assert.strictEqual(error.reason, `Redis: ${reason.trim().replace("  ", " ")}`)
        assert.notInclude(JSON.stringify(error), "secret")
      }
    }))

  it.scoped("fails if the client answers with something else than the server", () =>
    Effect.gen(function*() {
      const text = "secret of the client"
      const answers: Readonly<Record<string, unknown>> = {
        "array": [null, text],
        "object": { text, toString: () => text },
        "undefined": undefined,
        "boolean": true,
        "symbol": Symbol(text)
      }
      for (const [type, answer] of Object.entries(answers)) {
        const store = yield* openRedis({ client: { command: async () => answer } })
        const commands = { "GET": store.read("app"), "EVAL": store.acquire("app", "one", seconds(10)) }
        for (const [command, run] of Object.entries(commands)) {
          const error = yield* Effect.flip<unknown, SessionStore.SessionStoreError, never>(run)
          assert.strictEqual(error.reason, `Redis: the answer to ${command} has another type (${type})`)
        }
      }
      const number = yield* openRedis({ client: { command: async () => 1 } })
      assert.include((yield* Effect.flip(number.read("app"))).reason, "(number)")
      assert.isTrue(yield* number.acquire("app", "one", seconds(10)))
    }))

  it.scoped("leaves no lease of a process that no longer waited for it", () =>
    Effect.gen(function*() {
      const clock = yield* Effect.clock
      const redis = fakeRedis(() => clock.unsafeCurrentTimeMillis())
      // One connection: commands are executed in their order, and the acquisition is answered late.
      let last = Promise.resolve<unknown>(undefined)
      const gate = yield* Deferred.make<void>()
      const client: SessionStore.RedisClient = {
        command: (args) => {
          const isLate = args[1] === scripts.acquire
          last = last.then(() => isLate ? Effect.runPromise(Deferred.await(gate)) : undefined).then(() =>
            redis.command(args)
          )
          return last
        }
      }
      const store = yield* openRedis({ client })
      const source = yield* CredentialProvider.make({ name: "test", fetch: Effect.succeed(session("id1", hour)) })
      const keys = [{ id: "a", key: Redacted.make(new Uint8Array(32)) }]
      const provider = yield* SharedSession.make({ source, store, keys, name: "app", settings: {} })
      const { value } = yield* elapsed(provider.get)
      assert.strictEqual(idOf(value), "id1")
      yield* Deferred.succeed(gate, undefined)
      yield* Effect.promise(() => last)
      const sent = redis.received.map(([command, script]) => command === "EVAL" ? script : command)
      assert.deepStrictEqual(sent, ["GET", scripts.acquire, scripts.release])
      assert.deepStrictEqual(redis.keys(), [])
    }).pipe(Effect.provide(quiet)))

  it.scoped("waits for each command for a limited time", () =>
    Effect.gen(function*() {
      const client = { command: () => new Promise<never>(() => {}) }
      const store = yield* openRedis({ client, timeout: "250 millis" })
      const fiber = yield* Effect.fork(Effect.flip(store.read("app")))
      yield* TestClock.adjust("250 millis")
      assert.include((yield* Fiber.join(fiber)).message, "no answer to GET after 250 ms")
    }))

  it.scoped("has only sessions that are encrypted", () =>
    Effect.gen(function*() {
      const { redis, store } = yield* overFake
      const source = yield* CredentialProvider.make({ name: "test", fetch: Effect.succeed(session("id1", hour)) })
      const options = { source, store, name: "app", settings: { role: "secret role" } }
      const refused = yield* Effect.flatMap(SharedSession.make(options), ({ get }) => Effect.flip(get))
      assert.strictEqual(refused._tag, "CredentialsMisconfigured")
      const keys = [{ id: "a", key: Redacted.make(new Uint8Array(32)) }]
      const get = Effect.flatMap(SharedSession.make({ ...options, keys }), ({ get }) => Effect.map(get, idOf))
      assert.strictEqual(yield* get, "id1")
      assert.strictEqual(yield* get, "id1")
      assert.isNotEmpty(redis.received)
      for (const part of ["id1", "secret of", "token of", "secret role"]) {
        assert.notInclude(JSON.stringify(redis.received), part)
      }
    }))

  it.scoped("is left out when it is down, with its reason in one warning", () => {
    const { layer, lines } = logs()
    return Effect.gen(function*() {
      const client = { command: () => Promise.reject(new Error("NOAUTH Authentication required")) }
      const store = yield* openRedis({ client })
      const source = yield* CredentialProvider.make({ name: "test", fetch: Effect.succeed(session("id1", hour)) })
      const keys = [{ id: "a", key: Redacted.make(new Uint8Array(32)) }]
      const provider = yield* SharedSession.make({ source, store, keys, name: "app", settings: {} })
      assert.strictEqual(idOf(yield* provider.get), "id1")
      assert.deepStrictEqual(lines, [
        "WARN the session is not shared with other processes: session store: Redis: GET failed (NOAUTH)"
      ])
    }).pipe(Effect.provide(layer))
  })
})

const realTime = (time: Duration.Duration) => TestServices.provideLive(Effect.sleep(time))

for (const [name, connect] of Object.entries({ ioredis: connectIoredis, "@redis/client": connectNodeRedis })) {
  const open = Effect.gen(function*() {
    const { port } = yield* redisServer
    return yield* openRedis({ client: yield* connect(port) })
  })
  behavior(
    `SessionStore.layerRedis with redis-server and ${name}`,
    (use) => Effect.flatMap(open, use),
    realTime,
    (title, run) => hasRedis ? it.scoped(title, () => run) : it.scoped.skip(title, () => run)
  )
}
