/** The cells of every table row of a section of a document, without the head of the table. */
export const rowsOf = (document: string, heading: string): ReadonlyArray<ReadonlyArray<string>> => {
  const lines = sectionOf(document, heading).split("\n")
  return lines
    .filter((line, index) => line.startsWith("| ") && !isRule(line) && !isRule(lines[index + 1]))
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()))
}

/** The text of a section, up to the next heading of its level or above. */
export const sectionOf = (document: string, heading: string): string => {
  const [, rest] = document.split(`\n${heading}\n`)
  if (rest === undefined) throw new Error(`no heading ${heading}`)
  const level = heading.split(" ")[0]?.length ?? 0
  return rest.split(new RegExp(`\n#{1,${level}} `))[0] ?? ""
}

const isRule = (line: string | undefined): boolean => line?.startsWith("| ---") === true
