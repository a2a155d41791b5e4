/**
 * A tenth of the fleet of `npm run bench:fleet`, with a tenth of the quota: the same figures, in seconds.
 */
import { assert, describe, it } from "@effect/vitest"
import * as bounds from "../../bench/fleet/bounds.ts"
import { after, before } from "../../bench/fleet/processes.ts"
import * as scenarios from "../../bench/fleet/scenarios.ts"

const fleet: scenarios.Fleet = {
  processes: 1000,
  quota: 10,
  life: 3600,
  start: 30,
  outageStart: 2700,
  outageLength: 600,
  seed: 1
}

const misses = (scenario: scenarios.Scenario, makeProcess = after): ReadonlyArray<string> =>
  scenario.results(scenarios.run(scenario, makeProcess))
    .filter(({ target, value }) => target !== undefined && value > target)
    .map(({ name, target, value }) => `${name}: ${value} > ${target}`)

const outage = (outageStart: number, hasKeys: boolean) =>
  scenarios.outage({ ...fleet, outageStart }, { name: "outage", hasKeys, targets: { load: 2, lost: 1 } })

describe("a fleet of 1,000 processes with a quota of 10 calls a second", () => {
  // With so few calls, chance alone makes the busiest second twice as busy as the average.
  it("renews in the calm within its quota", () => {
    const calm = scenarios.run(scenarios.calm(fleet), after)
    assert.strictEqual(calm.lostKeys, 0)
    assert.isAtMost(calm.calls.reduce((most, calls) => Math.max(most, calls), 0), 1.6 * fleet.quota)
  })

  for (const hasKeys of [true, false]) {
    it(`loses no key in an outage of 10 minutes, whenever it begins, ${hasKeys ? "" : "after a cold start"}`, () => {
      for (let start = 2100; start <= 3600; start += 150) assert.deepStrictEqual(misses(outage(start, hasKeys)), [])
    })
  }

  it("gets its first keys nearly as fast as the quota allows", () => {
    assert.deepStrictEqual(misses(scenarios.coldStart(fleet, true)), [])
  })

  it("would miss the targets with the arithmetic before", () => {
    assert.isNotEmpty(misses(outage(2700, true), before))
    assert.isNotEmpty(misses(scenarios.coldStart(fleet, true), before))
  })
})

describe("the bound of lost keys", () => {
  const setting = { processes: 900, quota: 1, life: 3600, start: 0, hasKeys: true, until: 0, seed: 1 }

  it("is zero if the quota is enough for all renewals in the last quarter of the life", () => {
    assert.strictEqual(bounds.lostKeys(setting), 0)
  })

  it("is the number of answers that are missing", () => {
    assert.strictEqual(bounds.lostKeys({ ...setting, processes: 1000 }), 100)
    assert.strictEqual(bounds.lostKeys({ ...setting, outage: { start: 2800, length: 600, quota: 0 } }), 600)
    assert.strictEqual(bounds.lostKeys({ ...setting, outage: { start: 100, length: 600, quota: 0 } }), 0)
  })

  it("counts what a server still answers in the outage", () => {
    assert.strictEqual(
      bounds.lostKeys({ ...setting, quota: 2, processes: 1800, outage: { start: 2700, length: 600, quota: 1 } }),
      600
    )
  })
})
