/**
 * How long one `get` waits for servers that throttle, where providers ask one another.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber, FiberRef, Random, TestClock } from "effect"
import { CredentialChain, CredentialError, CredentialProvider, Explain } from "effect-alicloud-credentials"
import { isAwaited } from "../../src/internal/throttling.ts"
import { elapsed } from "../support/clock.ts"
import { idOf, session } from "../support/credentials.ts"
import { quiet } from "../support/logs.ts"
import { throttledFetch, unavailable } from "../support/scriptedProvider.ts"

const working = (id: string, seconds = 3600) =>
  Effect.map(Clock.currentTimeMillis, (now) => session(id, now + seconds * 1000))

const link = (name: string, fetch: CredentialProvider.Custom<never>["fetch"]) =>
  CredentialChain.link(name, CredentialProvider.layer({ name, fetch }))

const alwaysThrottled = Effect.suspend(() => throttledFetch())

describe("a get that waits for a server that throttles", () => {
  it.scoped("waits no longer than its own maxWait, also where another provider is the source", () =>
    Effect.gen(function*() {
      const source = yield* CredentialProvider.make({ name: "source", fetch: alwaysThrottled })
      const outer = yield* CredentialProvider.make({
        name: "outer",
        fetch: source.get,
        refresh: { maxWait: "10 seconds" }
      })
      const { millis, value } = yield* elapsed(Effect.flip(outer.get))
      assert.strictEqual(value._tag, "CredentialsUnavailable")
      assert.isAtMost(millis, 10_000)
    }).pipe(Effect.provide(quiet)))

  it.scoped("does not wait with another caller that waits longer", () =>
    Effect.gen(function*() {
      const source = yield* CredentialProvider.make({ name: "source", fetch: alwaysThrottled })
      const outer = yield* CredentialProvider.make({ name: "outer", fetch: source.get, refresh: { maxWait: 0 } })
      yield* Effect.fork(source.get)
      yield* TestClock.adjust("100 millis")
      const { millis, value } = yield* elapsed(Effect.flip(outer.get))
      assert.strictEqual(value._tag, "CredentialsUnavailable")
      assert.strictEqual(millis, 0)
    }).pipe(Effect.provide(quiet)))

  it.scoped("waits once for all links of a chain", () =>
    Effect.gen(function*() {
      const chain = yield* CredentialChain.make([
        link("a", alwaysThrottled),
        link("b", alwaysThrottled),
        link("c", alwaysThrottled),
        link("d", working("works"))
      ])
      const { millis, value } = yield* elapsed(chain.get, "10 minutes")
      assert.strictEqual(idOf(value), "works")
      assert.isAbove(millis, 60_000)
      assert.isAtMost(millis, 90_000)
    }).pipe(Effect.provide(quiet)))

  it.scoped("waits for a link with the time that those before it left", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(3_600_000)
      let throttles = 1
      const chain = yield* CredentialChain.make([
        link(
          "a",
          Effect.delay(
            Effect.fail(new CredentialError.CredentialsRejected({ provider: "a", reason: "no" })),
            "10 seconds"
          )
        ),
        link("b", Effect.suspend(() => throttles-- > 0 ? alwaysThrottled : working("b")))
      ])
      const { millis, value } = yield* elapsed(chain.get)
      assert.strictEqual(idOf(value), "b")
      assert.isAtMost(millis, 90_000)
    }).pipe(Effect.provide(quiet)))

  it.scoped("does not wait for a link that a chain looks at in the background", () =>
    Effect.gen(function*() {
      let broken = false
      const chain = yield* CredentialChain.make([
        link("a", alwaysThrottled),
        link("b", Effect.suspend(() => broken ? Effect.fail(unavailable("down")) : working("b", 100))),
        link("c", working("c"))
      ])
      assert.strictEqual(idOf((yield* elapsed(chain.get)).value), "b")
      yield* TestClock.adjust("2 minutes")
      broken = true
      const { millis, value } = yield* elapsed(chain.get)
      assert.strictEqual(idOf(value), "c")
      assert.strictEqual(millis, 0)
    }).pipe(Effect.provide(quiet)))

  it.effect("does not wait in a dry run", () =>
    Effect.gen(function*() {
      const { millis, value } = yield* elapsed(Explain.run([link("a", alwaysThrottled), link("b", working("b"))]))
      assert.strictEqual(millis, 0)
      assert.strictEqual(value.winner?.link, "b")
    }))

  it.scoped("has its key soon after a server that asks for a second is back", () =>
    Effect.gen(function*() {
      const back = 240_000
      const asked: Array<number> = []
      const provider = yield* CredentialProvider.make({
        name: "test",
        fetch: Effect.flatMap(Clock.currentTimeMillis, (now) => {
          asked.push(now)
          return now < back ? Effect.fail(unavailable("too many", Duration.seconds(1))) : working("works")
        })
      })
      const times = { failedAtOnce: 0, got: 0 }
      const once = Effect.gen(function*() {
        const [start, requests] = [yield* Clock.currentTimeMillis, asked.length]
        const exit = yield* Effect.exit(provider.get)
        const now = yield* Clock.currentTimeMillis
        if (Exit.isSuccess(exit)) times.got = now
        else if (now === start && asked.length === requests) times.failedAtOnce += 1
        return Exit.isSuccess(exit)
      })
      const application = yield* Effect.fork(Effect.repeat(Effect.delay(once, "1 second"), { until: (done) => done }))
      yield* TestClock.adjust("6 minutes")
      yield* Fiber.join(application)
      assert.isAtMost(times.got, back + 60_000)
      assert.isAtMost(times.failedAtOnce, 12)
    }).pipe(Effect.withRandom(Random.fixed([0.5])), Effect.provide(quiet)))
})

describe("a caller whose session is about to expire", () => {
  it.scoped("waits for a request with all its attempts, once the session is no longer returned", () =>
    Effect.gen(function*() {
      const seen: Array<boolean> = []
      const provider = yield* CredentialProvider.make({
        name: "test",
        refresh: { jitter: 0 },
        fetch: Effect.zipRight(
          Effect.map(FiberRef.get(isAwaited), (awaited) => void seen.push(awaited)),
          working("works")
        )
      })
      yield* provider.get
      yield* TestClock.adjust("3570 seconds")
      yield* provider.get
      yield* TestClock.adjust("3595 seconds")
      yield* provider.get
      assert.deepStrictEqual(seen, [true, false, true])
    }))

  it.scoped("gets no other request if the one in the background is refused after the session expired", () =>
    Effect.gen(function*() {
      let count = 0
      const rejected = new CredentialError.CredentialsRejected({ provider: "test", reason: "no" })
      const provider = yield* CredentialProvider.make({
        name: "test",
        refresh: { jitter: 0 },
        fetch: Effect.suspend(() => {
          count += 1
          return count === 2 ? Effect.delay(Effect.fail(rejected), "13 seconds") : working(`key${count}`)
        })
      })
      yield* provider.get
      yield* TestClock.adjust("3588 seconds")
      yield* provider.get
      yield* TestClock.adjust("12500 millis")
      const late = yield* Effect.fork(Effect.flip(provider.get))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(late))._tag, "CredentialsRejected")
      assert.strictEqual(count, 2)
    }).pipe(Effect.provide(quiet)))

  it.scoped("gets another request if the one in the background fails after the session expired", () =>
    Effect.gen(function*() {
      let count = 0
      const provider = yield* CredentialProvider.make({
        name: "test",
        refresh: { jitter: 0 },
        fetch: Effect.suspend(() => {
          count += 1
          return count === 2
            ? Effect.delay(Effect.fail(unavailable("down")), "13 seconds")
            : working(`key${count}`)
        })
      })
      yield* provider.get
      yield* TestClock.adjust("3588 seconds")
      assert.strictEqual(idOf(yield* provider.get), "key1")
      yield* TestClock.adjust("12500 millis")
      const late = yield* Effect.fork(provider.get)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(idOf(yield* Fiber.join(late)), "key3")
    }).pipe(Effect.provide(quiet)))
})
