import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import { type Platform, split } from "../../../src/internal/process/commandLine.ts"

const words = (line: string, platform: Platform = "unix") => Either.getOrElse(split(line, platform), (issue) => issue)

describe("a command line", () => {
  const cases: ReadonlyArray<readonly [string, string, Platform, ReadonlyArray<string> | string]> = [
    ["white space outside quotes separates", "keys  get\t--json\nnow", "unix", ["keys", "get", "--json", "now"]],
    ["white space around it is dropped", " \n keys \t ", "unix", ["keys"]],
    ["nothing but white space", " \t\n", "unix", "names no program"],
    ["nothing at all", "", "windows", "names no program"],
    ["single quotes take everything as it is", `keys 'a $b "c" \\d'`, "unix", ["keys", `a $b "c" \\d`]],
    ["double quotes keep white space", `keys "a  b"`, "unix", ["keys", "a  b"]],
    [
      "a backslash in double quotes escapes four characters",
      `keys "\\"" "\\\\" "\\$" "\\\`"`,
      "unix",
      ["keys", "\"", "\\", "$", "`"]
    ],
    ["and no other", `keys "\\n \\' \\ a"`, "unix", ["keys", "\\n \\' \\ a"]],
    ["a line break after a backslash vanishes in double quotes", `keys "a\\\nb"`, "unix", ["keys", "ab"]],
    ["and outside of them", "keys a\\\nb \\\n c", "unix", ["keys", "ab", "c"]],
    ["and stays in single quotes", "keys 'a\\\nb'", "unix", ["keys", "a\\\nb"]],
    ["a backslash outside quotes takes the next character", `keys a\\ b \\" \\\\ \\n`, "unix", [
      "keys",
      "a b",
      "\"",
      "\\",
      "n"
    ]],
    ["a backslash at the end", "keys a\\", "unix", "ends with a backslash"],
    ["pieces that touch are one argument", `keys "a b"'c d'e`, "unix", ["keys", "a bc de"]],
    ["empty quotes are an argument", `keys '' "" a`, "unix", ["keys", "", "", "a"]],
    ["a double quote that is not closed", `keys "a b`, "unix", "has an unclosed quote"],
    ["a single quote that is not closed", "keys 'a b", "windows", "has an unclosed quote"],
    ["an empty program", `"" a`, "unix", "names no program"],
    ["variables, patterns, ~, # and operators mean nothing", "keys $HOME ~/a *.b #c ;d |e >f `g`", "unix", [
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
    ["on Windows a backslash is itself", `C:\\bin\\keys.exe a\\ "C:\\Program Files\\x" '\\'`, "windows", [
      "C:\\bin\\keys.exe",
      "a\\",
      "C:\\Program Files\\x",
      "\\"
    ]],
    ["except before a double quote in double quotes", `keys "a \\"b\\" \\\\ c"`, "windows", [
      "keys",
      `a "b" \\\\ c`
    ]],
    ["a NUL, which no argument can hold", "keys a\0b", "unix", "contains a NUL character"]
  ]
  for (const [name, line, platform, expected] of cases) {
    it(name, () => assert.deepStrictEqual(words(line, platform), expected))
  }
})
