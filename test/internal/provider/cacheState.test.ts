import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, DateTime, Duration, Effect, Exit, FiberId, Option, TestClock } from "effect"
import { CredentialError } from "effect-alicloud-credentials"
import * as cacheState from "../../../src/internal/provider/cacheState.ts"
import { accessKey, idOf, session } from "../../support/credentials.ts"

const throttled = (retryAfter: number) =>
  new CredentialError.CredentialsUnavailable({
    provider: "test",
    reason: "too many",
    status: 429,
    retryAfter: Duration.seconds(retryAfter)
  })
const rejected = new CredentialError.CredentialsRejected({ provider: "test", reason: "no", code: "NoPermission" })

const hour = 3_600_000

/** The state of a cache whose sessions stay usable for 9 minutes of each 10. */
const states = Effect.gen(function*() {
  const state = cacheState.make({ name: "test", refresh: { safety: "1 hour", jitter: 0 } }, yield* Effect.clock)
  let changes = 0
  state.signal.listen(() => changes++)
  const wait: cacheState.Wait = { left: () => 90_000, count: 0 }
  return {
    state,
    changes: () => changes,
    receive: (id: string, minutes: number) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const expiresAt = now + minutes * 60_000
        const expiration = Option.some(DateTime.unsafeMake(expiresAt))
        return Exit.map(cacheState.receive(state, { credentials: session(id, expiresAt), expiration }, 0), idOf)
      }),
    fail: (cause: Cause.Cause<CredentialError.CredentialError>) =>
      Effect.map(Effect.exit(cacheState.fail(state, cause, 0, wait)), Exit.map(idOf)),
    throttled: Effect.map(Clock.currentTimeMillis, (now) => cacheState.throttled(state, now, hour))
  }
})

describe("the state of a cache", () => {
  it.effect("has callers that wait from the safety margin on, and for refused credentials", () =>
    Effect.gen(function*() {
      const { receive, state } = yield* states
      assert.isTrue(cacheState.hasWaiters(state))
      yield* receive("one", 10)
      assert.isFalse(cacheState.hasWaiters(state))
      yield* TestClock.adjust(9 * 60_000 - 1)
      assert.isFalse(cacheState.hasWaiters(state))
      yield* TestClock.adjust(1)
      assert.isTrue(cacheState.hasWaiters(state))
      yield* receive("two", 10)
      cacheState.refuse(state, session("two", 0))
      assert.isTrue(cacheState.hasWaiters(state))
    }))

  it.effect("says once that credentials were refused", () =>
    Effect.gen(function*() {
      const { changes, receive, state } = yield* states
      yield* receive("one", 10)
      assert.strictEqual(changes(), 1)
      cacheState.refuse(state, session("other", 0))
      assert.strictEqual(changes(), 1)
      for (let count = 0; count < 2; count++) {
        cacheState.refuse(state, session("one", 0))
        yield* TestClock.adjust("1 second")
      }
      assert.strictEqual(changes(), 2)
    }))

  it.effect("replaces a session by one that is no newer only from the safety margin on", () =>
    Effect.gen(function*() {
      const { receive } = yield* states
      yield* receive("one", 10)
      yield* TestClock.adjust(9 * 60_000 - 1)
      assert.deepStrictEqual(yield* receive("two", 1), Exit.succeed("one"))
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* receive("three", 1), Exit.succeed("three"))
    }))

  it.effect("keeps a key for as long as its source says when the key arrives", () =>
    Effect.gen(function*() {
      let minutes = 1
      const state = cacheState.make({ name: "test", keep: () => Duration.minutes(minutes) }, yield* Effect.clock)
      for (minutes of [2, 3]) {
        cacheState.receive(state, { credentials: accessKey("key"), expiration: Option.none() }, 0)
        assert.strictEqual(state.entry?.refreshAt, minutes * 60_000)
      }
    }))

  it.effect("says what expired on arrival", () =>
    Effect.gen(function*() {
      const { receive } = yield* states
      yield* TestClock.setTime(hour)
      const error = yield* Effect.flip(yield* receive("late", -1))
      assert.strictEqual(error._tag, "CredentialsExpired")
      assert.include(error.message, "test")
      assert.include(error.message, "check the clock of this machine")
    }))

  it.effect("keeps credentials that work after any failure, and refused ones until it is definite", () =>
    Effect.gen(function*() {
      const { fail, receive, state } = yield* states
      yield* receive("one", 10)
      for (const cause of [Cause.fail(rejected), Cause.fail(throttled(1)), Cause.die("defect")]) {
        assert.deepStrictEqual(yield* fail(cause), Exit.succeed("one"))
      }
      cacheState.refuse(state, session("one", 0))
      for (const cause of [Cause.fail(throttled(1)), Cause.die("defect")]) {
        assert.deepStrictEqual(yield* fail(cause), Exit.succeed("one"))
      }
      assert.deepStrictEqual(yield* fail(Cause.fail(rejected)), Exit.fail(rejected))
      assert.isUndefined(state.entry)
    }))

  it.effect("lets callers without credentials wait for a server that throttles, until credentials come", () =>
    Effect.gen(function*() {
      const { fail, receive, throttled: current } = yield* states
      assert.isTrue(Exit.isFailure(yield* fail(Cause.die("defect"))))
      assert.isUndefined(yield* current)
      yield* fail(Cause.fail(throttled(60)))
      assert.strictEqual((yield* current)?.pause, 60_000)
      yield* receive("one", 10)
      assert.isUndefined(yield* current)
    }))

  it.effect("remembers the last failure through an interruption, which says nothing", () =>
    Effect.gen(function*() {
      const { fail, state } = yield* states
      yield* fail(Cause.fail(rejected))
      const interrupted = Exit.interrupt(FiberId.none)
      assert.isTrue(Exit.isFailure(interrupted))
      if (Exit.isFailure(interrupted)) yield* fail(interrupted.cause)
      assert.strictEqual(state.failure?.error, rejected)
    }))
})
