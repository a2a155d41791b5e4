import { afterEach, assert, describe, it } from "@effect/vitest"
import { Either, FastCheck } from "effect"
import { spawnSync } from "node:child_process"
import { parseEnv } from "node:util"
import { type Assignment, formatFor, linesFor } from "../../src/command/shells.ts"

// Shells that are waited for synchronously keep the test runner waiting too.
afterEach(() => new Promise((resolve) => setImmediate(resolve)))

/** Prints the variable with its length in front, which shows a lost line break at the end. */
const printing = "console.log(JSON.stringify([process.env.A ?? null, process.env.B ?? null]))"

const words: ReadonlyArray<string> = [
  "'",
  "''",
  "\\",
  "\\'",
  "\"",
  "$HOME",
  "$(false)",
  "`false`",
  "\n",
  "\r\n",
  "\t",
  " ",
  ";",
  "#",
  "%PATH%",
  "!",
  "*",
  "~",
  "\u2019",
  "é",
  "😀",
  "a",
  "-n",
  "="
]

/** Text that hurts: what shells, quotes and lines are made of. */
const texts = FastCheck.array(FastCheck.oneof(FastCheck.constantFrom(...words), FastCheck.string({ maxLength: 3 })), {
  maxLength: 12
}).map((parts) => parts.join("").replaceAll("\0", ""))

const textOf = (format: Parameters<typeof linesFor>[0], assignments: ReadonlyArray<Assignment>): string =>
  Either.getOrThrow(linesFor(format, assignments, "expires at noon")).join("\n")

interface Shell {
  readonly file: string
  readonly format: "sh" | "fish" | "powershell"
  readonly args: (script: string) => ReadonlyArray<string>
}

const shells: ReadonlyArray<Shell> = [
  { file: "sh", format: "sh", args: (script) => ["-c", script] },
  { file: "bash", format: "sh", args: (script) => ["-c", script] },
  { file: "zsh", format: "sh", args: (script) => ["-c", script] },
  { file: "fish", format: "fish", args: (script) => ["-c", script] },
  { file: "pwsh", format: "powershell", args: (script) => ["-NoProfile", "-Command", script] }
]

const isInstalled = ({ args, file }: Shell): boolean => spawnSync(file, args("exit 0")).status === 0

const quotedNode = `'${process.execPath}'`

/** Runs the lines, and then a program that prints what it finds. */
const read = ({ args, file, format }: Shell, text: string): unknown => {
  const call = format === "powershell" ? `& ${quotedNode}` : quotedNode
  const { stderr, stdout } = spawnSync(file, args(`${text}\n${call} -e '${printing}'`), {
    encoding: "utf8",
    env: { ...process.env, B: "stale" }
  })
  assert.strictEqual(stderr, "")
  return JSON.parse(stdout)
}

for (const shell of shells) {
  describe.skipIf(!isInstalled(shell))(`the lines for ${shell.file}`, () => {
    it("give every value as it is, and unset what has none", () => {
      FastCheck.assert(
        FastCheck.property(texts, (value) => {
          const text = textOf(shell.format, [["A", value], ["B", undefined]])
          assert.deepStrictEqual(read(shell, text), [value, null])
        }),
        { numRuns: 40 }
      )
    })

    it.skipIf(shell.format !== "sh")("work in an eval without quotes too", () => {
      const text = textOf("sh", [["A", "one"], ["B", undefined]])
      const { stdout } = spawnSync(
        shell.file,
        ["-c", `eval $(printf %s "$LINES_OF"); ${quotedNode} -e '${printing}'`],
        {
          encoding: "utf8",
          env: { ...process.env, B: "stale", LINES_OF: text }
        }
      )
      // zsh does not split words, so that it needs no semicolons.
      assert.deepStrictEqual(JSON.parse(stdout), ["one", null])
    })
  })
}

describe("the lines", () => {
  it("are quoted as each shell documents", () => {
    const value = "it's \\ \u2019"
    const lines = (format: "fish" | "powershell") =>
      Either.getOrThrow(linesFor(format, [["A", value], ["B", undefined]]))
    assert.deepStrictEqual(lines("fish"), ["set -gx A 'it\\'s \\\\ \u2019';", "set -e B;"])
    assert.deepStrictEqual(lines("powershell"), [
      "$Env:A = 'it''s \\ \u2019\u2019';",
      "Remove-Item -ErrorAction SilentlyContinue Env:B;"
    ])
  })

  it("of dotenv files mean the same to every reader, or are refused", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.oneof(texts, FastCheck.base64String()), (value) => {
        const lines = linesFor("dotenv", [["A", value]], "expires at noon")
        if (Either.isLeft(lines)) {
          assert.match(lines.left, /^A has /)
          assert.notMatch(value, /^[\w+/=]+$/)
        } else {
          assert.strictEqual(parseEnv(lines.right.join("\n"))["A"], value)
          assert.strictEqual(lines.right[0], `A=${value}`)
        }
      })
    )
  })

  it("cannot hold a NUL", () => {
    assert.deepStrictEqual(linesFor("sh", [["A", "a\0b"]]), Either.left("A has a NUL character"))
  })

  it("are those of the shell of the user", () => {
    assert.strictEqual(formatFor("/usr/bin/fish", false), "fish")
    assert.strictEqual(formatFor("/bin/zsh", false), "sh")
    assert.strictEqual(formatFor("", false), "sh")
    assert.strictEqual(formatFor("", true), "powershell")
  })
})
