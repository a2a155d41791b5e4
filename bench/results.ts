/**
 * Where the results are.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { fromJson, page, type Report, toJson } from "./report.ts"
import { names } from "./subjects.ts"

const folder = "docs/bench"

const fileOf = (subject: string): string => `${folder}/${subject}.json`

export const write = (report: Report, svg: string | undefined): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(report.subject), toJson(report))
  if (svg !== undefined) writeFileSync(`${folder}/${report.subject}.svg`, svg)
}

/** Of this run and of earlier ones. */
export const read = (): ReadonlyArray<Report> =>
  names.map(fileOf).filter((file) => existsSync(file)).map((file) => fromJson(readFileSync(file, "utf8")))

export const writePage = (): void => {
  if (existsSync(folder)) writeFileSync(`${folder}/figures.md`, page(read()))
}
