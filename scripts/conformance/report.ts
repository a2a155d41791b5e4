/** The results as a document. */
import { readFileSync, writeFileSync } from "node:fs"
import { type CaseFile, casesIn, type Group, groups } from "./cases.ts"
import type { Outcome } from "./outcome.ts"

const document = "docs/conformance.md"
const begin = "<!-- The tables are written by npm run conformance -- --write -->"

const titles: Readonly<Record<Group, string>> = { chain: "Chains", sources: "Sources", renewal: "Renewal" }

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/[\n\r]+/g, " ")

const words = { passes: "passes", otherwise: "works otherwise", fails: "fails", cannot: "cannot run" } as const

const shown = (outcome: Outcome): string =>
  `${words[outcome.result]}${"why" in outcome ? `: ${cell(outcome.why.slice(0, 160))}` : ""}`

const row = ({ about, differs, name }: CaseFile, outcome: Outcome | undefined): string =>
  `| \`${name}\` | ${cell(about)}${differs === undefined ? "" : ` ${cell(differs)}`} | ${
    outcome === undefined ? "not run" : shown(outcome)
  } |`

const table = (group: Group, results: ReadonlyMap<string, Outcome>): string =>
  [
    `## ${titles[group]}`,
    "",
    "| case | rule | `@alicloud/credentials` |",
    "| --- | --- | --- |",
    ...casesIn(group).map((one) => row(one, results.get(one.file)))
  ].join("\n")

const summary = (results: ReadonlyMap<string, Outcome>, version: string): string => {
  const count = (group: Group, result: Outcome["result"]) =>
    casesIn(group).filter(({ file }) => results.get(file)?.result === result).length
  const rows = groups.map((group) => {
    const total = casesIn(group).length
    const others = (Object.keys(words) as ReadonlyArray<Outcome["result"]>).map((result) => count(group, result))
    return `| ${titles[group]} | ${total} | ${total} | ${others.join(" | ")} |`
  })
  return [
    `| | cases | this library passes | \`@alicloud/credentials\` ${version} passes | works otherwise | fails | cannot run |`,
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows
  ].join("\n")
}

export const writeDocument = (results: ReadonlyMap<string, Outcome>, version: string): void => {
  const [head = ""] = readFileSync(document, "utf8").split(begin)
  const parts = [summary(results, version), ...groups.map((group) => table(group, results))]
  writeFileSync(document, `${head}${begin}\n\n${parts.join("\n\n")}\n`)
}
