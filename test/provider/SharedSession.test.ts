import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Deferred, Duration, Effect, Fiber, Layer, Option, Redacted, Ref, TestClock } from "effect"
import {
  type CredentialError,
  CredentialProvider,
  Credentials,
  SessionStore,
  SharedSession
} from "effect-alicloud-credentials"
import { hour, settle, whileTimePasses } from "../support/clock.ts"
import { accessKey, idOf, session } from "../support/credentials.ts"
import { logs, quiet } from "../support/logs.ts"
import { unavailable } from "../support/scriptedProvider.ts"

const memory = Effect.map(
  Layer.build(SessionStore.layerMemory),
  (context) => Context.get(context, SessionStore.SessionStore)
)

/** A server whose sessions have numbers and last for an hour. Each process has a cache of its own before it. */
const server = Effect.gen(function*() {
  const count = yield* Ref.make(0)
  const fetch = Effect.gen(function*() {
    const number = yield* Ref.updateAndGet(count, (count) => count + 1)
    return session(`key${number}`, (yield* now) + hour)
  })
  return { count: Ref.get(count), fetch }
})

const now = Effect.clockWith((clock) => clock.currentTimeMillis)

const sourceOf = (fetch: Effect.Effect<Credentials.Credentials, CredentialError.CredentialError>) =>
  CredentialProvider.make({ name: "test", fetch, refresh: { jitter: 0 } })

interface Setup extends Partial<SharedSession.Options> {
  readonly store: SessionStore.Service
  readonly fetch: Effect.Effect<Credentials.Credentials, CredentialError.CredentialError>
}

/** A process: its source and its shared provider. */
const start = ({ fetch, store, ...options }: Setup) =>
  Effect.flatMap(sourceOf(fetch), (source) =>
    SharedSession.make({
      name: "app",
      settings: { role: "reader" },
      refresh: { jitter: 0 },
      ...options,
      source,
      store
    }))

const id = (provider: CredentialProvider.Service) => Effect.map(provider.get, idOf)

/** The names of the entries that are read, and what is in them. */
const watched = (store: SessionStore.Service) => {
  const names = new Set<string>()
  const noted = (name: string): string => {
    names.add(name)
    return name
  }
  return {
    names,
    store: { ...store, read: (name: string) => store.read(noted(name)) }
  }
}

/** Writes a text as another process does. */
const put = (store: SessionStore.Service, name: string, text: string) =>
  Effect.gen(function*() {
    yield* store.acquire(name, "other", Duration.seconds(10))
    yield* store.write(name, text, { owner: "other", timeToLive: Duration.hours(1) })
    yield* store.release(name, "other")
  })

const key = (id: string, byte: number): SharedSession.Key => ({ id, key: Redacted.make(new Uint8Array(32).fill(byte)) })

const failing = (reason: string) => Effect.fail(new SessionStore.SessionStoreError({ reason }))

const throwing = (): never => {
  throw new Error("secret of the store")
}

/** What a store in plain JavaScript may return. */
const untyped = (value: unknown): never => value as never

