/**
 * Runs every check and every test, the fastest first. The last line counts what passed and what failed.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, rmSync } from "node:fs"

const steps = [
  "check:format",
  "check:words",
  "check:lint",
  "check:types",
  "check:effect",
  "check:docs",
  "build",
  "check:package",
  "proof:logins"
]
const results = "coverage/results.json"

const npm = (...words: ReadonlyArray<string>): boolean => {
  const start = performance.now()
  console.log(`\n> ${words.join(" ")}`)
  const { status } = spawnSync("npm", ["run", "--silent", ...words], {
    stdio: "inherit",
    shell: process.platform === "win32"
  })
  console.log(`${status === 0 ? "ok" : "FAILED"} in ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return status === 0
}

rmSync("coverage", { recursive: true, force: true })
const failedSteps = steps.filter((step) => !npm(step))
const tested = npm("test", "--", "--reporter=default", "--reporter=json", `--outputFile.json=${results}`)

const { numFailedTests, numPassedTests } = existsSync(results)
  ? (JSON.parse(readFileSync(results, "utf8")) as { readonly numFailedTests: number; readonly numPassedTests: number })
  : { numFailedTests: 0, numPassedTests: 0 }

// A test file that does not load fails without a failed test.
const failed = numFailedTests + failedSteps.length + (tested || numFailedTests > 0 ? 0 : 1)
if (failedSteps.length > 0) console.log(`\nFailed: ${failedSteps.join(", ")}`)
console.log(`\n${numPassedTests + steps.length - failedSteps.length} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
