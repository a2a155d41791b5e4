import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import { type Platform, split } from "../../../src/internal/process/commandLine.ts"

const words = (line: string, platform: Platform = "unix") => Either.getOrElse(split(line, platform), (issue) => issue)

describe("a command line", () => {
  const cases: ReadonlyArray<readonly [string, string, Platform, ReadonlyArray<string> | string]> = [
    ["is split at white space outside quotes", "keys  get\t--json\nnow", "unix", ["keys", "get", "--json", "now"]],
    ["is trimmed", " \n keys \t ", "unix", ["keys"]],
    ["of only white space names no program", " \t\n", "unix", "names no program"],
    ["that is empty names no program", "", "windows", "names no program"],
    ["keeps everything inside single quotes", `keys 'a $b "c" \\d'`, "unix", ["keys", `a $b "c" \\d`]],
    ["keeps white space inside double quotes", `keys "a  b"`, "unix", ["keys", "a  b"]],
    [
      "has four characters that a backslash escapes inside double quotes",
      `keys "\\"" "\\\\" "\\$" "\\\`"`,
      "unix",
      ["keys", "\"", "\\", "$", "`"]
    ],
    ["keeps a backslash before other characters inside double quotes", `keys "\\n \\' \\ a"`, "unix", [
      "keys",
      "\\n \\' \\ a"
    ]],
    ["drops an escaped line break inside double quotes", `keys "a\\\nb"`, "unix", ["keys", "ab"]],
    ["drops an escaped line break outside quotes", "keys a\\\nb \\\n c", "unix", ["keys", "ab", "c"]],
    ["keeps a backslash and line break inside single quotes", "keys 'a\\\nb'", "unix", ["keys", "a\\\nb"]],
    ["has a backslash escape any character outside quotes", `keys a\\ b \\" \\\\ \\n`, "unix", [
      "keys",
      "a b",
      "\"",
      "\\",
      "n"
    ]],
    ["with a backslash at the end is invalid", "keys a\\", "unix", "ends with a backslash"],
    ["joins adjacent quoted pieces", `keys "a b"'c d'e`, "unix", ["keys", "a bc de"]],
    ["has empty arguments for empty quotes", `keys '' "" a`, "unix", ["keys", "", "", "a"]],
    ["with an unclosed double quote is invalid", `keys "a b`, "unix", "has an unclosed quote"],
    ["with an unclosed single quote is invalid", "keys 'a b", "windows", "has an unclosed quote"],
    ["with an empty program is invalid", `"" a`, "unix", "names no program"],
    ["does not interpret variables, patterns, ~, # and operators", "keys $HOME ~/a *.b #c ;d |e >f `g`", "unix", [
      "keys",
      "$HOME",
      "~/a",
      "*.b",
      "#c",
      ";d",
      "|e",
      ">f",
      "`g`"
    ]],
    ["keeps backslashes on Windows", `C:\\bin\\keys.exe a\\ "C:\\Program Files\\x" '\\'`, "windows", [
      "C:\\bin\\keys.exe",
      "a\\",
      "C:\\Program Files\\x",
      "\\"
    ]],
    ["has a backslash escape a double quote inside double quotes on Windows", `keys "a \\"b\\" \\\\ c"`, "windows", [
      "keys",
      `a "b" \\\\ c`
    ]],
    ["with a NUL character is invalid", "keys a\0b", "unix", "contains a NUL character"]
  ]
  for (const [name, line, platform, expected] of cases) {
    it(name, () => assert.deepStrictEqual(words(line, platform), expected))
  }
})
