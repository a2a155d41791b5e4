import { assert, describe, it } from "@effect/vitest"
import { difference, median, percentile, ratio } from "../../bench/statistics.ts"

describe("percentiles", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)

  it("are values of the list, whatever its order", () => {
    assert.deepStrictEqual([0, 50, 99, 100].map((percent) => percentile(hundred, percent)), [1, 51, 100, 100])
  })

  it("sort by value and not by text", () => {
    assert.strictEqual(median([10, 9, 100]), 10)
  })

  it("leave the list as it is", () => {
    const values = [3, 1, 2]
    median(values)
    assert.deepStrictEqual(values, [3, 1, 2])
  })

  it("of nothing are not a number", () => {
    assert.isNaN(median([]))
  })
})

describe("ratios and differences", () => {
  it("are those of each round", () => {
    // The second round was slow for both. The ratio of the medians would be 3.
    assert.strictEqual(ratio([2, 20, 6], [1, 10, 2]), 2)
    assert.deepStrictEqual(difference([2, 20, 6], [1, 10, 2]), [1, 10, 4])
  })

  it("are not a number if a round is missing", () => {
    assert.isNaN(ratio([1], []))
  })
})
