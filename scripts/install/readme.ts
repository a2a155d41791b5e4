/** What README says about the installation. Pure functions. */

export type Edition = "3" | "4"
export const editions: ReadonlyArray<Edition> = ["4", "3"]

const found = <A>(value: A | undefined, what: string): A => {
  if (value === undefined) throw new Error(`README.md has no ${what}`)
  return value
}

const sectionOf = (readme: string): string =>
  found(/^## Install\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(readme)?.[1], `section "Install"`)

/** The line for npm: the one that ends with `# Effect 3` or `# Effect 4`. */
const npmLine = (readme: string, edition: Edition): string =>
  found(
    new RegExp(`^(npm install .*\\S) +# Effect ${edition}$`, "m").exec(sectionOf(readme))?.[1],
    `line "npm install … # Effect ${edition}"`
  )

/** What stands in place of `npm install`, by the row and the column of the table. */
const replacement = (readme: string, manager: string, edition: Edition): string => {
  const rows = sectionOf(readme).split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()))
  const column = (rows[0] ?? []).indexOf(`Effect ${edition}`)
  const cell = rows.find(([name]) => name === manager)?.[column]
  return found(/^`([^`]+)`$/.exec(cell ?? "")?.[1], `command of ${manager} for Effect ${edition} in its table`)
}

/** The line that installs an edition with a package manager. */
export const installLine = (readme: string, manager: string, edition: Edition): string => {
  const line = npmLine(readme, edition)
  return manager === "npm" ? line : line.replace(/^npm install/, replacement(readme, manager, edition))
}

/** The first example of README. */
export const firstProgram = (readme: string): string => found(/^```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1], "program")

/** The line that installs the oldest versions that the peer dependencies allow. */
export const floorLine = (line: string, peers: Readonly<Record<string, string>>): string =>
  line.split(" ").map((word) => {
    const name = word.replace(/(?<=.)@.*$/, "")
    const range = peers[name]
    return range === undefined ? word : `${name}@${floorOf(range)}`
  }).join(" ")

/** The oldest version of a range that begins with it, such as `^1.2.3` and `>=1.2.3 <2.0.0`. */
export const floorOf = (range: string): string => {
  const floor = /^(?:\^|>=)(\d+\.\d+\.\d+)/.exec(range)?.[1]
  if (floor === undefined) throw new Error(`the range ${range} does not begin with its oldest version`)
  return floor
}
