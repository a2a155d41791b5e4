/**
 * Runs the fuzz tests with another seed each time.
 *
 *     npm run fuzz
 *     npm run fuzz -- --seed 42 --target configEdit --count 1000
 *
 * With the same seed, target and count the inputs are the same. A failure is printed with the line that repeats it.
 */
import { spawnSync } from "node:child_process"
import { parseArgs } from "node:util"
import { numberOption } from "./numberOption.ts"

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1) },
    count: { type: "string", default: "100000" },
    target: { type: "string" }
  }
})

numberOption("seed", values.seed, 0)
numberOption("count", values.count, 1)

console.log(`seed ${values.seed}, ${values.count} inputs`)

const { status } = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "test/fuzz/fuzz.test.ts", "--testTimeout=0", "--reporter=verbose"],
  {
    stdio: "inherit",
    env: {
      ...process.env,
      FUZZ_SEED: values.seed,
      FUZZ_COUNT: values.count,
      ...(values.target === undefined ? {} : { FUZZ_TARGET: values.target })
    }
  }
)
process.exitCode = status ?? 1
