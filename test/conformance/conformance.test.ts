/** The rules as data: each file of `conformance/cases` is a case. */
import { describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { decode } from "./case.ts"
import { run } from "./run.ts"

const folder = "conformance/cases"

for (const group of ["chain", "sources", "renewal"]) {
  describe(group, () => {
    for (const file of readdirSync(path.join(folder, group)).filter((file) => file.endsWith(".json"))) {
      const test = decode(readFileSync(path.join(folder, group, file), "utf8"))
      it.effect(`${file.slice(0, -5)}: ${test.about}`, () => run(test))
    }
  })
}
