import type { Mutant } from "./mutants.ts"
import type { Result, Status } from "./plan.ts"

/** @internal */
export interface Tried {
  readonly mutant: Mutant
  readonly answer: Result | undefined
}

const longest = 100
const around = 25

/** Two texts in one line each, and of long ones what differs. */
const differing = (before: string, after: string): readonly [string, string] => {
  const [one, two] = [before, after].map((text) => text.replace(/\s+/g, " ")) as [string, string]
  if (one.length <= longest && two.length <= longest) return [one, two]
  const most = Math.min(one.length, two.length)
  let same = 0
  while (same < most && one[same] === two[same]) same++
  let sameEnd = 0
  while (sameEnd < most - same && one.at(-1 - sameEnd) === two.at(-1 - sameEnd)) sameEnd++
  const cut = (text: string): string => {
    const part = text.slice(Math.max(0, same - around), text.length - Math.max(0, sameEnd - around))
    return part.length > 2 * longest ? `${part.slice(0, 2 * longest)}…` : part
  }
  return [cut(one), cut(two)]
}

const row = (name: string, tried: ReadonlyArray<Tried>): string => {
  const count = (status: Status) => tried.filter(({ answer }) => answer?.status === status).length
  const counts = [count("killed"), count("timeout"), count("survived"), count("uncovered")] as const
  const all = counts.reduce((sum, one) => sum + one, 0)
  const score = all === 0 ? "" : `${((counts[0] + counts[1]) / all * 100).toFixed(1)} %`
  return `| ${[name, tried.length, ...counts, tried.length - all, score].join(" | ")} |`
}

/** The score of each file, and the mutants that no test noticed. @internal */
export const report = (tried: ReadonlyArray<Tried>): string => {
  const files = [...new Set(tried.map(({ mutant }) => mutant.file))]
  const table = [
    "| file | mutants | killed | timed out | survived | not covered | not tried | score |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...files.map((file) => row(file, tried.filter(({ mutant }) => mutant.file === file))),
    ...(files.length > 1 ? [row("all", tried)] : [])
  ]
  const unnoticed = tried.filter(({ answer }) =>
    answer === undefined || ["survived", "uncovered"].includes(answer.status)
  )
  const lines = unnoticed.map(({ answer, mutant: { after, before, file, kind, line } }) => {
    const [one, two] = differing(before, after)
    return `${file}:${line} ${answer?.status ?? "not tried"} (${kind})\n    - ${one}\n    + ${two}`
  })
  return [...lines, ...table].join("\n")
}
