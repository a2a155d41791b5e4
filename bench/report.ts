/**
 * Tables of figures, as text for the terminal and as Markdown.
 */
import { table as aligned } from "../scripts/table.ts"
import { describe, type Machine } from "./machine.ts"

export interface Target {
  /** The name of the column that has the figure. */
  readonly column: string
  readonly most: number
}

export interface Row {
  readonly name: string
  /** A figure for each column. */
  readonly values: ReadonlyArray<number | undefined>
  readonly target?: Target | undefined
  /** Why there are no figures. */
  readonly skipped?: string | undefined
}

export interface Table {
  readonly title: string
  /** What the rows are. */
  readonly rowsAre: string
  /** The names of the columns, with their units. */
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<Row>
  /** How to read it, if the title does not say that. */
  readonly note?: string | undefined
}

/** The figures of one subject. */
export interface Report {
  readonly subject: string
  readonly machine: Machine
  /** What an image says in the place of the chart, if there is one. */
  readonly chart?: string | undefined
  readonly tables: ReadonlyArray<Table>
}

export const toJson = (report: Report): string => `${JSON.stringify(report, undefined, 2)}\n`

/** In JSON a figure that does not exist is null. */
export const fromJson = (text: string): Report => {
  const report = JSON.parse(text) as Report
  const withoutNull = (row: Row): Row => ({ ...row, values: row.values.map((value) => value ?? undefined) })
  return { ...report, tables: report.tables.map((table) => ({ ...table, rows: table.rows.map(withoutNull) })) }
}

/** Three digits at least. */
export const format = (value: number | undefined): string => {
  if (value === undefined || Number.isNaN(value)) return ""
  const size = Math.abs(value)
  const digits = Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
  return value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits })
}

/** The figure that a target is about. */
export const measured = (table: Table, { target, values }: Row): number | undefined =>
  target === undefined ? undefined : values[table.columns.indexOf(target.column)]

export const isMet = (table: Table, row: Row): boolean => {
  const value = measured(table, row)
  return row.target === undefined || value === undefined || value <= row.target.most
}

const verdict = (table: Table, row: Row): string => {
  if (row.skipped !== undefined) return `skipped: ${row.skipped}`
  if (row.target === undefined) return ""
  return `${isMet(table, row) ? "PASS" : "MISSED"}, ${row.target.column} at most ${format(row.target.most)}`
}

const hasVerdicts = (table: Table): boolean => table.rows.some((row) => verdict(table, row) !== "")

const cells = (table: Table): ReadonlyArray<ReadonlyArray<string>> =>
  table.rows.map((row) => [
    row.name,
    ...table.columns.map((_, column) => format(row.values[column])),
    ...(hasVerdicts(table) ? [verdict(table, row)] : [])
  ])

const head = (table: Table): ReadonlyArray<string> => [
  table.rowsAre,
  ...table.columns,
  ...(hasVerdicts(table) ? ["target"] : [])
]

export const text = (table: Table): string =>
  [table.title, "", aligned(head(table), cells(table)), ...(table.note === undefined ? [] : ["", table.note]), ""]
    .join("\n")

const line = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

export const markdown = (table: Table): string =>
  [
    `**${table.title}**`,
    "",
    line(head(table)),
    line([
      "---",
      ...table.columns.map(() => "---:"),
      ...(hasVerdicts(table) ? ["---"] : [])
    ]),
    ...cells(table).map(line),
    ...(table.note === undefined ? [] : ["", table.note]),
    ""
  ].join("\n")

/** How many targets are met, and the rows of the others. */
export const summary = (reports: ReadonlyArray<Report>): string => {
  const rows = reports.flatMap(({ subject, tables }) =>
    tables.flatMap((table) =>
      table.rows.filter(({ target }) => target !== undefined).map((row) => ({ row, subject, table }))
    )
  )
  const missed = rows.filter(({ row, table }) => !isMet(table, row))
  return [
    `Targets: ${rows.length - missed.length} met, ${missed.length} missed`,
    ...missed.map(({ row, subject, table }) =>
      `  ${subject}: ${row.name}: ${row.target?.column} is ${format(measured(table, row))}, at most ${
        format(row.target?.most)
      }`
    )
  ].join("\n")
}

/** All figures as a page, with the charts beside it. */
export const page = (reports: ReadonlyArray<Report>): string =>
  [
    "# Figures",
    "",
    "Written by `npm run bench`. [Benchmarks](../benchmarks.md) says what is measured and how to read it.",
    "",
    ...reports.flatMap(({ chart, machine, subject, tables }) => [
      `## ${subject}`,
      "",
      `${describe(machine)}.`,
      "",
      ...(chart === undefined ? [] : [`![${chart}](${subject}.svg)`, ""]),
      ...tables.map(markdown)
    ])
  ].join("\n")
