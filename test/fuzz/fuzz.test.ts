/**
 * Every input causes a result or an error of this library, which shows no secret. The seed is fixed, so that a change
 * that did not cause a failure does not get one; `npm run fuzz` takes another seed and more inputs each time.
 */
import { assert, it } from "@effect/vitest"
import { settings } from "./settings.ts"
import { targets } from "./targets/index.ts"

const { count, seed, target: wanted } = settings

const chosen = targets.filter(({ name }) => wanted === undefined || name === wanted)

const shares = chosen.reduce((sum, { share }) => sum + share, 0)

it("has targets", () => {
  assert.isNotEmpty(chosen, `the targets are ${targets.map(({ name }) => name).join(", ")}`)
})

for (const { name, run, share } of chosen) {
  const inputs = Math.ceil(count * share / shares)
  it(`${name}, ${inputs} inputs`, async () => {
    const failure = await run({ seed, count: inputs })
    if (failure !== undefined) assert.fail(failure)
  })
}
