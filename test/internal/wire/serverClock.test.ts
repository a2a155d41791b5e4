import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { makeServerClock } from "../../../src/internal/wire/serverClock.ts"
import { hour } from "../../support/clock.ts"

const host = "sts.local"

const start = 100 * hour

/** A server clock, and how far it is ahead of the clock of this machine. */
const setup = Effect.gen(function*() {
  yield* TestClock.setTime(start)
  const clock = makeServerClock()
  const ahead = Effect.zipWith(clock.now(host), TestClock.currentTimeMillis, (there, here) => there - here)
  return { clock, ahead }
})

const at = (time: number, skew: number) => ({ sentAt: time, readAt: time, serverDate: time + skew })

describe("the clock of a server", () => {
  it.effect("is still known after a machine slept during a request", () =>
    Effect.gen(function*() {
      const { ahead, clock } = yield* setup
      clock.learn(host, at(start, -10 * hour))
      yield* TestClock.adjust(hour)
      const slept = { sentAt: start, readAt: start + hour, serverDate: start - 9 * hour }
      clock.learn(host, slept)
      assert.isTrue(clock.mayRepeat(host, start - 10 * hour, slept))
      assert.strictEqual(yield* ahead, -10 * hour)
    }))

  it.effect("is ignored if a timestamp by its date is refused, until one without it is refused too", () =>
    Effect.gen(function*() {
      const { ahead, clock } = yield* setup
      clock.learn(host, at(start, -10 * hour))
      assert.isTrue(clock.mayRepeat(host, start - 10 * hour, at(start, -10 * hour)))
      assert.strictEqual(yield* ahead, 0)
      clock.learn(host, at(start, -10 * hour))
      assert.strictEqual(yield* ahead, 0, "answers alone do not change that")
      assert.isTrue(clock.mayRepeat(host, start, at(start, -10 * hour)))
      assert.strictEqual(yield* ahead, -10 * hour)
    }))

  it.effect("is not changed by a refusal of a good timestamp that arrived late", () =>
    Effect.gen(function*() {
      const { ahead, clock } = yield* setup
      const slept = { sentAt: start, readAt: start + hour, serverDate: start + hour }
      clock.learn(host, slept)
      assert.isTrue(clock.mayRepeat(host, start, slept))
      assert.strictEqual(yield* ahead, 0)
    }))
})
