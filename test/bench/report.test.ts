import { assert, describe, it } from "@effect/vitest"
import {
  format,
  fromJson,
  isMet,
  markdown,
  page,
  type Report,
  type Row,
  summary,
  type Table,
  text,
  toJson
} from "../../bench/report.ts"

const row = (name: string, values: Row["values"], most?: number): Row => ({
  name,
  values,
  target: most === undefined ? undefined : { column: "x floor", most }
})

const table: Table = {
  title: "Cached",
  rowsAre: "call",
  columns: ["ns", "x floor"],
  rows: [
    row("get", [1234.5, 1.2], 1.2),
    row("lookup", [76.54, 2.163], 1.2),
    row("floor", [0.12345, undefined]),
    { name: "peer", values: [], skipped: "not installed" }
  ]
}

const report: Report = {
  subject: "warm",
  machine: { cpu: "Example", cores: 8, node: "v20.19.0", date: "2026-01-31", load: 0.1 },
  chart: "Nanoseconds of a get",
  tables: [table]
}

describe("figures", () => {
  it("have at least three digits, and integers no fraction", () => {
    assert.deepStrictEqual(
      [1234.5, 100.4, 76.54, 2.163, 0.12345, 0, 100_000, undefined, Number.NaN].map(format),
      ["1,235", "100", "76.5", "2.16", "0.123", "0", "100,000", "", ""]
    )
  })

  it("meet a target if they are equal to it, or below", () => {
    assert.deepStrictEqual(table.rows.map((row) => isMet(table, row)), [true, false, true, true])
  })
})

describe("a table", () => {
  it("is aligned in the terminal", () => {
    assert.strictEqual(
      text(table),
      `Cached

call       ns  x floor  target
------  -----  -------  ----------------------------
get     1,235     1.20  PASS, x floor at most 1.20
lookup   76.5     2.16  MISSED, x floor at most 1.20
floor   0.123
peer                    skipped: not installed
`
    )
  })

  it("is Markdown in the page", () => {
    assert.strictEqual(
      markdown({ ...table, note: "Read it so." }),
      `**Cached**

| call | ns | x floor | target |
| --- | ---: | ---: | --- |
| get | 1,235 | 1.20 | PASS, x floor at most 1.20 |
| lookup | 76.5 | 2.16 | MISSED, x floor at most 1.20 |
| floor | 0.123 |  |  |
| peer |  |  | skipped: not installed |

Read it so.
`
    )
  })

  it("has no column for targets without a target", () => {
    assert.notInclude(text({ ...table, rows: [row("floor", [1, 1])] }), "target")
  })
})

describe("a report", () => {
  it("is the same after it was written and read", () => {
    assert.strictEqual(page([fromJson(toJson(report))]), page([report]))
  })
})

describe("the summary", () => {
  it("counts targets and names those that are missed", () => {
    assert.strictEqual(
      summary([report]),
      "Targets: 1 met, 1 missed\n  warm: lookup: x floor is 2.16, at most 1.20"
    )
  })
})

describe("the page", () => {
  it("says where figures were measured, and has the chart with its alternative", () => {
    const written = page([report])
    assert.include(written, "Example, 8 cores, Node.js v20.19.0, 2026-01-31, load 0.1 at the start.")
    assert.include(written, "![Nanoseconds of a get](warm.svg)")
    assert.include(written, markdown(table))
  })

  it("has no image without a chart", () => {
    assert.notInclude(page([{ ...report, chart: undefined }]), "![")
  })
})
