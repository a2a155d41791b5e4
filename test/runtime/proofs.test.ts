/**
 * The quick ones of `npm run proof:logins`.
 */
import { assert, describe, it } from "@effect/vitest"
import { bindMount, clock, readOnlyMount } from "../../scripts/proofs/scenarios.ts"
import { canMount, onStage } from "../../scripts/proofs/support.ts"

describe("a login is not lost where", () => {
  const mayMount = canMount()
  for (const { name, needsMounts, run } of [clock(20_000, 5), bindMount, readOnlyMount]) {
    it.runIf(mayMount || !needsMounts)(name, async () => {
      assert.deepStrictEqual((await onStage(run)).faults, [])
    })
  }
})
