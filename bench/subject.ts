/**
 * What a module of this folder measures.
 */
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

/** The figures of a column, for those rows that have one. */
export const column = (
  table: Table | undefined,
  name: string
): ReadonlyArray<readonly [row: string, value: number]> => {
  const index = table?.columns.indexOf(name) ?? -1
  if (table === undefined || index < 0) throw new Error(`no column is named ${name}`)
  return table.rows.flatMap((row) => {
    const value = row.values[index]
    return value === undefined ? [] : [[row.name, value] as const]
  })
}
