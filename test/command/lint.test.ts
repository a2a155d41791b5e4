import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { findingsOf } from "../../src/command/lint.ts"
import { configOf } from "../support/configFiles.ts"
import { machine } from "../support/machine.ts"
import { memoryFiles } from "../support/memoryFiles.ts"

const home = "/home/me"

const names = Array.from({ length: 50 }, (_, index) => `client${index}`)

const sections = names.map((name) => `[${name}]\ntype=access_key\naccess_key_id=LTAIHalf\n`).join("")

describe("lint", () => {
  it.effect("finds what is wrong in every profile, and reads no file anew for each", () => {
    const files = memoryFiles({
      [`${home}/.aliyun/config.json`]: configOf(
        names.map((name) => ({ name, mode: "AK", access_key_id: "LTAIHalf" }))
      ),
      [`${home}/.alibabacloud/credentials.ini`]: sections
    })
    return Effect.gen(function*() {
      const findings = yield* findingsOf({ profile: Option.none(), role: Option.none() })
      const failing = findings.filter(({ code }) => code === "source-fails").map(({ reason }) => reason)
      for (const name of ["client0", "client49"]) {
        assert.strictEqual(failing.filter((reason) => reason.includes(`profile "${name}"`)).length, 1)
        assert.strictEqual(failing.filter((reason) => reason.includes(`section "${name}"`)).length, 1)
      }
      // For its names, for the chain, and for all profiles together.
      assert.isAtMost(files.reads(), 6)
    }).pipe(Effect.provide(machine(files)))
  })
})
