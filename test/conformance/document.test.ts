import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { casesIn, groups } from "../../scripts/conformance/cases.ts"

it("the document of the results has a row with a result for each case", () => {
  const rows = [...readFileSync("docs/conformance.md", "utf8").matchAll(/^\| `([\w-]+)` \| .* \| (.+) \|$/gm)]
  const results = /^(?:passes|works otherwise: .+|fails: .+|cannot run: .+)$/
  assert.deepStrictEqual(
    rows.map(([, name]) => name),
    groups.flatMap((group) => casesIn(group).map(({ name }) => name))
  )
  for (const [row, , result] of rows) assert.match(result ?? "", results, row)
})
