/** What the programs did, as a table. */
import { table } from "../table.ts"
import type { Output } from "./child.ts"

/** Undefined where a program worked. */
export type Outcomes = ReadonlyMap<string, string | undefined>

interface Line {
  readonly program: string
  readonly failure?: string
}

const isLine = (text: string): boolean => text.startsWith("{\"program\":")

/** What the programs printed; a program that was expected and printed nothing has failed. */
export const outcomes = ({ code, stderr, stdout }: Output, expected: ReadonlyArray<string>): Outcomes => {
  const lines = `${stdout}\n${stderr}`.split(/\r?\n/).filter(isLine).map((line) => JSON.parse(line) as Line)
  const found = new Map(lines.map(({ failure, program }) => [program, failure]))
  const missing = code === null
    ? `killed: ${stderr}`
    : `no result, exit code ${code}: ${[stderr, stdout].join("\n").trim()}`
  const all = new Map(expected.map((name) => [name, found.has(name) ? found.get(name) : missing]))
  // Something may have failed after the last of them.
  return code === 0 || [...all.values()].some((failure) => failure !== undefined)
    ? all
    : all.set("exit", missing)
}

export interface Row {
  readonly runtime: string
  readonly version: string
  readonly edition: string
  readonly outcomes: Outcomes
}

const cell = (outcomes: Outcomes, name: string): string =>
  outcomes.has(name) ? (outcomes.get(name) === undefined ? "ok" : "FAILED") : "-"

export const isOk = ({ outcomes }: Row): boolean => [...outcomes.values()].every((failure) => failure === undefined)

export const report = (rows: ReadonlyArray<Row>): string => {
  const names = [...new Set(rows.flatMap(({ outcomes }) => [...outcomes.keys()]))]
  const failures = rows.flatMap(({ edition, outcomes, runtime }) =>
    [...outcomes].flatMap(([name, failure]) =>
      failure === undefined ? [] : [`\n${runtime}, ${edition}, ${name}: ${failure}`]
    )
  )
  return [
    table(
      ["Runtime", "Version", "Edition", ...names],
      rows.map(({ edition, outcomes, runtime, version }) => [
        runtime,
        version,
        edition,
        ...names.map((name) => cell(outcomes, name))
      ])
    ),
    ...failures
  ].join("\n")
}
