import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { fencesOf } from "../../scripts/effect4/snippets.ts"

const languages = ["zh-CN", "id"]
const english = [
  "README.md",
  "docs/getting-started.md",
  "docs/choosing-a-source.md",
  "docs/migration.md",
  "docs/troubleshooting.md"
]

const git = (...words: ReadonlyArray<string>): string =>
  execFileSync("git", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })

const isShallow = git("rev-parse", "--is-shallow-repository").trim() === "true"

/** The text of a file at a commit. Undefined for a commit that a shallow clone does not have. */
const textAt = (commit: string, file: string): string | undefined => {
  try {
    return git("show", `${commit}:${file}`)
  } catch (error) {
    if (isShallow) return undefined
    throw error
  }
}

const translationOf = (file: string, language: string): string => path.join("docs", language, path.basename(file))

/** Lines of code without their comments, which are translated. */
const withoutComments = (code: string): ReadonlyArray<string> =>
  code.split("\n").map((line) => line.replace(/\s*(?:\/\/|#) .*$/, "").trimEnd()).filter((line) => line !== "")

const blocks = (text: string): ReadonlyArray<ReadonlyArray<string>> =>
  Array.from(text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm), ([, body = ""]) => withoutComments(body))

const prose = (text: string): string => text.replaceAll(/^```[\s\S]*?^```$/gm, "")

const headings = (text: string): ReadonlyArray<number> =>
  Array.from(prose(text).matchAll(/^(#+) /gm), ([, marks = ""]) => marks.length)

const tableRows = (text: string): number => prose(text).split("\n").filter((line) => line.startsWith("|")).length

/** What the links lead to, from the root. A document of which there is a translation counts as that. */
const targets = (file: string, text: string, language?: string): ReadonlyArray<string> =>
  Array.from(prose(text).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g), ([, link = ""]) => link).map((link) => {
    if (/^\w+:/.test(link)) return link
    const target = path.join(path.dirname(file), link)
    return language !== undefined && english.includes(target) ? translationOf(target, language) : target
  }).sort()

/** The texts between headings, each with its heading. */
const sections = (text: string): ReadonlyArray<string> =>
  prose(text).replaceAll(/<!--[\s\S]*?-->/g, "").split(/^(?=#+ )/m)

/** The inline code and the numbers of a section, as often as it has them. The targets of links are compared as links. */
const factsOf = (section: string): ReadonlyArray<string> => {
  const text = section.replaceAll(/\]\([^)]*\)/g, "]")
  const code = Array.from(text.matchAll(/`[^`]+`/g), ([span]) => span.replaceAll(/\s+/g, " "))
  return [...code, ...text.replaceAll(/`[^`]+`/g, "").match(/\d+(?:[.,]\d+)*/g) ?? []].sort()
}

const without = (all: ReadonlyArray<string>, others: ReadonlyArray<string>): ReadonlyArray<string> => {
  const rest = [...others]
  return all.filter((one) => {
    const index = rest.indexOf(one)
    if (index !== -1) rest.splice(index, 1)
    return index === -1
  })
}

const headingOf = (section: string): string => section.split("\n")[0] ?? ""

/** The facts of the sections of a document that the other one does not have there, with the English headings. */
const factsWithout = (text: string, other: string, english: string): ReadonlyArray<string> => {
  const [all, others, names] = [sections(text), sections(other), sections(english)]
  return all.flatMap((section, index) =>
    without(factsOf(section), factsOf(others[index] ?? "")).map((fact) => `${headingOf(names[index] ?? "")}: ${fact}`)
  )
}

/** The cells of all rows of the tables of a document. */
const cellsOf = (text: string): ReadonlyArray<ReadonlyArray<string>> =>
  prose(text).split("\n").filter((line) => line.startsWith("|")).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  )

const emptiedCells = (from: string, to: string): ReadonlyArray<string> => {
  const translated = cellsOf(to)
  return cellsOf(from).flatMap((row, index) =>
    row.filter((cell, column) => cell !== "" && (translated[index]?.[column] ?? "") === "")
  )
}

for (const language of languages) {
  describe(language, () => {
    for (const file of english) {
      const translation = translationOf(file, language)

      it(`has ${translation}, which follows the present ${file}`, () => {
        const text = readFileSync(translation, "utf8")
        const [, source, commit = ""] = /^<!-- Follows (\S+) at ([0-9a-f]{7,40})\.? -->$/m.exec(text) ?? []
        assert.strictEqual(source, file)
        const then = textAt(commit, file)
        if (then !== undefined) {
          assert.strictEqual(then, readFileSync(file, "utf8"), `${file} has changed since ${commit}`)
        }
      })

      it(`has the code, the tables and the links of ${file} in ${translation}`, () => {
        const [from, to] = [readFileSync(file, "utf8"), readFileSync(translation, "utf8")]
        assert.deepStrictEqual(blocks(to), blocks(from))
        assert.deepStrictEqual(fencesOf(to).length, fencesOf(from).length)
        assert.deepStrictEqual(headings(to), headings(from))
        assert.strictEqual(tableRows(to), tableRows(from))
        const links = targets(translation, to)
        const others = languages.map((other) => translationOf("README.md", other)).concat("README.md")
        const ofOneLanguage = (all: ReadonlyArray<string>) => all.filter((target) => !others.includes(target))
        assert.deepStrictEqual(ofOneLanguage(links), ofOneLanguage(targets(file, from, language)))
        for (const target of links) if (!/^\w+:/.test(target)) assert.isTrue(existsSync(target), target)
      })

      it(`has the names, the numbers and the cells of ${file} in ${translation}`, () => {
        const [from, to] = [readFileSync(file, "utf8"), readFileSync(translation, "utf8")]
        assert.deepStrictEqual(factsWithout(from, to, from), [], "missing in the translation")
        assert.deepStrictEqual(factsWithout(to, from, from), [], "only in the translation")
        assert.deepStrictEqual(emptiedCells(from, to), [])
      })
    }
  })
}
