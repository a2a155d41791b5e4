import { differing, type Mutant } from "./mutants.ts"
import type { Result, Status } from "./plan.ts"
import { reasonOf } from "./survivors/index.ts"

/** @internal */
export interface Tried {
  readonly mutant: Mutant
  readonly answer: Result | undefined
}

const row = (name: string, tried: ReadonlyArray<Tried>): string => {
  const count = (status: Status) => tried.filter(({ answer }) => answer?.status === status).length
  const counts = [count("killed"), count("timeout"), count("survived"), count("uncovered")] as const
  const all = counts.reduce((sum, one) => sum + one, 0)
  const score = all === 0 ? "" : `${((counts[0] + counts[1]) / all * 100).toFixed(1)} %`
  const open = tried.filter(isOpen).length
  return `| ${[name, tried.length, ...counts, tried.length - all, open, score].join(" | ")} |`
}

const isUnnoticed = ({ answer }: Tried): boolean =>
  answer === undefined || answer.status === "survived" || answer.status === "uncovered"

/** Nobody has noticed it, and nobody knows why. @internal */
export const isOpen = (tried: Tried): boolean => isUnnoticed(tried) && reasonOf(tried.mutant) === undefined

/** The score of each file, and the mutants that no test noticed and no reason explains. @internal */
export const report = (tried: ReadonlyArray<Tried>): string => {
  const files = [...new Set(tried.map(({ mutant }) => mutant.file))]
  const table = [
    "| file | mutants | killed | timed out | survived | not covered | not tried | unexplained | score |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...files.map((file) => row(file, tried.filter(({ mutant }) => mutant.file === file))),
    ...(files.length > 1 ? [row("all", tried)] : [])
  ]
  const lines = tried.filter(isOpen).map(({ answer, mutant: { after, before, file, kind, line } }) => {
    const [one, two] = differing(before, after)
    return `${file}:${line} ${answer?.status ?? "not tried"} (${kind})\n    - ${one}\n    + ${two}`
  })
  return [...lines, ...table].join("\n")
}
