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

  it("let each refusal wait twice as long as the one before, up to a minute", () => {
    assert.deepStrictEqual([0, 1, 2, 5, 6, 1000].map(deadlines.refusalPause), [
      1000,
      2000,
      4000,
      32_000,
      60_000,
      60_000
    ])
  })
})
