import { assert, describe, it } from "@effect/vitest"
import * as deadlines from "../../../src/internal/provider/deadlines.ts"

describe("deadlines", () => {
  it("ignore undefined members, and a jitter that is not a number", () => {
    const odd = { prefetch: undefined, jitter: NaN } as unknown as { readonly jitter: number }
    assert.deepStrictEqual(deadlines.policy(odd), deadlines.policy({}))
    assert.strictEqual(deadlines.policy({ jitter: 7 }).jitter, 1)
    assert.strictEqual(deadlines.policy({ jitter: -7 }).jitter, 0)
  })

  it("wait for Retry-After, but for at most five minutes", () => {
    const policy = deadlines.policy({ jitter: 0 })
    assert.strictEqual(deadlines.backoff(policy, 0, 0, 0), 100)
    assert.strictEqual(deadlines.backoff(policy, 0, 0, 30_000), 30_000)
    assert.strictEqual(deadlines.backoff(policy, 50, 0, 0), 10_000)
    assert.strictEqual(deadlines.backoff(policy, 0, 0, 1e12), 300_000)
  })

  it("are reached at their time, and if the clock went back past their start", () => {
    assert.isFalse(deadlines.isOver(0, 10, 10))
    assert.isTrue(deadlines.isOver(10, 10, 10))
    assert.isTrue(deadlines.isOver(-1, 10, 10))
  })
})
