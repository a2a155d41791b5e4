import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, TestClock } from "effect"
import { CredentialError, CredentialProvider, type Credentials } from "effect-alicloud-credentials"
import * as Monitor from "../../../src/internal/provider/monitor.ts"
import { idOf, session } from "../../support/credentials.ts"

const unavailable = new CredentialError.CredentialsUnavailable({ provider: "mine", reason: "down" })

/** A service made by hand, with its answers in order, and how often it said that something changed. */
const observe = (
  ...answers: ReadonlyArray<Effect.Effect<Credentials.Credentials, CredentialError.CredentialError>>
) => {
  const left = [...answers]
  const refused: Array<string> = []
  const { monitor, service } = Monitor.observed({
    name: "mine",
    get: Effect.suspend(() => left.shift() ?? Effect.fail(unavailable)),
    invalidate: (credentials) => Effect.sync(() => void refused.push(idOf(credentials)))
  })
  let changes = 0
  monitor.signal.listen(() => changes++)
  return { service, refused, status: (now = 0) => monitor.status(now), changes: () => changes }
}

const nothing: Monitor.Status = {
  credentials: undefined,
  expiresAt: Infinity,
  isRefused: false,
  isRenewing: false,
  renewAt: Infinity,
  failure: undefined
}

const [one, two] = [session("one", 60_000), session("two", 60_000)]

describe("a service made by hand, observed", () => {
  it.effect("is what it was, and knows nothing before its get is called", () =>
    Effect.gen(function*() {
      const { refused, service, status } = observe(Effect.succeed(one))
      assert.strictEqual(service.name, "mine")
      assert.deepStrictEqual(status(), nothing)
      yield* service.invalidate(one)
      assert.deepStrictEqual(refused, ["one"])
      assert.deepStrictEqual(status(), nothing)
      assert.strictEqual(idOf(yield* service.get), "one")
      assert.deepStrictEqual(status(), { ...nothing, credentials: one, expiresAt: 60_000 })
    }))

  it.effect("says that other credentials came, and not that the same ones did, or none", () =>
    Effect.gen(function*() {
      const { changes, service } = observe(
        Effect.fail(unavailable),
        Effect.succeed(one),
        Effect.succeed(session("one", 60_000)),
        Effect.fail(unavailable),
        Effect.succeed(two)
      )
      const seen = []
      for (let count = 0; count < 5; count++) {
        yield* Effect.exit(service.get)
        seen.push(changes())
      }
      assert.deepStrictEqual(seen, [0, 1, 1, 1, 2])
    }))

  it.effect("is renewing while one of its calls runs", () =>
    Effect.gen(function*() {
      const first = yield* Deferred.make<Credentials.Credentials>()
      const second = yield* Deferred.make<Credentials.Credentials>()
      const { service, status } = observe(Deferred.await(first), Deferred.await(second))
      const [a, b] = [yield* Effect.fork(service.get), yield* Effect.fork(service.get)]
      yield* TestClock.adjust(0)
      assert.isTrue(status().isRenewing)
      yield* Deferred.succeed(first, one)
      yield* Fiber.join(a)
      assert.isTrue(status().isRenewing)
      yield* Deferred.succeed(second, one)
      yield* Fiber.join(b)
      assert.isFalse(status().isRenewing)
    }))

  it.effect("has refused credentials until others come, or until they expire", () =>
    Effect.gen(function*() {
      const { service, status } = observe(Effect.succeed(one), Effect.succeed(two))
      yield* service.get
      yield* service.invalidate(two)
      assert.isFalse(status().isRefused, "others were refused")
      yield* service.invalidate(one)
      assert.isTrue(status().isRefused)
      yield* service.invalidate(two)
      assert.isTrue(status().isRefused)
      assert.deepStrictEqual(status(60_000), nothing)
      yield* service.get
      assert.isFalse(status().isRefused)
    }))

  it.effect("remembers the last failure, with its time, until a call succeeds", () =>
    Effect.gen(function*() {
      const { service, status } = observe(Effect.fail(unavailable), Effect.die("secret"), Effect.succeed(one))
      yield* TestClock.adjust("5 seconds")
      yield* Effect.exit(service.get)
      assert.deepStrictEqual(status().failure, { error: unavailable, at: 5000 })
      yield* Effect.exit(service.get)
      assert.strictEqual(status().failure?.error.message.includes("secret"), false)
      yield* service.get
      assert.isUndefined(status().failure)
    }))
})

describe("a monitor", () => {
  it("belongs to its service, and not to a copy that may have another get", () => {
    const { monitor, service } = Monitor.observed(CredentialProvider.succeed(one))
    assert.strictEqual(Monitor.of(service), monitor)
    assert.isUndefined(Monitor.of({ ...service }))
  })
})

describe("a failure", () => {
  it.effect("is not remembered if the caller interrupted it", () =>
    Effect.gen(function*() {
      const { service, status } = observe(Effect.never)
      const fiber = yield* Effect.fork(service.get)
      yield* TestClock.adjust(0)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(status(), nothing)
    }))
})
