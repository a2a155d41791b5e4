import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { RefreshPolicy } from "effect-alicloud-credentials"
import * as deadlines from "../../../src/internal/provider/deadlines.ts"

describe("deadlines", () => {
  it("ignore undefined members, and a jitter that is not a number", () => {
    const odd = { prefetch: undefined, jitter: NaN } as unknown as { readonly jitter: number }
    assert.deepStrictEqual(deadlines.policy(odd), deadlines.policy({}))
    assert.strictEqual(deadlines.policy({ jitter: 7 }).jitter, 1)
    assert.strictEqual(deadlines.policy({ jitter: -7 }).jitter, 0)
  })

  it("are of a policy in milliseconds", () => {
    const policy = {
      prefetch: "2 minutes",
      safety: "3 seconds",
      interval: "4 seconds",
      maxBackoff: "5 seconds",
      maxWait: "6 seconds",
      jitter: 0.5
    } as const
    assert.deepStrictEqual(deadlines.policy(policy), {
      prefetch: 120_000,
      safety: 3000,
      interval: 4000,
      maxBackoff: 5000,
      maxWait: 6000,
      jitter: 0.5
    })
  })

  it("are none for constant credentials, which are compared with their source again", () => {
    const constant = { expiresAt: Infinity, usableUntil: Infinity }
    assert.deepStrictEqual(deadlines.ofConstant(5, 8), { ...constant, refreshAt: 13, window: 2 })
    assert.deepStrictEqual(deadlines.ofConstant(5, Infinity), { ...constant, refreshAt: Infinity, window: 15 * 60_000 })
  })

  const [second, minute, hour] = [1000, 60_000, 3_600_000]
  const random = [0, 0.25, 0.5, 0.999]

  it("take the defaults of a source for what is not given", () => {
    assert.strictEqual(deadlines.policy({}).prefetch, hour)
    assert.strictEqual(deadlines.policy({}, RefreshPolicy.instanceDefaults).prefetch, 15 * minute)
    assert.strictEqual(deadlines.policy({ prefetch: hour }, RefreshPolicy.instanceDefaults).prefetch, hour)
  })

  for (
    const [life, prefetch, from, to] of [
      ["15 minutes", hour, 225, 168.75],
      ["1 hour", hour, 900, 675],
      ["6 hours", hour, 3600, 720],
      ["6 hours", 15 * minute, 900, 675],
      ["12 hours", hour, 3600, 720]
    ] as const
  ) {
    it(`begin the renewal of a session of ${life} from ${from} s to ${to} s before its end, for prefetch ${prefetch}`, () => {
      const policy = deadlines.policy({ prefetch })
      const before = (random: number) => {
        const { expiresAt, refreshAt } = deadlines.ofSession(policy, 0, Duration.toMillis(life), random)
        return (expiresAt - refreshAt) / second
      }
      assert.strictEqual(before(0), from)
      assert.closeTo(before(1), to, 1e-6)
      assert.closeTo(before(0.5), (from + to) / 2, 1e-6)
    })
  }

  it("leave a margin before the end of a session, of no more than a tenth of its lifetime", () => {
    const policy = deadlines.policy({ prefetch: "10 minutes", safety: "1 minute", jitter: 0 })
    const margins = (life: number) => {
      const { expiresAt, refreshAt, usableUntil } = deadlines.ofSession(policy, hour, hour + life, 0)
      return [expiresAt - hour, expiresAt - refreshAt, expiresAt - usableUntil]
    }
    assert.deepStrictEqual(margins(hour), [hour, 10 * minute, minute])
    assert.deepStrictEqual(margins(5 * minute), [5 * minute, 75 * second, 30 * second])
  })

  it("spread renewals over no more than the given jitter", () => {
    const { expiresAt, refreshAt } = deadlines.ofSession(deadlines.policy({ jitter: 0.05 }), 0, hour, 1)
    assert.strictEqual(expiresAt - refreshAt, 855 * second)
  })

  const failed: deadlines.FailedRenewal = {
    failures: 0,
    left: 15 * minute,
    window: 15 * minute,
    isThrottled: false,
    isRefused: false,
    retryAfter: 0
  }
  const steady = deadlines.policy({ jitter: 0 })

  it("pause twice as long after each failure, for at most five minutes", () => {
    const pauses = [0, 1, 2, 3].map((failures) => deadlines.backoff(steady, { ...failed, failures }, 0))
    assert.deepStrictEqual(pauses, [2, 4, 5, 5].map((minutes) => minutes * minute))
    const throttled = [0, 1, 2, 5, 50].map((failures) =>
      deadlines.backoff(steady, { ...failed, isThrottled: true, failures }, 0)
    )
    assert.deepStrictEqual(throttled, [7.5, 15, 30, 150, 150].map((seconds) => seconds * second))
    const refused = [0, 1, 50].map((failures) => deadlines.backoff(steady, { ...failed, isRefused: true, failures }, 0))
    assert.deepStrictEqual(refused, [1, 2, 300].map((seconds) => seconds * second))
  })

  it("pause for a share of the time that is left, which shrinks towards the end", () => {
    const most = (left: number, isThrottled = false) =>
      deadlines.backoff(steady, { ...failed, failures: 50, left: left * second, isThrottled }, 0) / second
    assert.deepStrictEqual([600, 400, 300, 60, 10, 1].map((left) => most(left)), [300, 800 / 3, 150, 6, 1, 1])
    assert.deepStrictEqual([800, 700, 610, 600, 300].map((left) => most(left, true)), [100, 50, 5, 200, 75])
  })

  it("pause at random, between a tenth of a second and the whole pause", () => {
    const policy = deadlines.policy({})
    assert.deepStrictEqual(random.map((random) => Math.round(deadlines.backoff(policy, failed, random))), [
      120_000,
      90_000,
      60_000,
      120
    ])
    assert.strictEqual(deadlines.backoff(policy, failed, 0.99999), 100)
  })

  it("pause for at most a given maxBackoff", () => {
    const policy = deadlines.policy({ maxBackoff: "10 seconds" })
    assert.strictEqual(deadlines.backoff(policy, failed, 0), 10 * second)
    assert.strictEqual(deadlines.backoff(policy, failed, 0.5), 5 * second)
  })

  it("wait for Retry-After and up to twice that, but for at most five minutes", () => {
    const wait = (retryAfter: number, random: number) =>
      deadlines.backoff(deadlines.policy({}), { ...failed, left: 10 * second, retryAfter }, random)
    assert.strictEqual(wait(30 * second, 0), 30 * second)
    assert.strictEqual(wait(30 * second, 0.5), 45 * second)
    assert.strictEqual(wait(1e12, 0), 5 * minute)
  })

  it("wait for a server that throttles anywhere within the limit of the callers", () => {
    const policy = deadlines.policy({})
    const wait = (left: number, random: number) =>
      deadlines.throttledPause(policy, { count: 3, left, retryAfter: 0 }, random)
    assert.strictEqual(wait(80 * second, 1), 80 * second)
    assert.strictEqual(wait(80 * second, 0.25), 20 * second)
    assert.strictEqual(wait(80 * second, 0), second)
    assert.strictEqual(wait(second, 1), second)
    assert.strictEqual(wait(999, 1), 90 * second / 8, "for callers with a new limit")
    const short = deadlines.policy({ maxBackoff: "3 seconds" })
    assert.strictEqual(deadlines.throttledPause(short, { count: 0, left: 80 * second, retryAfter: 0 }, 1), 3 * second)
  })

  it("double from one second without jitter, within the limit of the callers", () => {
    const wait = (count: number, retryAfter = 0) =>
      deadlines.throttledPause(deadlines.policy({ jitter: 0 }), { count, left: 50 * second, retryAfter }, 0.7)
    const waits = [0, 1, 5, 6, 5000].map((count) => wait(count))
    assert.deepStrictEqual(waits, [1, 2, 32, 50, 50].map((seconds) => seconds * second))
    const asked = [0, 1, 2, 5000].map((count) => wait(count, 5 * second))
    assert.deepStrictEqual(asked, [5, 10, 20, 50].map((seconds) => seconds * second))
  })

  it("wait for what a server that throttles asks for, then twice that, within the limit of the callers", () => {
    const wait = (count: number, left: number, random = 1) =>
      deadlines.throttledPause(deadlines.policy({}), { count, left, retryAfter: 5 * second }, random)
    assert.deepStrictEqual([0, 1, 2].map((count) => wait(count, 80 * second)), [10, 20, 40].map((s) => s * second))
    assert.deepStrictEqual([0, 1, 2].map((count) => wait(count, 80 * second, 0)), [5, 5, 5].map((s) => s * second))
    assert.strictEqual(wait(0, 80 * second, 0.5), 7.5 * second)
    assert.strictEqual(wait(2, 12 * second), 12 * second)
    assert.strictEqual(wait(2, 4 * second), 5 * second, "longer than the callers wait")
    assert.strictEqual(wait(5000, 80 * second), 80 * second)
    const soon = deadlines.throttledPause(deadlines.policy({}), { count: 0, left: 80 * second, retryAfter: 1 }, 1)
    assert.strictEqual(soon, 2 * second, "a millisecond is a wish too")
  })

  it("of a fleet with a Retry-After do not end together", () => {
    const policy = deadlines.policy({})
    const limit = 90 * second
    const lastRequest = (index: number, retryAfter: number): number => {
      let at = 0
      for (let count = 0; at + retryAfter < limit; count++) {
        // Numbers that are spread evenly, and differ at each step.
        const random = ((index + 1) * (count + 1) * 0.618_033_988_749_895) % 1
        const pause = deadlines.throttledPause(policy, { count, left: limit - at, retryAfter }, random)
        if (at + pause > limit) break
        at += pause
      }
      return at
    }
    for (const retryAfter of [1, 5, 20]) {
      const ends = Array.from({ length: 1000 }, (_, index) => lastRequest(index, retryAfter * second))
      assert.isBelow(ends.filter((end) => end > limit - 10).length, 100, `Retry-After: ${retryAfter}`)
    }
  })

  it("are milliseconds that a timer takes, whatever the policy and however long the outage", () => {
    for (const refresh of [{ prefetch: 0 }, { maxBackoff: 0 }, { maxBackoff: Infinity, maxWait: Infinity }, {}]) {
      const policy = deadlines.policy(refresh)
      for (const count of [0, 1, 1023, 1024, 5000]) {
        for (const left of [0, 1, hour, Infinity]) {
          for (const retryAfter of [0, 1, 1e12, Infinity]) {
            for (const isThrottled of [true, false]) {
              const failed = {
                failures: count,
                left,
                window: policy.prefetch / 4,
                isThrottled,
                isRefused: false,
                retryAfter
              }
              for (const random of [0, 0.5]) {
                const pauses = [
                  deadlines.backoff(policy, failed, random),
                  deadlines.throttledPause(policy, { count, left, retryAfter }, random)
                ]
                for (const pause of pauses) {
                  assert.isTrue(pause >= 100 && pause <= hour, JSON.stringify({ refresh, failed, random, pauses }))
                }
              }
            }
          }
        }
      }
    }
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
