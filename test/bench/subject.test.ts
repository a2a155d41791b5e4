import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import type { Table } from "../../bench/report.ts"
import { column, linesOf } from "../../bench/subject.ts"
import { names } from "../../bench/subjects.ts"

const table: Table = {
  title: "Readers",
  rowsAre: "client",
  columns: ["readers", "requests", "ms"],
  rows: [
    { name: "ours", values: [1, 1, 2] },
    { name: "ours", values: [10, 1, 3] },
    { name: "other", values: [1, 1, 4] },
    { name: "other", values: [10], skipped: "it failed" },
    { name: "absent", values: [], skipped: "not installed" }
  ]
}

describe("figures for a chart", () => {
  it("of a column are those that exist", () => {
    assert.deepStrictEqual(column(table, "ms"), [["ours", 2], ["ours", 3], ["other", 4]])
  })

  it("are lines by the names of rows, without points that lack a figure", () => {
    assert.deepStrictEqual(linesOf(table, "readers", "ms", "ours"), [
      { name: "ours", isOurs: true, points: [[1, 2], [10, 3]] },
      { name: "other", isOurs: false, points: [[1, 4]] }
    ])
  })

  it("need a column of that name", () => {
    assert.throws(() => column(table, "us"), "no column is named us")
    assert.throws(() => linesOf(undefined, "readers", "ms", "ours"), "no column is named readers")
  })
})

describe("the subjects", () => {
  it("are documented", () => {
    const document = readFileSync("docs/benchmarks.md", "utf8")
    for (const name of names) assert.include(document, `\n| \`${name}\` |`)
  })
})
