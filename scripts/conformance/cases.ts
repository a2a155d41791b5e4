import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"

const folder = "conformance/cases"

/** Those of time and network; the cases of signing are functions of this library alone. */
export const groups = ["chain", "sources", "renewal"] as const
export type Group = (typeof groups)[number]

export interface CaseFile {
  readonly group: string
  readonly name: string
  readonly file: string
  readonly about: string
  readonly differs: string | undefined
}

export const casesIn = (group: string): ReadonlyArray<CaseFile> =>
  readdirSync(path.join(folder, group)).filter((file) => file.endsWith(".json")).sort().map((name) => {
    const file = path.join(folder, group, name)
    const { about, differs } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly about: string
      readonly differs?: string
    }
    return { group, name: name.slice(0, -5), file, about, differs }
  })