describe("SharedSession", () => {
  it.scoped("requests one session for all processes and for each life", () =>
    Effect.gen(function*() {
      const { count, fetch } = yield* server
      const store = yield* memory
      const processes = yield* Effect.replicateEffect(start({ store, fetch, refresh: {} }), 8)
      for (let minute = 0; minute < 600; minute += 5) {
        const ids = yield* whileTimePasses(Effect.forEach(processes, id, { concurrency: "unbounded" }))
        yield* settle
        assert.isAtMost(new Set(ids).size, 2)
        yield* TestClock.adjust("5 minutes")
      }
      // Renewed a quarter of an hour before the expiration at the earliest.
      assert.isAtLeast(yield* count, 10)
      assert.isAtMost(yield* count, 14)
    }))

  it.scoped("returns the session of another process at once, with its provider and expiration", () =>
    Effect.gen(function*() {
      const { count, fetch } = yield* server
      const store = yield* memory
      const first = yield* Effect.flatMap(start({ store, fetch }), ({ get }) => get)
      yield* TestClock.adjust("10 minutes")
      const second = yield* Effect.flatMap(start({ store, fetch }), ({ get }) => get)
      assert.deepStrictEqual(second, first)
      assert.strictEqual(yield* count, 1)
    }))

  it.scoped("keeps sessions of other settings and names apart", () =>
    Effect.gen(function*() {
      const { fetch } = yield* server
      const store = yield* memory
      const get = (options: Partial<SharedSession.Options>) => Effect.flatMap(start({ store, fetch, ...options }), id)
      assert.strictEqual(yield* get({ settings: { role: "reader" } }), "key1")
      assert.strictEqual(yield* get({ settings: { role: "writer" } }), "key2")
      assert.strictEqual(yield* get({ settings: { rolereader: "" } }), "key3")
      assert.strictEqual(yield* get({ settings: { role: "reader", policy: "" } }), "key4")
      assert.strictEqual(yield* get({ name: "other" }), "key5")
      assert.strictEqual(yield* get({ settings: { role: "reader" } }), "key1")
      assert.strictEqual(yield* get({ settings: { policy: "", role: "reader" } }), "key4")
    }))

  it.scoped("keeps sessions of other sources apart, also if one is the source of the other", () =>
    Effect.gen(function*() {
      const { count, fetch } = yield* server
      const options = { store: yield* memory, name: "app", settings: {} }
      const inner = yield* SharedSession.make({ ...options, source: yield* sourceOf(fetch) })
      const outer = yield* SharedSession.make({ ...options, source: inner })
      assert.strictEqual(yield* id(outer), "key1")
      const source = yield* CredentialProvider.make({ name: "other", fetch })
      assert.strictEqual(yield* Effect.flatMap(SharedSession.make({ ...options, source }), id), "key2")
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("waits for the process that requests the session", () =>
    Effect.gen(function*() {
      const { count, fetch } = yield* server
      const store = yield* memory
      const processes = yield* Effect.replicateEffect(start({ store, fetch: Effect.delay(fetch, "20 seconds") }), 5)
      const ids = yield* whileTimePasses(Effect.forEach(processes, id, { concurrency: "unbounded" }))
      assert.deepStrictEqual(ids, ["key1", "key1", "key1", "key1", "key1"])
      assert.strictEqual(yield* count, 1)
      assert.isAtMost(yield* now, 23_000)
    }))

  it.scoped("takes over from a process that died with the lease", () =>
    Effect.gen(function*() {
      const { fetch } = yield* server
      const { names, store } = watched(yield* memory)
      yield* Effect.flatMap(start({ store, fetch }), id)
      yield* TestClock.adjust("2 hours")
      yield* store.acquire([...names][0] ?? "", "dead", Duration.seconds(10))
      const from = yield* now
      assert.strictEqual(yield* whileTimePasses(Effect.flatMap(start({ store, fetch }), id)), "key2")
      assert.isAtLeast((yield* now) - from, 10_000)
      assert.isAtMost((yield* now) - from, 13_000)
    }))

  it.scoped("asks the source if another process has the lease for too long", () =>
    Effect.gen(function*() {
      const { fetch } = yield* server
      const store = { ...yield* memory, acquire: () => Effect.succeed(false) }
      assert.strictEqual(yield* whileTimePasses(Effect.flatMap(start({ store, fetch }), id)), "key1")
      assert.isAtLeast(yield* now, 30_000)
      assert.isAtMost(yield* now, 33_000)
    }))

  it.scoped("keeps its session while another process renews, and reads the new one later", () =>
    Effect.gen(function*() {
      const { count, fetch } = yield* server
      const { names, store } = watched(yield* memory)
      const provider = yield* start({ store, fetch })
      yield* provider.get
      yield* TestClock.adjust("50 minutes")
      yield* store.acquire([...names][0] ?? "", "other", Duration.minutes(1))
      assert.strictEqual(yield* id(provider), "key1")
      yield* settle
      assert.strictEqual(yield* id(provider), "key1")
      assert.strictEqual(yield* count, 1)
      yield* store.release([...names][0] ?? "", "other")
      const other = yield* start({ store, fetch })
      yield* other.invalidate(yield* other.get)
      assert.strictEqual(yield* id(other), "key2")
      yield* TestClock.adjust("1 minute")
      yield* provider.get
      yield* settle
      assert.strictEqual(yield* id(provider), "key2")
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("releases the lease when it is interrupted", () =>
    Effect.gen(function*() {
      const { names, store } = watched(yield* memory)
      const scope = Effect.scoped(Effect.flatMap(start({ store, fetch: Effect.never }), id))
      const fiber = yield* Effect.fork(scope)
      yield* settle
      const name = [...names][0] ?? ""
      assert.isFalse(yield* store.acquire(name, "other", Duration.seconds(10)))
      yield* Fiber.interrupt(fiber)
      yield* settle
      assert.isTrue(yield* store.acquire(name, "other", Duration.seconds(10)))
    }))

  it.scoped("releases the lease when the source fails, with the error of the source", () =>
    Effect.gen(function*() {
      const { names, store } = watched(yield* memory)
      const provider = yield* start({ store, fetch: Effect.fail(unavailable("down")) })
      assert.strictEqual((yield* Effect.flip(provider.get)).message, unavailable("down").message)
      assert.isTrue(yield* store.acquire([...names][0] ?? "", "other", Duration.seconds(10)))
    }))

  it.scoped("does not write after another process had the lease meanwhile", () =>
    Effect.gen(function*() {
      const { names, store } = watched(yield* memory)
      const answer = yield* Deferred.make<Credentials.Credentials>()
      // As of a process that is stopped: its lease is not extended until it continues.
      let isStopped = false
      let writes = 0
      const provider = yield* start({
        store: {
          ...store,
          acquire: (...args) => isStopped ? Effect.never : store.acquire(...args),
          write: (...args) => Effect.tap(store.write(...args), () => Effect.sync(() => writes++))
        },
        fetch: Deferred.await(answer)
      })
      const fiber = yield* Effect.fork(id(provider))
      yield* settle
      isStopped = true
      yield* TestClock.adjust("14 seconds")
      const { fetch } = yield* server
      assert.strictEqual(yield* Effect.flatMap(start({ store, fetch }), id), "key1")
      isStopped = false
      yield* TestClock.adjust("14 seconds")
      yield* Deferred.succeed(answer, session("late", (yield* now) + hour))
      assert.strictEqual(yield* Fiber.join(fiber), "late")
      assert.strictEqual(writes, 0)
      const name = [...names][0] ?? ""
      assert.include(Option.getOrThrow(yield* store.read(name)), "\"key1\"")
      assert.isTrue(yield* store.acquire(name, "other", Duration.seconds(10)), "the lease is released")
    }))

  for (const pause of ["0 seconds", "10 seconds"] as const) {
    it.scoped(`does not overwrite a newer session when it has acquired the lease again for ${pause}`, () =>
      Effect.gen(function*() {
        const { names, store } = watched(yield* memory)
        const answer = yield* Deferred.make<Credentials.Credentials>()
        const continues = yield* Deferred.make<void>()
        let isExtension = false
        const provider = yield* start({
          store: {
            ...store,
            // As of a process that is stopped. The source answers before the store does.
            acquire: (...args) =>
              isExtension
                ? Effect.zipRight(Effect.zipRight(Deferred.await(continues), store.acquire(...args)), Effect.never)
                : store.acquire(...args)
          },
          fetch: Deferred.await(answer)
        })
        const fiber = yield* Effect.fork(id(provider))
        yield* settle
        isExtension = true
        const name = [...names][0] ?? ""
        const older = session("older", (yield* now) + hour)
        yield* TestClock.adjust("14 seconds")
        const { fetch } = yield* server
        assert.strictEqual(yield* Effect.flatMap(start({ store, fetch }), id), "key1")
        yield* Deferred.succeed(continues, undefined)
        yield* TestClock.adjust(pause)
        yield* settle
        assert.isFalse(yield* store.acquire(name, "other", Duration.seconds(10)), "it has the lease again")
        yield* Deferred.succeed(answer, older)
        assert.strictEqual(yield* Fiber.join(fiber), "key1", "the newer session")
        assert.include(Option.getOrThrow(yield* store.read(name)), "\"key1\"")
        assert.isTrue(yield* store.acquire(name, "other", Duration.seconds(10)), "the lease is released")
      }))
  }

  it.scoped("writes although it waited for the lease for longer than that lasts", () =>
    Effect.gen(function*() {
      const { fetch } = yield* server
      const store = yield* memory
      const slow = {
        ...store,
        acquire: (...args: Parameters<typeof store.acquire>) => Effect.delay(store.acquire(...args), "12 seconds")
      }
      assert.strictEqual(yield* whileTimePasses(Effect.flatMap(start({ store: slow, fetch }), id)), "key1")
      assert.strictEqual(yield* Effect.flatMap(start({ store, fetch }), id), "key1")
    }))

  describe("a session that a service refused", () => {
    it.scoped("is not read from the store again, and others read the new one", () =>
      Effect.gen(function*() {
        const { count, fetch } = yield* server
        const store = yield* memory
        const [one, other] = yield* Effect.all([start({ store, fetch }), start({ store, fetch })])
        const refused = yield* one.get
        assert.strictEqual(yield* id(other), "key1")
        yield* TestClock.adjust("1 minute")
        yield* one.invalidate(refused)
        assert.strictEqual(yield* id(one), "key2")
        yield* other.invalidate(refused)
        assert.strictEqual(yield* id(other), "key2")
        assert.strictEqual(yield* count, 2)
      }))

    it.scoped("is replaced although its replacement expires earlier", () =>
      Effect.gen(function*() {
        const { names, store } = watched(yield* memory)
        const lives = yield* Ref.make([2, 1, 1])
        const fetch = Effect.gen(function*() {
          const [life = 1, ...rest] = yield* Ref.getAndUpdate(lives, ([, ...rest]) => rest)
          return session(`left${rest.length}`, (yield* now) + life * hour)
        })
        const provider = yield* start({ store, fetch })
        const refused = yield* provider.get
        const name = [...names][0] ?? ""
        const old = Option.getOrThrow(yield* store.read(name))
        yield* provider.invalidate(refused)
        assert.strictEqual(yield* id(provider), "left1")
        yield* put(store, name, old)
        yield* TestClock.adjust("50 minutes")
        yield* provider.get
        yield* settle
        assert.notStrictEqual(yield* id(provider), idOf(refused))
      }))
  })

  describe("a store that was set back", () => {
    it.scoped("does not bring an older session back", () =>
      Effect.gen(function*() {
        const { count, fetch } = yield* server
        const { names, store } = watched(yield* memory)
        const provider = yield* start({ store, fetch })
        yield* provider.get
        const name = [...names][0] ?? ""
        const old = Option.getOrThrow(yield* store.read(name))
        yield* TestClock.adjust("46 minutes")
        yield* provider.get
        yield* settle
        assert.strictEqual(yield* id(provider), "key2")
        yield* put(store, name, old)
        yield* provider.invalidate(yield* provider.get)
        assert.strictEqual(yield* id(provider), "key3")
        yield* put(store, name, old)
        yield* TestClock.adjust("50 minutes")
        yield* provider.get
        yield* settle
        assert.strictEqual(yield* id(provider), "key4")
        assert.strictEqual(yield* count, 4)
      }))

    it.scoped("does not replace a session that is due by an older one that still works", () =>
      Effect.gen(function*() {
        const { names, store } = watched(yield* memory)
        const minutes = yield* Ref.make([60, 16, 60])
        const fetch = Effect.gen(function*() {
          const [life = 60] = yield* Ref.getAndUpdate(minutes, ([, ...rest]) => rest)
          return session(`of ${life} until ${(yield* now) / 60_000 + life}`, (yield* now) + life * 60_000)
        })
        const provider = yield* start({ store, fetch })
        assert.strictEqual(yield* id(provider), "of 60 until 60")
        const name = [...names][0] ?? ""
        const old = Option.getOrThrow(yield* store.read(name))
        for (const [minute, expected] of [[46, "of 16 until 62"], [58.5, "of 60 until 118.5"]] as const) {
          yield* TestClock.setTime(minute * 60_000)
          yield* put(store, name, old)
          yield* provider.get
          yield* settle
          assert.strictEqual(yield* id(provider), expected)
        }
      }))

    it.scoped("has no expired session for a new process", () =>
      Effect.gen(function*() {
        const { fetch } = yield* server
        const { names, store } = watched(yield* memory)
        yield* Effect.flatMap(start({ store, fetch }), id)
        const name = [...names][0] ?? ""
        const old = Option.getOrThrow(yield* store.read(name))
        for (
          const [minutes, expected] of [["59 minutes", "key1"], ["55 seconds", "key2"], ["1 hour", "key3"]] as const
        ) {
          yield* TestClock.adjust(minutes)
          yield* put(store, name, old)
          assert.strictEqual(yield* Effect.flatMap(start({ store, fetch }), id), expected)
        }
      }))
  })

  it.scoped("shortens a session that was written by a clock that is ahead", () =>
    Effect.gen(function*() {
      const { fetch } = yield* server
      const { names, store } = watched(yield* memory)
      yield* TestClock.adjust("10 minutes")
      yield* Effect.flatMap(start({ store, fetch }), id)
      const text = Option.getOrThrow(yield* store.read([...names][0] ?? ""))
      yield* TestClock.setTime(0)
      const other = yield* memory
      yield* put(other, [...names][0] ?? "", text)
      const credentials = yield* Effect.flatMap(start({ store: other, fetch }), ({ get }) => get)
      assert.strictEqual(idOf(credentials), "key1")
      assert.deepStrictEqual(
        Option.getOrUndefined(Option.map(Credentials.expiration(credentials), DateTime.toEpochMillis)),
        hour
      )
    }))

  describe("credentials that are not sessions", () => {
    it.scoped("are passed on and never stored", () =>
      Effect.gen(function*() {
        const { names, store } = watched(yield* memory)
        const current = yield* Ref.make(accessKey("first"))
        const source: CredentialProvider.Service = {
          name: "keys",
          get: Ref.get(current),
          invalidate: () => Effect.void
        }
        const provider = yield* SharedSession.make({ source, store, name: "app", settings: {} })
        assert.strictEqual(yield* id(provider), "first")
        yield* Ref.set(current, accessKey("second"))
        assert.strictEqual(yield* id(provider), "second")
        assert.isTrue((yield* CredentialProvider.health(provider)).isUsable)
        assert.isUndefined(Option.getOrUndefined(yield* store.read([...names][0] ?? "")))
        yield* Ref.set(current, session("third", hour))
        assert.strictEqual(yield* id(provider), "third")
        yield* settle
        yield* Ref.set(current, session("fourth", 2 * hour))
        assert.strictEqual(yield* id(provider), "third", "cached")
        assert.isTrue(Option.isSome(yield* store.read([...names][0] ?? "")))
      }))

    it.scoped("are invalidated at the source", () =>
      Effect.gen(function*() {
        const store = yield* memory
        const refused = yield* Ref.make<ReadonlyArray<string>>([])
        const source: CredentialProvider.Service = {
          name: "keys",
          get: Effect.succeed(accessKey("first")),
          invalidate: (credentials) => Ref.update(refused, (all) => [...all, idOf(credentials)])
        }
        const provider = yield* SharedSession.make({ source, store, name: "app", settings: {} })
        yield* provider.invalidate(yield* provider.get)
        assert.deepStrictEqual(yield* Ref.get(refused), ["first"])
      }))
  })

  describe("a store that does not work", () => {
    const faults: Readonly<Record<string, Partial<SessionStore.Service>>> = {
      "cannot be read": { read: () => failing("down") },
      "hangs": { read: () => Effect.never },
      "hangs and cannot be interrupted": { acquire: () => Effect.uninterruptible(Effect.never) },
      "has no leases": { acquire: () => failing("down") },
      "has a defect": { acquire: () => Effect.dieMessage("defect") },
      "cannot be written": { write: () => failing("down") },
      "throws instead of reading": { read: throwing },
      "throws instead of acquiring": { acquire: throwing },
      "throws instead of writing": { write: throwing },
      "interrupts itself while it reads": { read: () => Effect.interrupt },
      "interrupts itself while it acquires": { acquire: () => Effect.interrupt },
      "interrupts itself while it writes": { write: () => Effect.interrupt },
      "returns no effect": { read: () => untyped(undefined) },
      "returns a promise": { read: () => untyped(Promise.resolve("secret of the store")) },
      "reads null": { read: () => Effect.succeed(untyped(null)) },
      "reads bytes": { read: () => Effect.succeed(untyped(Option.some(new Uint8Array(9)))) },
      "acquires with a text": { acquire: () => Effect.succeed(untyped("no")) },
      "fails with null": { read: () => Effect.fail(untyped(null)) },
      "fails with an error of its client": {
        write: (_, text) => Effect.fail(untyped(Object.assign(new Error(text), { command: { args: [text] } })))
      },
      "cannot release": { release: () => Effect.never },
      "throws instead of releasing": { release: throwing },
      "interrupts itself while it releases": { release: () => Effect.interrupt }
    }
    for (const [name, fault] of Object.entries(faults)) {
      it.scoped(`gives sessions of the source, and one warning: it ${name}`, () => {
        const { layer, lines } = logs()
        return Effect.gen(function*() {
          const { fetch } = yield* server
          const provider = yield* start({ store: { ...yield* memory, ...fault }, fetch })
          for (let renewals = 1; renewals <= 3; renewals++) {
            assert.strictEqual(yield* whileTimePasses(id(provider)), `key${renewals}`)
            yield* TestClock.adjust("2 hours")
          }
          const warnings = lines.filter((line) => line.startsWith("WARN"))
          // Each renewal stores its session, which works, before it releases the lease.
          assert.lengthOf(warnings, "release" in fault ? 3 : 1, lines.join("\n"))
          assert.notInclude(lines.join("\n"), "secret of")
          assert.isTrue(warnings.every((line) => line.includes("not shared with other processes")))
        }).pipe(Effect.provide(layer))
      })
    }

    for (const methods of [["write"], ["release"], ["write", "release"]] as const) {
      it.scoped(`is not waited for after the source has answered: ${methods.join(" and ")} hangs`, () =>
        Effect.gen(function*() {
          const { fetch } = yield* server
          const hangs = Object.fromEntries(methods.map((method) => [method, () => Effect.never]))
          const provider = yield* start({ store: { ...yield* memory, ...hangs }, fetch })
          assert.strictEqual(yield* whileTimePasses(id(provider)), "key1")
          assert.isAtMost(yield* now, 2500)
        }).pipe(Effect.provide(quiet)))
    }

    it.scoped("gets the session also when it takes longer than callers wait", () =>
      Effect.gen(function*() {
        const { count, fetch } = yield* server
        const store = yield* memory
        const slow = {
          ...store,
          write: (...args: Parameters<typeof store.write>) => Effect.delay(store.write(...args), 5000)
        }
        yield* whileTimePasses(Effect.flatMap(start({ store: slow, fetch }), id))
        assert.isAtMost(yield* now, 2500)
        yield* TestClock.adjust("5 seconds")
        assert.strictEqual(yield* Effect.flatMap(start({ store, fetch }), id), "key1")
        assert.strictEqual(yield* count, 1)
      }))

    it.scoped("is reported again after it worked", () => {
      const { layer, lines } = logs()
      return Effect.gen(function*() {
        const { fetch } = yield* server
        const store = yield* memory
        let isDown = true
        const provider = yield* start({
          store: { ...store, read: (name) => isDown ? failing("down") : store.read(name) },
          fetch
        })
        for (const down of [true, true, false, true]) {
          isDown = down
          yield* provider.get
          yield* TestClock.adjust("2 hours")
        }
        assert.lengthOf(lines, 2)
      }).pipe(Effect.provide(layer))
    })
  })

  describe("a stored text that is not a session", () => {
    for (const text of ["", "{", "null", "{}", "[]", `{"version":1}`]) {
      it.scoped(`counts as missing, and is replaced: ${JSON.stringify(text)}`, () => {
        const { layer, lines } = logs()
        return Effect.gen(function*() {
          const { fetch } = yield* server
          const { names, store } = watched(yield* memory)
          yield* Effect.flatMap(start({ store, fetch }), id)
          yield* put(store, [...names][0] ?? "", text)
          assert.strictEqual(yield* Effect.flatMap(start({ store, fetch }), id), "key2")
          assert.strictEqual(yield* Effect.flatMap(start({ store, fetch }), id), "key2")
          assert.lengthOf(lines, 1)
          assert.include(lines[0], "not valid")
        }).pipe(Effect.provide(layer))
      })
    }

    it.scoped("counts as missing if it is longer than any session", () =>
      Effect.gen(function*() {
        const { fetch } = yield* server
        const { names, store } = watched(yield* memory)
        yield* Effect.flatMap(start({ store, fetch }), id)
        const name = [...names][0] ?? ""
        const text = Option.getOrThrow(yield* store.read(name))
        yield* put(store, name, `${text}${" ".repeat(1000)}`)
        assert.strictEqual(yield* Effect.flatMap(start({ store, fetch }), id), "key1")
        yield* put(store, name, `${text}${" ".repeat(10_000_000)}`)
        assert.strictEqual(yield* Effect.flatMap(start({ store, fetch }), id), "key2")
      }).pipe(Effect.provide(quiet)))

    it.scoped("counts as missing if it is that of another name", () =>
      Effect.gen(function*() {
        const { fetch } = yield* server
        const { names, store } = watched(yield* memory)
        yield* Effect.flatMap(start({ store, fetch }), id)
        yield* Effect.flatMap(start({ store, fetch, settings: {} }), id)
        const [reader = "", other = ""] = names
        yield* put(store, other, Option.getOrThrow(yield* store.read(reader)))
        assert.strictEqual(yield* Effect.flatMap(start({ store, fetch, settings: {} }), id), "key3")
      }).pipe(Effect.provide(quiet)))
  })

  describe("with keys", () => {
    it.scoped("stores no readable text, and reads with every key", () =>
      Effect.gen(function*() {
        const { fetch } = yield* server
        const { names, store } = watched(yield* memory)
        const get = (...keys: ReadonlyArray<SharedSession.Key>) => Effect.flatMap(start({ store, fetch, keys }), id)
        const [old, next] = [key("old", 1), key("new", 2)]
        assert.strictEqual(yield* get(old), "key1")
        const text = Option.getOrThrow(yield* store.read([...names][0] ?? ""))
        for (const part of ["key1", "secret of", "token of", "test"]) assert.notInclude(text, part)
        assert.strictEqual(yield* get(old, next), "key1")
        assert.strictEqual(yield* get(next, old), "key1")
        assert.strictEqual(yield* get(next), "key2")
        assert.strictEqual(yield* get(next, old), "key2")
        assert.strictEqual(yield* get(key("new", 3)), "key3")
      }).pipe(Effect.provide(quiet)))

    it.scoped("fails if a key is not of 32 bytes, or an id is used twice, without the key", () =>
      Effect.gen(function*() {
        const { fetch } = yield* server
        const store = yield* memory
        const short: SharedSession.Key = { id: "short", key: Redacted.make("c2VjcmV0LWtleQ==") }
        const provider = yield* start({ store, fetch, name: "", keys: [key("a", 1), short, key("a", 2), key("", 1)] })
        const error = yield* Effect.flip(provider.get)
        assert.strictEqual(error._tag, "CredentialsMisconfigured")
        assert.include(error.message, "name is empty; keys[1].key is not of 32 bytes; keys[2].id is used twice")
        assert.include(error.message, "keys[3].id is empty")
        assert.notInclude(JSON.stringify(error), "c2VjcmV0")
      }))

    const options: Readonly<Record<string, readonly [Partial<SharedSession.Options>, string]>> = {
      "no key in the list": [{ keys: [] }, "keys is empty, so that nothing would be encrypted"],
      "a key that is not Redacted": [{ keys: [{ id: "a", key: untyped("secret") }] }, "keys[0].key is not of 32 bytes"],
      "a key that is not set": [
        { keys: [{ id: "a", key: Redacted.make(untyped(undefined)) }] },
        "keys[0].key is not of"
      ],
      "settings that are no texts": [
        { settings: { role: untyped(1) } },
        "settings takes an object whose values are texts"
      ],
      "settings that are no object": [{ settings: untyped("role") }, "settings takes an object whose values are texts"],
      "a name that is undefined": [{ name: untyped(undefined) }, "name is empty"]
    }
    for (const [what, [wrong, reason]] of Object.entries(options)) {
      it.scoped(`fails with ${what}`, () =>
        Effect.gen(function*() {
          const { fetch } = yield* server
          const error = yield* Effect.flip(Effect.flatMap(start({ store: yield* memory, fetch, ...wrong }), id))
          assert.strictEqual(error._tag, "CredentialsMisconfigured")
          assert.include(error.message, reason)
          assert.strictEqual(error.message.includes("openssl rand"), reason.startsWith("keys"))
        }))
    }

    it.scoped("fails without keys if others can read the store", () =>
      Effect.gen(function*() {
        const { fetch } = yield* server
        const store = { ...yield* memory, needsEncryption: true }
        const error = yield* Effect.flip(Effect.flatMap(start({ store, fetch }), ({ get }) => get))
        assert.strictEqual(error._tag, "CredentialsMisconfigured")
        assert.include(error.message, "keys is missing")
        const base64 = Redacted.make(`${btoa(String.fromCharCode(...new Uint8Array(32)))}\n`)
        assert.strictEqual(
          yield* Effect.flatMap(start({ store, fetch, keys: [{ id: "a", key: base64 }] }), id),
          "key1"
        )
      }))
  })

  it.scoped("is a layer over another one, whose health and changes are seen", () =>
    Effect.gen(function*() {
      const { fetch } = yield* server
      const source = yield* sourceOf(fetch)
      const layer = SharedSession.layer({ name: "app", settings: {} }).pipe(
        Layer.provide([Layer.succeed(CredentialProvider.CredentialProvider, source), SessionStore.layerMemory])
      )
      const context = yield* Layer.build(layer)
      const provider = Context.get(context, CredentialProvider.CredentialProvider)
      assert.strictEqual(provider.name, "shared_session/test")
      assert.isFalse((yield* CredentialProvider.health(provider)).isUsable)
      assert.strictEqual(yield* id(provider), "key1")
      assert.isTrue((yield* CredentialProvider.health(provider)).isUsable)
    }))
})
