import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { complaintOf, split, withoutValues } from "../../src/command/argv.ts"

const argsOf = (line: string) => split(line.split(" ")).args.join(" ")

describe("a command line", () => {
  it("may have options before the subcommand", () => {
    assert.strictEqual(argsOf("--profile work explain --json"), "explain --profile work --json")
    assert.strictEqual(
      argsOf("--role=acs:ram::1:role/a --profile work env"),
      "env --role=acs:ram::1:role/a --profile work"
    )
    assert.strictEqual(argsOf("--log-level debug --profile work env"), "--log-level debug env --profile work")
    assert.strictEqual(argsOf("--help explain"), "--help explain")
    assert.strictEqual(argsOf("--json whoami"), "whoami --json")
    assert.strictEqual(argsOf("--format fish --role=r env"), "env --format fish --role=r")
    // The parser then complains about the option, and not about the subcommand.
    assert.strictEqual(argsOf("--bogus explain"), "explain --bogus")
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
    assert.strictEqual(withoutValues("unknown 'it's Secret1'"), "unknown '***'")
    assert.strictEqual(withoutValues("unknown '--secret=a'Secret1'"), "unknown '--secret=***'")
    assert.strictEqual(withoutValues("unknown 'lowercasesecret'"), "unknown '***'")
  })

  it("says what is wrong with an option that exists", () => {
    const complaint = (line: string) => complaintOf(line.split(" "))
    assert.strictEqual(complaint("explain --profile"), "--profile needs a value")
    assert.strictEqual(complaint("explain --profile="), "--profile needs a value")
    assert.strictEqual(complaint("explain --profile --json"), "--profile needs a value")
    assert.strictEqual(complaint("env --profile a --profile=b"), "--profile is written twice")
    assert.strictEqual(complaint("--completions tcsh"), "--completions is one of sh, bash, fish, zsh")
    assert.strictEqual(complaint("--wizard"), "there is no wizard")
    for (const wrong of ["SecretThatWasTyped1", "acs:ram::1234567890123456:user/app", "acs:ram::1:role/"]) {
      assert.strictEqual(
        complaint(`whoami --role ${wrong}`),
        "--role is not of the form acs:ram::<account>:role/<name>"
      )
    }
    assert.isUndefined(complaint("env --profile a=b --role=acs:ram::1:role/a --format sh --log-level debug"))
    assert.isUndefined(complaint("--completions zsh"))
  })
})
