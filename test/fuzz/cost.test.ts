/**
 * The work for an input grows with its size, and not with its square. Steps are counted, so no clock matters.
 */
import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const root = fileURLToPath(new URL("../..", import.meta.url))

// Counting changes how everything else runs, so it has a process of its own.
const { stdout } = await promisify(execFile)(
  process.execPath,
  ["--import", "tsx", path.join(root, "test/fixtures/cost.ts")],
  { cwd: root }
)

const counts = JSON.parse(stdout) as Readonly<Record<string, ReadonlyArray<number>>>

// Twice the size is twice the work, and a bit more where something is sorted. A square would be four times the work.
const most = 2.5

describe("twice the size is about twice the work", () => {
  for (const [name, steps] of Object.entries(counts)) {
    it(`for ${name}`, () => {
      assert.isAtLeast(steps.length, 4)
      for (const [at, count] of steps.entries()) {
        assert.isAbove(count, 0)
        assert.isAtMost(count, most * (steps[at - 1] ?? count), steps.join(", "))
      }
    })
  }
})
