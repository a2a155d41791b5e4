/**
 * What a module of this folder measures.
 */
import type { Line } from "./chart.ts"
import type { Table } from "./report.ts"

export interface Chart {
  /** What an image says in the place of the chart. */
  readonly alternative: string
  /** An SVG document. */
  readonly draw: (tables: ReadonlyArray<Table>) => string
}

export interface Subject {
  /** The figures. */
  readonly run: () => Promise<ReadonlyArray<Table>>
  readonly chart?: Chart | undefined
}

const indexOf = (table: Table, name: string): number => {
  const index = table.columns.indexOf(name)
  if (index < 0) throw new Error(`no column is named ${name}`)
  return index
}

const noTable: Table = { title: "", rowsAre: "", columns: [], rows: [] }

/** The figures of a column, for those rows that have one. */
export const column = (table = noTable, name: string): ReadonlyArray<readonly [row: string, value: number]> => {
  const index = indexOf(table, name)
  return table.rows.flatMap((row) => {
    const value = row.values[index]
    return value === undefined ? [] : [[row.name, value] as const]
  })
}

/** A line for each name, with the points of all rows of that name that have both figures. */
export const linesOf = (table = noTable, across: string, up: string, ours: string): ReadonlyArray<Line> => {
  const [x, y] = [indexOf(table, across), indexOf(table, up)]
  return [...new Set(table.rows.map(({ name }) => name))].flatMap((name) => {
    const points = table.rows.filter((row) => row.name === name).flatMap(({ values }) => {
      const [at, value] = [values[x], values[y]]
      return at === undefined || value === undefined ? [] : [[at, value] as const]
    })
    return points.length === 0 ? [] : [{ name, isOurs: name === ours, points }]
  })
}
