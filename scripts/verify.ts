/**
 * Runs every check and every test of both editions, the fastest first. The last line counts what passed and what
 * failed.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, rmSync } from "node:fs"

const before = [
  "check:format",
  "check:words",
  "check:lint",
  "check:types",
  "check:effect",
  "check:docs",
  "check:changes",
  "build",
  "check:api",
  "check:package",
  "proof:logins"
]
const results = "coverage/results.json"
const countsOf4 = "coverage/counts-v4.json"

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

// Most of these take what the steps before them have built.
const after = [["clients"], ["runtimes", "--", "--usual", "--built"], ["check:install", "--", "--built"]] as const

rmSync("coverage", { recursive: true, force: true })
const failedBefore = before.filter((step) => !npm(step))
const tested = npm("test", "--", "--reporter=default", "--reporter=json", `--outputFile.json=${results}`)

const isFineOn4 = npm("verify:v4")
const failedSteps = [...failedBefore, ...after.filter((words) => !npm(...words)).map(([name]) => name)]

interface Counts {
  readonly passed: number
  readonly failed: number
}

const nothing = { numFailedTests: 0, numPassedTests: 0 }
const { numFailedTests, numPassedTests } = existsSync(results)
  ? (JSON.parse(readFileSync(results, "utf8")) as typeof nothing)
  : nothing
// Without a count, that edition failed as a whole.
const of4 = existsSync(countsOf4)
  ? (JSON.parse(readFileSync(countsOf4, "utf8")) as Counts)
  : { passed: 0, failed: 1 }

// A test file that does not load fails without a failed test.
const ran = tested && numPassedTests > 0
const failed = numFailedTests + failedSteps.length + (ran || numFailedTests > 0 ? 0 : 1) +
  (isFineOn4 || of4.failed > 0 ? 0 : 1)
const passed = numPassedTests + before.length + after.length - failedSteps.length
if (failedSteps.length > 0) console.log(`\nFailed: ${failedSteps.join(", ")}`)
console.log(`\nEffect 3: ${passed} passed, ${failed} failed`)
console.log(`Effect 4: ${of4.passed} passed, ${of4.failed} failed`)
console.log(`\n${passed + of4.passed} passed, ${failed + of4.failed} failed`)
process.exitCode = failed + of4.failed === 0 ? 0 : 1
