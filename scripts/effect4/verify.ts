/**
 * Runs every check and every test of the edition for Effect 4. The last line counts what passed and what failed.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { newerNode } from "./node.ts"

const results = "coverage/results-v4.json"
const step = (name: string, command: string, args: ReadonlyArray<string>, cwd = "."): boolean => {
  const start = performance.now()
  console.log(`\n> effect 4: ${name}`)
  const { status } = spawnSync(command, args, { stdio: "inherit", cwd })
  console.log(`${status === 0 ? "ok" : "FAILED"} in ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return status === 0
}

const bin = (file: string) => `node_modules/${file}`
const exports = Object.keys((JSON.parse(readFileSync("package.json", "utf8")) as { exports: object }).exports)
  .filter((name) => name !== "./package.json")
  .map((name) => `effect-alicloud-credentials${name.slice(1)}`)

const steps: ReadonlyArray<readonly [name: string, run: () => boolean]> = [
  ["install", () => step("install", process.execPath, ["--import", "tsx", "scripts/effect4/install.ts"])],
  ["build", () => step("build", process.execPath, ["--import", "tsx", "scripts/effect4/build.ts"])],
  [
    "types",
    () => step("types", process.execPath, [bin("typescript/bin/tsc"), "--noEmit", "-p", "v4/build/tsconfig.json"])
  ],
  [
    "diagnostics",
    () =>
      step("diagnostics", process.execPath, [
        "--import",
        "tsx",
        "scripts/check-effect.ts",
        "v4/build/tsconfig.json"
      ])
  ],
  [
    "names",
    () =>
      step("the names of the edition for Effect 3", process.execPath, [
        "--import",
        "tsx",
        "scripts/api/index.ts",
        "--names",
        "v4/build/dist"
      ])
  ],
  ["publint", () => step("publint", process.execPath, [bin("publint/src/cli.js"), "--strict", "v4/build"])],
  [
    "attw",
    () =>
      step("attw", process.execPath, [
        bin("@arethetypeswrong/cli/dist/index.js"),
        "--pack",
        "v4/build",
        "--profile",
        "esm-only"
      ])
  ],
  [
    "links",
    () => step("links", process.execPath, ["--import", "tsx", "scripts/release/checkLinks.ts", "v4/build"])
  ],
  [
    "examples",
    () => step("examples", process.execPath, ["--import", "tsx", "../../scripts/check-docs.ts"], "v4/build")
  ],
  [
    "load",
    () =>
      step(
        "load each entry point",
        newerNode,
        ["--input-type=module", "-e", exports.map((name) => `await import("${name}")`).join("\n")],
        "v4/build"
      )
  ],
  ["demo", () => step("demo", newerNode, ["--import", "tsx", "scripts/demo.ts"], "v4/build")]
]

rmSync(results, { force: true })
const failedSteps = steps.flatMap(([name, run]) => run() ? [] : [name])
const tested = step(
  "test",
  newerNode,
  [
    "../node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=../../${results}`
  ],
  "v4/build"
)

const { numFailedTests, numPassedTests } = existsSync(results)
  ? (JSON.parse(readFileSync(results, "utf8")) as { readonly numFailedTests: number; readonly numPassedTests: number })
  : { numFailedTests: 0, numPassedTests: 0 }

// A test file that does not load fails without a failed test.
const failed = numFailedTests + failedSteps.length + (tested || numFailedTests > 0 ? 0 : 1)
if (failedSteps.length > 0) console.log(`\nFailed: ${failedSteps.join(", ")}`)
const passed = numPassedTests + steps.length - failedSteps.length
mkdirSync("coverage", { recursive: true })
writeFileSync("coverage/counts-v4.json", JSON.stringify({ passed, failed }))
console.log(`\nEffect 4: ${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
