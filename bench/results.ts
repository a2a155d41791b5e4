/**
 * Where the results are.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { page, type Report } from "./report.ts"
import { names } from "./subjects.ts"

const folder = "docs/bench"

const fileOf = (subject: string): string => `${folder}/${subject}.json`

export const write = (report: Report, svg: string | undefined): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(report.subject), `${JSON.stringify(report, undefined, 2)}\n`)
  if (svg !== undefined) writeFileSync(`${folder}/${report.subject}.svg`, svg)
}

/** Of this run and of earlier ones. */
export const read = (): ReadonlyArray<Report> =>
  names.map(fileOf).filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, "utf8")) as Report)

export const writePage = (): void => {
  if (existsSync(folder)) writeFileSync(`${folder}/figures.md`, page(read()))
}
