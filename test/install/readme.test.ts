/** What README and docs/install.md say about the installation. */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { managers, peerProblems } from "../../scripts/install/managers.ts"
import { editions, firstProgram, floorLine, floorOf, installLine } from "../../scripts/install/readme.ts"

const readme = [
  "```ts",
  "first()",
  "```",
  "## Install",
  "```sh",
  "npm install a b@4   # Effect 4",
  "npm install a@effect3 b@3 @c/d@0.97   # Effect 3",
  "```",
  "| | Effect 4 | Effect 3 |",
  "| --- | --- | --- |",
  "| Yarn | `yarn add r` | `yarn add s@1` |",
  "## Next",
  "npm install z   # Effect 5",
  "| pnpm | `pnpm add` | `pnpm add` |"
].join("\n")

describe("the lines of a README", () => {
  it("are those of its section for npm", () => {
    assert.strictEqual(installLine(readme, "npm", "4"), "npm install a b@4")
    assert.strictEqual(installLine(readme, "npm", "3"), "npm install a@effect3 b@3 @c/d@0.97")
  })

  it("begin with the cell of the table for others", () => {
    assert.strictEqual(installLine(readme, "Yarn", "4"), "yarn add r a b@4")
    assert.strictEqual(installLine(readme, "Yarn", "3"), "yarn add s@1 a@effect3 b@3 @c/d@0.97")
  })

  it("are missing if they stand elsewhere", () => {
    assert.throws(() => installLine(readme, "pnpm", "4"), /no command of pnpm for Effect 4/)
    assert.throws(() => installLine(readme.replace("# Effect 4", "# Effect 5"), "npm", "4"), /no line "npm install/)
    assert.throws(() => installLine(readme.replace("## Install", "## Set"), "npm", "4"), /no section "Install"/)
  })

  it("install the oldest versions of the peer dependencies", () => {
    assert.strictEqual(
      floorLine("npm install a@effect3 b@3 @c/d@0.97", { b: "^3.20.0", "@c/d": ">=0.95.0 <0.98.0", e: "^1.0.0" }),
      "npm install a@effect3 b@3.20.0 @c/d@0.95.0"
    )
    assert.throws(() => floorOf("<2"), /does not begin with its oldest version/)
  })

  it("have a program before them", () => {
    assert.strictEqual(firstProgram(readme), "first()\n")
  })
})

describe("peerProblems", () => {
  it.each([
    "npm warn ERESOLVE overriding peer dependency",
    "npm error code ERESOLVE",
    "[WARN] Issues with peer dependencies found. Run \"pnpm peers check\" to list them.",
    "➤ YN0002: │ p@workspace:. doesn't provide redis (p6bb0e9), requested by @effect/platform-node.",
    "➤ YN0060: │ effect is listed by your project with version 4.1.0"
  ])("finds %s", (line) => {
    assert.deepStrictEqual(peerProblems(`added 3 packages\n${line}\ndone`), [line])
  })

  it("finds nothing in the output of an installation that fits", () => {
    assert.deepStrictEqual(
      peerProblems("➤ YN0000: · Yarn 4.18.1\n➤ YN0004: │ x lists build scripts\nadded 16 packages"),
      []
    )
  })
})

interface Manifest {
  readonly engines: { readonly node: string }
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const manifestOf = (file: string): Manifest => JSON.parse(readFileSync(file, "utf8")) as Manifest

describe("docs/install.md", () => {
  const text = readFileSync("README.md", "utf8")
  const page = readFileSync("docs/install.md", "utf8")
  const manifests = { "3": manifestOf("package.json"), "4": manifestOf("v4/package.json") }

  it.each(
    editions.flatMap((edition) =>
      [...new Set(managers.map(({ inReadme }) => inReadme))].map((manager) => [manager, edition] as const)
    )
  )("has the line of README for %s and Effect %s", (manager, edition) => {
    assert.include(page.split("\n"), installLine(text, manager, edition))
  })

  it.each(editions)("has the oldest and the newest tested versions of Effect %s", (edition) => {
    const { devDependencies, engines, peerDependencies } = manifests[edition]
    const rows = Object.entries(peerDependencies).map(([name, range]) =>
      `| Effect ${edition} | \`${name}\` | \`${range}\` | ${floorOf(range)} | ${devDependencies[name]} |`
    )
    const lines = page.split("\n").filter((line) => line.startsWith(`| Effect ${edition} | `))
    assert.deepStrictEqual(lines, [...rows, `| Effect ${edition} | Node.js | \`${engines.node}\` | | |`])
  })
})
