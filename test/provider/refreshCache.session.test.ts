import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Layer, Random, Ref, Scope, TestClock } from "effect"
import { CredentialProvider } from "effect-alicloud-credentials"
import { elapsed, settableClock } from "../support/clock.ts"
import { accessKey, session } from "../support/credentials.ts"
import { countedSessions, failingFetch, lasting, scriptedProvider, unavailable } from "../support/scriptedProvider.ts"

describe("a cached session", () => {
  it.scoped("from the documentation: fetched at 0 s, cached at 600 s, renewed at 4200 s, cached at 4300 s", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600)])
      assert.strictEqual(yield* id, "key1")
      yield* TestClock.adjust("600 seconds")
      assert.strictEqual(yield* id, "key1")
      yield* TestClock.adjust("3600 seconds")
      assert.strictEqual(yield* id, "key2")
      yield* TestClock.adjust("100 seconds")
      assert.strictEqual(yield* id, "key2")
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("of 900 seconds is renewed after three quarters of its lifetime", () =>
    Effect.gen(function*() {
      const { count, id, touch } = yield* scriptedProvider([lasting(900)])
      for (let call = 0; call < 5; call++) {
        assert.strictEqual(yield* id, "key1")
        yield* TestClock.adjust("130 seconds")
      }
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("26 seconds")
      assert.strictEqual(yield* touch, "key1")
      assert.strictEqual(yield* count, 2)
      assert.strictEqual(yield* id, "key2")
    }))

  for (const [millis, key] of [[53_999, "key1"], [54_000, "key2"]] as const) {
    it.scoped(`of one minute is ${key} after ${millis} ms: the last tenth is for callers that wait`, () =>
      Effect.gen(function*() {
        const { id } = yield* scriptedProvider([lasting(60)])
        yield* id
        yield* TestClock.adjust(millis)
        assert.strictEqual(yield* id, key)
      }))
  }

  it.scoped("is renewed in the background while callers get the cached one at once", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600)], { delay: "10 seconds" })
      const first = yield* Effect.fork(id)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* Fiber.join(first), "key1")
      yield* TestClock.adjust("2700 seconds")
      assert.strictEqual(yield* id, "key1")
      assert.strictEqual(yield* id, "key1")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* count, 2)
      assert.strictEqual(yield* id, "key2")
    }))

  for (
    const [jitter, random, seconds] of [[0.05, 0.5, 2722.5], [1, 0, 2700], [1, 0.5, 2812.5], [
      1,
      0.999,
      2924.775
    ]] as const
  ) {
    it.scoped(`is renewed after ${seconds} s with jitter ${jitter} and the random number ${random}`, () =>
      Effect.gen(function*() {
        const { count, id, touch } = yield* scriptedProvider([lasting(3600)], { refresh: { jitter } })
        yield* id
        yield* TestClock.adjust(Math.ceil(seconds * 1000) - 1)
        yield* touch
        assert.strictEqual(yield* count, 1)
        yield* TestClock.adjust(1)
        yield* touch
        assert.strictEqual(yield* count, 2)
      }).pipe(Effect.withRandom(Random.fixed([random]))))
  }

  for (const [life, minutes] of [["4 hours", 180], ["12 hours", 660]] as const) {
    it.scoped(`of ${life} is renewed an hour before it expires at the earliest`, () =>
      Effect.gen(function*() {
        const { count, id, touch } = yield* scriptedProvider([lasting(Duration.toSeconds(life))])
        yield* id
        yield* TestClock.adjust(minutes * 60_000 - 1)
        yield* touch
        assert.strictEqual(yield* count, 1)
        yield* TestClock.adjust(1)
        yield* touch
        assert.strictEqual(yield* count, 2)
      }))
  }

  it.scoped("is renewed before it is handed out in its last ten seconds", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600)])
      yield* id
      yield* TestClock.adjust("3590 seconds")
      assert.strictEqual(yield* id, "key2")
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("is handed out to its very end if it cannot be renewed, and not after", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600), failingFetch("down")])
      yield* id
      yield* TestClock.adjust("3590 seconds")
      assert.strictEqual(yield* id, "key1")
      yield* TestClock.adjust("9999 millis")
      assert.strictEqual(yield* id, "key1")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Effect.flip(id))._tag, "CredentialsUnavailable")
      assert.isAbove(yield* count, 2)
    }))

  it.scoped("is handed out in its last seconds before a server that hangs has answered", () =>
    Effect.gen(function*() {
      const { id } = yield* scriptedProvider([lasting(3600), () => Effect.never])
      yield* id
      yield* TestClock.adjust("3592 seconds")
      const { millis, value } = yield* elapsed(id)
      assert.strictEqual(value, "key1")
      assert.strictEqual(millis, 4000, "half of what is left of the session")
    }))

  it.scoped("that expired on arrival is an error with both times", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-01-01T00:00:00Z"))
      const { count, id } = yield* scriptedProvider([lasting(-60)])
      const error = yield* Effect.flip(id)
      assert.strictEqual(error._tag, "CredentialsExpired")
      assert.include(error.message, "2025-12-31T23:59:00.000Z")
      assert.include(error.message, "2026-01-01T00:00:00.000Z")
      assert.strictEqual(yield* count, 1)
    }))

  it.scoped("that ends at the moment of its arrival has expired", () =>
    Effect.gen(function*() {
      const { id } = yield* scriptedProvider([lasting(0)])
      assert.strictEqual((yield* Effect.flip(id))._tag, "CredentialsExpired")
    }))

  for (const [millis, requests] of [[15_000, 1], [15_001, 2]] as const) {
    it.scoped(`that expired on arrival after a fetch of ${millis} ms takes ${requests} of them`, () =>
      Effect.gen(function*() {
        const wall = yield* settableClock
        const slow = (now: number) => Effect.as(wall.move(millis), session("old", now + 1000))
        const { count, id } = yield* wall.use(scriptedProvider([slow, lasting(3600)]))
        yield* Effect.exit(wall.use(id))
        assert.strictEqual(yield* count, requests)
      }))
  }

  it.scoped("stays in use if the renewed session expired on arrival", () =>
    Effect.gen(function*() {
      const { id, touch } = yield* scriptedProvider([lasting(3600), lasting(-60)])
      yield* id
      yield* TestClock.adjust("2700 seconds")
      yield* touch
      assert.strictEqual(yield* id, "key1")
    }))

  it.scoped("stays in use if the renewed one is no newer, and is renewed again after the interval", () =>
    Effect.gen(function*() {
      const same = (_: number, count: number) => Effect.succeed(session(`key${count}`, 3_600_000))
      const { count, id, touch } = yield* scriptedProvider([same])
      yield* id
      yield* TestClock.adjust("2700 seconds")
      yield* touch
      assert.strictEqual(yield* id, "key1")
      yield* TestClock.adjust("59 seconds")
      yield* touch
      assert.strictEqual(yield* count, 2)
      yield* TestClock.adjust("1 seconds")
      yield* touch
      assert.strictEqual(yield* count, 3)
      assert.strictEqual(yield* id, "key1")
    }))
})

