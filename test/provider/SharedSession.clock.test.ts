/**
 * Somebody sets the clock of a machine while one of its processes renews the session that they share.
 */
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Fiber, Layer, Ref, type Scope, TestClock } from "effect"
import { CredentialProvider, SessionStore, SharedSession } from "effect-alicloud-credentials"
import { hour, settableClock } from "../support/clock.ts"
import { idOf, session } from "../support/credentials.ts"
import { eventually } from "../support/eventually.ts"
import { quiet } from "../support/logs.ts"

const opened = <E>(layer: Layer.Layer<SessionStore.SessionStore, E>) =>
  Effect.map(Layer.build(layer), (context) => Context.get(context, SessionStore.SessionStore))

const inFolder = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const folder = `${yield* files.makeTempDirectoryScoped()}/sessions`
  return yield* opened(SessionStore.layerFolder({ folder }).pipe(Layer.provide(NodeContext.layer)))
}).pipe(Effect.provide(NodeContext.layer), Effect.orDie)

/** A store with one call at a time, so that none of them waits for the test clock. */
const oneByOne = (store: SessionStore.Service) => {
  const permit = Effect.unsafeMakeSemaphore(1)
  let calls = 0
  const call = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      calls += 1
      return Effect.ensuring(permit.withPermits(1)(effect), Effect.sync(() => void (calls -= 1)))
    })
  const counted: SessionStore.Service = {
    needsEncryption: false,
    read: (name) => call(store.read(name)),
    write: (...args) => call(store.write(...args)),
    acquire: (...args) => call(store.acquire(...args)),
    release: (...args) => call(store.release(...args))
  }
  /** Test time passes only between calls. */
  const pass = Effect.gen(function*() {
    yield* eventually(Effect.sync(() => assert.strictEqual(calls, 0)))
    yield* TestClock.adjust("500 millis")
  })
  return { store: counted, pass }
}

/** By how many hours the clock is set after so many seconds of a request that takes twelve. */
const steps: ReadonlyArray<ReadonlyArray<readonly [second: number, hours: number]>> = [
  [[2, 1]],
  [[2, -1]],
  [[2, 1], [7, -1]],
  [[2, -1], [7, 1]],
  [[1, 1], [2, -1], [10, 1], [11, -1]]
]

const titleOf = (moves: typeof steps[number]) =>
  moves.map(([second, hours]) => `${hours > 0 ? "forward" : "back"} after ${second} s`).join(", ")

const test = (
  makeStore: Effect.Effect<SessionStore.Service, never, Scope.Scope>,
  moves: typeof steps[number],
  isRenewal: boolean
) =>
  Effect.gen(function*() {
    const { pass, store } = oneByOne(yield* makeStore)
    const trueClock = yield* Effect.clock
    const { move, use } = yield* settableClock
    yield* TestClock.setTime(10 * hour)
    const requests = yield* Ref.make(0)
    let delay = 0
    // The server knows the true time.
    const fetch = Effect.suspend(() =>
      Effect.delay(
        Effect.map(
          Ref.updateAndGet(requests, (count) => count + 1),
          (count) => session(`key${count}`, trueClock.unsafeCurrentTimeMillis() + 4 * hour)
        ),
        delay
      )
    )
    const start = Effect.gen(function*() {
      const source = yield* CredentialProvider.make({ name: "test", fetch, refresh: { jitter: 0 } })
      const provider = yield* SharedSession.make({ source, store, name: "app", settings: {}, refresh: { jitter: 0 } })
      return Effect.map(provider.get, idOf)
    }).pipe(use)
    const during = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(use(effect))
        yield* pass
        while ((yield* Fiber.poll(fiber))._tag === "None") yield* pass
        return yield* Fiber.join(fiber)
      })
    const passSeconds = (seconds: number) => Effect.repeatN(pass, 2 * seconds - 1)

    const [owner, other] = [yield* start, yield* start]
    if (isRenewal) {
      yield* during(Effect.all([owner, other]))
      yield* TestClock.adjust("226 minutes")
    }
    const before = yield* Ref.get(requests)
    delay = 12_000
    const first = yield* Effect.fork(use(owner))
    yield* passSeconds(1)
    let passed = 1
    for (const [second, hours] of moves) {
      if (second > passed) yield* passSeconds(second - passed)
      passed = second
      yield* move(hours * hour)
    }
    const second = yield* Effect.fork(use(other))
    yield* passSeconds(40)
    assert.isDefined(yield* Fiber.join(first))
    assert.isDefined(yield* Fiber.join(second))
    delay = 0

    const asked = (yield* Ref.get(requests)) - before
    assert.isAtLeast(asked, 1)
    assert.isAtMost(asked, 2)
    const from = yield* Clock.currentTimeMillis
    const newest = yield* during(Effect.flatten(start))
    assert.isAtMost((yield* Clock.currentTimeMillis) - from, 1000, "the lease is free")
    assert.strictEqual(yield* during(Effect.flatten(start)), newest, "shared")
    const sum = yield* Ref.get(requests)
    yield* TestClock.adjust("6 hours")
    assert.strictEqual(yield* during(owner), yield* during(other), "shared again")
    assert.strictEqual(yield* Ref.get(requests), sum + 1)
  }).pipe(Effect.scoped, Effect.provide(quiet))

describe("a clock that is set during a renewal costs one more request at most, and no lease stays", () => {
  const stores = { "the folder": inFolder, "the memory": opened(SessionStore.layerMemory) }
  for (const [name, store] of Object.entries(stores)) {
    for (const moves of steps) {
      it.effect(`in ${name}, for the first session: ${titleOf(moves)}`, () => test(store, moves, false))
      it.effect(`in ${name}, for the next session: ${titleOf(moves)}`, () => test(store, moves, true))
    }
  }
})
