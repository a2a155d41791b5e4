/**
 * Twenty hours of thousands of fibers, with servers that fail, a clock that is set, and a machine that stops and sleeps, compared
 * with a ledger of what is true. `npm run soak` does the same in real time, with a new seed each time.
 */
import { assert, it } from "@effect/vitest"
import { Exit } from "effect"
import { live } from "../support/soak/day.ts"

const seed = 1

it(
  `twenty hours of 3,000 fibers and of servers that fail loses no session and returns no dead one (seed ${seed})`,
  async () => {
    const { exit, figures, sleeping } = await live({ seed, hours: 20, callers: 1000 })
    assert.isTrue(Exit.isSuccess(exit), String(exit))
    assert.strictEqual(sleeping, 0, "sleeps that were left behind")
    for (const [name, { faults, gets, refused, sessions, violations }] of Object.entries(figures)) {
      assert.deepStrictEqual(violations, [], name)
      // A soak in which nothing happens proves nothing.
      assert.isAbove(gets, 10_000, `${name}: calls`)
      assert.isAbove(Math.min(faults, sessions), 30, `${name}: faults, sessions`)
      assert.isAbove(refused, 5, `${name}: refused`)
    }
  },
  600_000
)
