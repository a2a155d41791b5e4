import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"

interface Declaration {
  readonly name: string
  readonly docstring: string
}

const declaration =
  /^\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n(?:\/\/.*\n)*export (?:declare )?(?:const|class|interface|type|function) (\w+)/gm

const publicModules = ["src", "src/testing"].flatMap((folder) =>
  readdirSync(folder).filter((file) => file.endsWith(".ts") && file !== "index.ts").map((file) =>
    path.join(folder, file)
  )
)

const declarationsIn = (file: string): ReadonlyArray<Declaration> =>
  Array.from(
    readFileSync(file, "utf8").matchAll(declaration),
    ([, docstring = "", name = ""]) => ({ name, docstring })
  )

/** The words of the description, without its tags and examples. docgen changes tables and the marks of links. */
const wordsOf = (docstring: string): ReadonlyArray<string> => {
  const lines = docstring.split("\n").map((line) => line.replace(/^\s*\* ?/, ""))
  const end = lines.findIndex((line) => line.startsWith("@"))
  return words(lines.slice(0, end === -1 ? lines.length : end).join("\n"))
}

const words = (text: string): ReadonlyArray<string> =>
  text.replaceAll(/\{@link (\S+?)\}/g, "$1").split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "")

const pageOf = (file: string): string =>
  readFileSync(path.join("docs/api", path.relative("src", file).replace(/\.ts$/, ".md")), "utf8")

describe("docs/api, which npm run reference writes", () => {
  for (const file of publicModules) {
    it(`has all of ${file} as it is now`, () => {
      const page = pageOf(file)
      const all = words(page).join(" ")
      const declarations = declarationsIn(file)
      assert.isAbove(declarations.length, 0)
      for (const { docstring, name } of declarations) {
        assert.match(page, new RegExp(`^### ${name}(?: |$)`, "m"), name)
        assert.include(all, wordsOf(docstring).join(" "), name)
      }
      const fields = Array.from(
        readFileSync(file, "utf8").matchAll(/^ {2}readonly (\w+)\??:/gm),
        ([, name = ""]) => name
      )
      for (const field of fields) assert.match(page, new RegExp(`\\b${field}\\b`), field)
    })
  }

  it("lists each module", () => {
    const index = readFileSync("docs/api/README.md", "utf8")
    for (const file of publicModules) {
      assert.include(index, `](${path.relative("src", file).replace(/\.ts$/, ".md")})`)
    }
  })
})
