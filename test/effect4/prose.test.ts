import { assert, describe, it } from "@effect/vitest"
import { prose } from "../../scripts/effect4/prose.ts"

describe("names of Effect 3 in texts", () => {
  it("become those of Effect 4, also in the comments of code", () => {
    const text = " * Needs a `CommandExecutor`, which is CommandExecutor.CommandExecutor."
    assert.strictEqual(
      prose("src/ExternalProcess.ts", text),
      " * Needs a `ChildProcessSpawner`, which is CommandExecutor.CommandExecutor."
    )
  })

  it("stay in the document that compares both", () => {
    assert.strictEqual(prose("docs/effect-4.md", "`CommandExecutor`"), "`CommandExecutor`")
  })
})
