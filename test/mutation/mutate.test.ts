import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { mutate } from "../../scripts/mutate/mutants.ts"
import { survivors, titleOf } from "../../scripts/mutate/survivors/index.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

const changesOf = (text: string): ReadonlyArray<string> =>
  mutate("file.ts", text).mutants.map(({ after, before }) => `${before} => ${after}`)

describe("mutants", () => {
  for (
    const [text, ...changes] of [
      ["f(a < b)", "f(a < b) => ", "a < b => true", "a < b => false", "a < b => a <= b"],
      ["const x = a && b", "a && b => a", "a && b => b", "a && b => false"],
      ["const x = a ?? b", "a ?? b => a", "a ?? b => b"],
      ["const x = { a, b: 1 }", "{ a, b: 1 } => ({ b: 1 })", "1 => 2"],
      ["const x = e.pipe(f(y), g)", "e.pipe(f(y), g) => e.pipe(g)", "e.pipe(f(y), g) => e.pipe(f(y))"],
      ["const x = e.pipe(Effect.withSpan(\"s\", { a }))"],
      ["const x = Effect.ensuring(a, b)", "Effect.ensuring(a, b) => a"],
      [
        "const x = /^a[b]$/i",
        "/^a[b]$/i => /a[b]$/i",
        "/^a[b]$/i => /^a[b]/i",
        "/^a[b]$/i => /^a[^b]$/i",
        "/^a[b]$/i => /^a[b]$/"
      ],
      ["if (a) continue", "a => true", "a => false", "continue => "],
      ["Effect.logDebug(`a ${b}`)"],
      ["const x: \"a\" = y as \"b\""]
    ] as const
  ) {
    it(`of ${text}`, () => assert.deepStrictEqual(changesOf(text), changes))
  }

  it("leave a statement without braces one statement", () => {
    assert.include(mutate("file.ts", "while (true) if (a) continue").code, "{if(!__m(")
  })
})

describe("explained survivors", () => {
  for (const [name, explained] of Object.entries(survivors)) {
    it(`of ${name} are mutants of its present source`, () => {
      const file = `src/internal/${name}.ts`
      const titles = new Set(mutate(file, readFileSync(`${root}${file}`, "utf8")).mutants.map(titleOf))
      const gone = explained.flatMap(({ mutants }) => mutants).filter((title) => !titles.has(title))
      assert.deepStrictEqual(gone, [])
    })
  }
})

describe("npm run mutate", () => {
  it("lists what no test notices", () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [
        ...["--import", "tsx", "scripts/mutate/index.ts", "test/mutation/fixture/clamp.ts"],
        ...["--tests", "test/mutation/fixture/clamp.check.ts"]
      ],
      { cwd: root, encoding: "utf8" }
    )
    assert.strictEqual(status, 1)
    assert.match(stdout, /^\d+ survivors have no reason\.$/m)
    assert.include(stdout, "clamp.ts:4 survived (condition)\n    - value > most\n    + false\n")
    assert.notInclude(stdout, "- value < 0\n    + false")
    const [, , killed, stopped] = /\| test\/mutation\/fixture\/clamp\.ts \| (\d+) \| (\d+) \| (\d+)/.exec(stdout) ?? []
    assert.isAbove(Number(killed), 0)
    assert.strictEqual(stopped, "2", "count -= 1, and no change of it")
  })
})
