/**
 * Tables and wrapped text, at most 120 columns wide.
 */

export type Row = ReadonlyArray<string>

/** Columns are as wide as their widest cell and two spaces apart. Numbers are aligned to the right. */
export const table = (head: Row, rows: ReadonlyArray<Row>): string => {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const isNumeric = head.map((_, column) => rows.every((row) => /^[\d.,]*$/.test(row[column] ?? "")))
  const line = (cells: Row) =>
    cells.map((cell, column) =>
      isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
    )
      .join("  ").trimEnd()
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")
}

/** Indents every line. Long lines continue with a larger indent. */
export const wrapped = (text: string, indent: string): string =>
  text.split("\n").flatMap((line) => fold(indent + line, `${indent}${/^ */.exec(line)?.[0] ?? ""}    `)).join("\n")

const width = 120

const fold = (line: string, indent: string): ReadonlyArray<string> => {
  const space = line.lastIndexOf(" ", width)
  return line.length <= width || space <= indent.length
    ? [line]
    : [line.slice(0, space), ...fold(indent + line.slice(space + 1), indent)]
}
