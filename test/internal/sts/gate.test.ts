import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { CredentialError } from "effect-alicloud-credentials"
import * as gate from "../../../src/internal/sts/gate.ts"

const throttled = new CredentialError.CredentialsUnavailable({
  provider: "test",
  reason: "too many requests",
  code: "Throttling.User"
})

/** A server that throttles or not, one request a second, and the seconds at which requests reach it. */
const probe = Effect.map(gate.make("test", 10), (pass) => {
  const reached: Array<number> = []
  let second = 0
  const request = (answer: Effect.Effect<void, CredentialError.CredentialError>) =>
    pass(Effect.zipRight(Effect.sync(() => void reached.push(second)), answer)).pipe(
      Effect.exit,
      Effect.zipRight(TestClock.adjust("1 second")),
      Effect.zipRight(Effect.sync(() => void (second += 1)))
    )
  return { reached, request }
})

describe("the gate in front of STS", () => {
  it.effect("waits twice as long each time, and at most a minute, if STS does not say for how long", () =>
    Effect.gen(function*() {
      const { reached, request } = yield* probe
      for (let second = 0; second < 250; second++) yield* request(Effect.fail(throttled))
      assert.deepStrictEqual(reached, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243])
    }))

  it.effect("begins with a second again after a request that succeeded", () =>
    Effect.gen(function*() {
      const { reached, request } = yield* probe
      for (let second = 0; second < 3; second++) yield* request(Effect.fail(throttled))
      yield* request(Effect.void)
      for (let second = 0; second < 4; second++) yield* request(Effect.fail(throttled))
      assert.deepStrictEqual(reached, [0, 1, 3, 4, 5, 7])
    }))
})
