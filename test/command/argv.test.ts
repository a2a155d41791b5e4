import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { split, withoutValues } from "../../src/command/argv.ts"

const argsOf = (line: string) => split(line.split(" ")).args.join(" ")

describe("a command line", () => {
  it("may have the shared options before the subcommand", () => {
    assert.strictEqual(argsOf("--profile work explain --json"), "explain --profile work --json")
    assert.strictEqual(
      argsOf("--role=acs:ram::1:role/a --profile work env"),
      "env --role=acs:ram::1:role/a --profile work"
    )
    assert.strictEqual(argsOf("--log-level debug --profile work env"), "--log-level debug env --profile work")
    assert.strictEqual(argsOf("--help explain"), "--help explain")
    assert.strictEqual(argsOf("explain --profile env"), "explain --profile env")
  })

  it("may have a profile with the name of a subcommand", () => {
    assert.strictEqual(argsOf("--profile env whoami"), "whoami --profile env")
  })

  it("without a subcommand stays as it is", () => {
    assert.strictEqual(argsOf("--profile work"), "--profile work")
    assert.deepStrictEqual(split([]), { args: [], program: undefined })
  })

  it("gives everything after two dashes to the program, whatever it is", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.string()), (program) => {
        const found = split(["--profile", "work", "exec", "--", ...program])
        assert.deepStrictEqual(found, { args: ["exec", "--profile", "work"], program })
      })
    )
  })
})

describe("a complaint about the command line", () => {
  it("names options, but no value", () => {
    assert.strictEqual(withoutValues("Received unknown argument: '--bogus'"), "Received unknown argument: '--bogus'")
    assert.strictEqual(withoutValues("unknown '--secret=abc'"), "unknown '--secret=***'")
    assert.strictEqual(withoutValues("unknown 'LTAI5tExampleKey0001'"), "unknown '***'")
    assert.strictEqual(withoutValues("use one of 'login-status', 'env'"), "use one of 'login-status', 'env'")
  })
})
