import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { casesIn, groups } from "../../scripts/conformance/cases.ts"

it("the document has a row for each case", () => {
  const document = readFileSync("docs/conformance.md", "utf8")
  for (const { file, name } of groups.flatMap((group) => casesIn(group))) {
    assert.include(document, `\n| \`${name}\` |`, file)
  }
})