describe("a cached key without expiration", () => {
  it.scoped("is never fetched again by default", () =>
    Effect.gen(function*() {
      const { count, id, touch } = yield* scriptedProvider([() => Effect.succeed(accessKey("key"))])
      yield* id
      yield* TestClock.adjust("365 days")
      yield* touch
      assert.strictEqual(yield* count, 1)
    }))

  it.scoped("is fetched again in the background after `keep`", () =>
    Effect.gen(function*() {
      const { count, id, touch } = yield* scriptedProvider([(_, n) => Effect.succeed(accessKey(`key${n}`))], {
        keep: "1 minute"
      })
      yield* id
      yield* TestClock.adjust("59 seconds")
      yield* touch
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(yield* touch, "key1")
      assert.strictEqual(yield* id, "key2")
    }))

  it.scoped("can be replaced by a session if the source changes", () =>
    Effect.gen(function*() {
      const { id, touch } = yield* scriptedProvider([() => Effect.succeed(accessKey("key")), lasting(3600)], {
        keep: "1 minute"
      })
      yield* id
      yield* TestClock.adjust("1 minute")
      yield* touch
      assert.strictEqual(yield* id, "key2")
    }))
})

describe("invalidate", () => {
  it.scoped("removes the refused credentials, even if it gets an equal copy", () =>
    Effect.gen(function*() {
      const { count, id, provider } = yield* scriptedProvider([lasting(3600)])
      yield* id
      yield* provider.invalidate(session("key1", 5, "elsewhere"))
      assert.strictEqual(yield* id, "key2")
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("of a key that is no longer cached does nothing", () =>
    Effect.gen(function*() {
      const { count, id, provider } = yield* scriptedProvider([lasting(3600)])
      const old = yield* provider.get
      yield* provider.invalidate(old)
      assert.strictEqual(yield* id, "key2")
      yield* provider.invalidate(old)
      yield* provider.invalidate(accessKey("key2"))
      assert.strictEqual(yield* id, "key2")
      assert.strictEqual(yield* count, 2)
    }))
})

describe("layers", () => {
  it.effect("keepWarm renews on a schedule until its scope closes", () =>
    Effect.gen(function*() {
      const count = yield* Ref.make(0)
      const provider = CredentialProvider.layer({
        name: "test",
        refresh: { jitter: 0 },
        fetch: countedSessions(count, 900)
      })
      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(Layer.provide(CredentialProvider.keepWarm(), provider), scope)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* Ref.get(count), 6)
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* Ref.get(count), 6)
    }))

  it.effect("keepWarm survives failures", () =>
    Effect.gen(function*() {
      const count = yield* Ref.make(0)
      const provider = CredentialProvider.layer({
        name: "test",
        fetch: Effect.zipRight(Ref.update(count, (n) => n + 1), Effect.fail(unavailable("down")))
      })
      yield* Effect.gen(function*() {
        yield* TestClock.adjust("3 minutes")
        assert.strictEqual(yield* Ref.get(count), 4)
      }).pipe(Effect.provide(Layer.provide(CredentialProvider.keepWarm(), provider)))
    }))

  it.effect("eager fails to build with the error of the first get", () =>
    Effect.gen(function*() {
      const provider = CredentialProvider.layer({ name: "test", fetch: Effect.fail(unavailable("down")) })
      const error = yield* Effect.flip(Effect.scoped(Layer.build(CredentialProvider.eager(provider))))
      assert.strictEqual(error._tag, "CredentialsUnavailable")
    }))

  it.effect("building a layer does not fetch", () =>
    Effect.gen(function*() {
      const provider = CredentialProvider.layer({ name: "test", fetch: Effect.die("fetched") })
      yield* Effect.scoped(Layer.build(provider))
    }))
})
