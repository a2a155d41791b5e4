import { assert, describe, it } from "@effect/vitest"
import * as cacheEntry from "../../../src/internal/provider/cacheEntry.ts"
import { ofConstant } from "../../../src/internal/provider/deadlines.ts"
import { accessKey } from "../../support/credentials.ts"
import { handClock } from "../../support/handClock.ts"

const received = () => {
  const machine = handClock()
  const { clock, now } = machine
  const entry = cacheEntry.make(clock, accessKey("key"), ofConstant(now(), Infinity), now())
  return {
    ...machine,
    isSetBack: () => cacheEntry.isSetBack(clock, entry, now()),
    seemsSetBack: () => cacheEntry.seemsSetBack(clock, entry, now())
  }
}

describe("the clock since credentials were received", () => {
  for (const [millis, expected] of [[1000, false], [1001, true]] as const) {
    it(`is ${expected ? "" : "not yet "}set back if ${millis} ms are missing`, () => {
      const { isSetBack, pass, seemsSetBack, set } = received()
      pass(5000)
      set(-millis)
      assert.strictEqual(isSetBack(), expected)
      assert.strictEqual(seemsSetBack(), expected)
    })
  }

  it("is seen at once to be set back to a time before the last look", () => {
    const { pass, seemsSetBack, set } = received()
    pass(999)
    assert.isFalse(seemsSetBack())
    set(-1500)
    assert.isTrue(seemsSetBack())
  })

  it("is compared once a second", () => {
    const { pass, reads, seemsSetBack } = received()
    const before = reads()
    const seen: Array<number> = []
    for (const millis of [0, 999, 1, 0, 999, 1]) {
      pass(millis)
      seemsSetBack()
      seen.push(reads() - before)
    }
    assert.deepStrictEqual(seen, [0, 0, 1, 1, 1, 2])
  })
})
