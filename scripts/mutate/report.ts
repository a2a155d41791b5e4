import type { Mutant } from "./mutants.ts"
import type { Result, Status } from "./plan.ts"

/** @internal */
export interface Tried {
  readonly mutant: Mutant
  readonly answer: Result | undefined
}

const short = (text: string): string => {
  const line = text.replace(/\s+/g, " ")
  return line.length > 100 ? `${line.slice(0, 97)}…` : line
}

const row = (name: string, tried: ReadonlyArray<Tried>): string => {
  const count = (status: Status) => tried.filter(({ answer }) => answer?.status === status).length
  const noticed = count("killed") + count("timeout")
  const score = tried.length === 0 ? 100 : noticed / tried.length * 100
  return `| ${name} | ${tried.length} | ${count("killed")} | ${count("timeout")} | ${count("survived")} | ${
    count("uncovered")
  } | ${score.toFixed(1)} % |`
}

/** The score of each file, and the mutants that no test noticed. @internal */
export const report = (tried: ReadonlyArray<Tried>): string => {
  const files = [...new Set(tried.map(({ mutant }) => mutant.file))]
  const table = [
    "| file | mutants | killed | timed out | survived | not covered | score |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...files.map((file) => row(file, tried.filter(({ mutant }) => mutant.file === file))),
    ...(files.length > 1 ? [row("all", tried)] : [])
  ]
  const unnoticed = tried.filter(({ answer }) =>
    answer === undefined || ["survived", "uncovered"].includes(answer.status)
  )
  const lines = unnoticed.map(({ answer, mutant: { after, before, file, kind, line } }) =>
    `${file}:${line} ${answer?.status ?? "not tried"} (${kind})\n    - ${short(before)}\n    + ${short(after)}`
  )
  return [...lines, ...table].join("\n")
}
