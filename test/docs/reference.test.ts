import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { mark, stage } from "../../scripts/reference/stage.ts"

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
  const end = lines.findIndex((line) => /^@\w+(?:\s|$)/.test(line))
  return words(lines.slice(0, end === -1 ? lines.length : end).join("\n"))
}

const words = (text: string): ReadonlyArray<string> =>
  text.replaceAll(/\{@link (\S+?)\}/g, "$1").split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "")

/** A source as the reference takes it. Of what it exports, a page has headings. */
const stagedOf = (file: string): string =>
  stage(path.relative("src", file).replaceAll(path.sep, "/"), readFileSync(file, "utf8"))

const exportsIn = (text: string): ReadonlySet<string> => {
  const declared = text.matchAll(/^export (?:declare )?(?:const|class|interface|type|function) (\w+)/gm)
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "")
  const listed = Array.from(code.matchAll(/^export (?:type )?\{([^}]*)\}/gm), ([, list = ""]) => list.split(",")).flat()
  return new Set([
    ...Array.from(declared, ([, name = ""]) => name),
    ...listed.map((name) => name.replace(/^.* as /, "").trim())
  ])
}

const fieldsIn = (text: string): ReadonlyArray<string> =>
  Array.from(
    text.replaceAll(/^interface [\s\S]*?^\}$/gm, "").matchAll(/^ {2}readonly (\w+)\??:/gm),
    ([, name = ""]) => name
  )

const withoutCode = (page: string): string => page.replaceAll(/^```[\s\S]*?^```$/gm, "")

const headingsIn = (page: string): ReadonlyArray<string> =>
  Array.from(withoutCode(page).matchAll(/^### (\w+)/gm), ([, name = ""]) => name)

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
      for (const field of fieldsIn(stagedOf(file))) assert.match(page, new RegExp(`\\b${field}\\b`), field)
    })

    it(`has the page that was made from the present ${file}`, () => {
      const page = pageOf(file)
      const end = page.lastIndexOf("<!--")
      const staged = stagedOf(file)
      assert.strictEqual(page.slice(end), mark(staged, page.slice(0, end)), "run: npm run reference")
      const exported = exportsIn(staged)
      assert.deepStrictEqual(headingsIn(page).filter((name) => !exported.has(name)), [])
    })
  }

  it("lists each module", () => {
    const index = readFileSync("docs/api/README.md", "utf8")
    for (const file of publicModules) {
      assert.include(index, `](${path.relative("src", file).replace(/\.ts$/, ".md")})`)
    }
    assert.strictEqual(index.match(/^\| \[/gm)?.length, publicModules.length)
  })
})
