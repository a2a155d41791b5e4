import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { schemas } from "./jsonSchemas.ts"

it("the JSON schemas are those of the runner", () => {
  for (const [file, text] of Object.entries(schemas)) {
    assert.strictEqual(readFileSync(`conformance/${file}`, "utf8"), text, file)
  }
})
