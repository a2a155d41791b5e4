import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"
import shared from "../../vitest.config.ts"
import { names, runVariable, testsVariable } from "./plan.ts"

const root = path.resolve(import.meta.dirname, "../..")
const run = process.env[runVariable] ?? ""
const tests = (process.env[testsVariable] ?? "").split("\n")
const driver = "scripts/mutate/driver.ts"

/** The driver comes last, when every test is known. */
class DriverLast extends BaseSequencer {
  override sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const rank = (file: TestSpecification) => file.moduleId.endsWith(driver) ? 1 : 0
    return Promise.resolve(
      files.sort((one, two) => rank(one) - rank(two) || one.moduleId.localeCompare(two.moduleId))
    )
  }
}

export default defineConfig({
  root,
  resolve: { ...shared.resolve },
  plugins: [{
    name: "mutants",
    enforce: "pre",
    load(id) {
      const code = names.code(run, path.relative(root, id.split("?")[0] ?? ""))
      return existsSync(code) ? readFileSync(code, "utf8") : undefined
    }
  }],
  test: {
    include: [...tests, driver],
    runner: "./scripts/mutate/runner.ts",
    pool: "forks",
    poolOptions: { forks: { isolate: false, singleFork: true } },
    sequence: { sequencer: DriverLast },
    update: false,
    silent: true,
    reporters: ["dot"],
    testTimeout: 0,
    hookTimeout: 0
  }
})
