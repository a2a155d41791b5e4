/** Each cell of docs/comparison.md has a source, and each cell of this library has a test. */
import { assert, describe, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { rowsOf, sectionOf } from "./tables.ts"

const page = readFileSync("docs/comparison.md", "utf8")
const official = rowsOf(page, "## The official tools of Alibaba Cloud")
const others = rowsOf(page, "## Other clouds")
const tests = rowsOf(page, "## Tests")

const numbersOf = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<number> =>
  rows.map(([number]) => Number(number))

const sourcesIn = (heading: string): ReadonlyArray<number> =>
  [...sectionOf(page, heading).matchAll(/^- \*\*(\d+)\*\* ./gm)].map(([, number]) => Number(number))

describe("the tables of docs/comparison.md", () => {
  it("have numbers without gaps, and the same features", () => {
    assert.deepStrictEqual(numbersOf(official), official.map((_, index) => index + 1))
    const features = new Map(official.map(([number, feature]) => [number, feature]))
    assert.deepStrictEqual(others.filter(([number, feature]) => features.get(number) !== feature), [])
  })

  it("have a text in every cell", () => {
    const widths = [...official, ...others].map((row) => row.filter((cell) => cell !== "").length)
    assert.deepStrictEqual([...new Set(widths)], [7])
    assert.isAbove(official.length, 20)
    assert.isAbove(others.length, 18)
  })

  it("have sources for every row", () => {
    assert.deepStrictEqual(sourcesIn("### Sources for the official tools"), numbersOf(official))
    assert.deepStrictEqual(sourcesIn("### Sources for other clouds"), numbersOf(others))
  })
})

describe("the tests of docs/comparison.md", () => {
  it("are there for every row", () => {
    assert.deepStrictEqual([...new Set(numbersOf(tests))], numbersOf(official))
  })

  it.each(tests)("%s %s: %s", (_, link, title = "") => {
    const file = link?.slice(1, -1) ?? ""
    assert.isTrue(existsSync(file), file)
    assert.isNotEmpty(title)
    assert.isTrue(readFileSync(file, "utf8").includes(`"${title}"`), `${file} has the test: ${title}`)
  })
})
