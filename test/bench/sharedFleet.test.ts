/**
 * A small fleet of `npm run bench:fleet -- --shared`, against the same targets.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Fleet } from "../../bench/fleet/scenarios.ts"
import * as shared from "../../bench/fleet/shared/scenarios.ts"

const fleet: Fleet = {
  processes: 200,
  quota: 2,
  life: 3600,
  start: 30,
  outageStart: 2700,
  outageLength: 600,
  seed: 1
}

describe("a fleet of 200 processes with a shared session", () => {
  for (const scenario of shared.all(fleet)) {
    it(`meets its targets: ${scenario.name}`, async () => {
      const missed = (await shared.run(scenario)).filter(({ target, value }) => target !== undefined && value > target)
      assert.deepStrictEqual(missed, [])
    })
  }

  it("has windows that tell two renewals of one session from one of each", () => {
    const calls = Float64Array.of(1, 0, 0, 1, 1, 0)
    assert.strictEqual(shared.mostInWindow(calls, 3), 2)
    assert.strictEqual(shared.mostInWindow(calls, 3, 4), 1)
  })
})
