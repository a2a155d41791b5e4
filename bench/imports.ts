/**
 * What the import of an entry point costs.
 *
 * Each import runs in a new process of Node.js. "Above Effect" is the CPU of the import after everything that the entry
 * point imports from Effect and noble has been imported: what a program pays that has Effect anyway. "With Effect" is the
 * CPU of an import without anything before. Entry points take turns in 5 rounds; figures are medians. Other libraries have
 * only the second figure.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import * as entries from "./entries.ts"
import type { Row } from "./report.ts"
import { median } from "./statistics.ts"
import type { Subject } from "./subject.ts"

const rounds = 5

/** CPU milliseconds of an import after others, in a process of its own. */
export const cost = (name: string, before: ReadonlyArray<string>, folder = "."): number => {
  const load = (module: string) => `await import(${JSON.stringify(module)})`
  const script = [
    ...before.map(load),
    "const start = process.cpuUsage()",
    load(name),
    "const { system, user } = process.cpuUsage(start)",
    "console.log((system + user) / 1000)",
    "process.exit()"
  ].join("\n")
  const { status, stderr, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    cwd: folder
  })
  if (status !== 0) throw new Error(stderr)
  return Number(stdout)
}

interface Entry {
  readonly name: string
  readonly before: ReadonlyArray<string>
  readonly target?: number | undefined
}

const peers: ReadonlyArray<readonly [name: string, folder: string]> = [
  ["@alicloud/credentials", "."],
  ["@azure/identity", "bench/peers"],
  ["google-auth-library", "bench/peers"],
  ["@smithy/property-provider", "bench/peers"]
]

const entryOf = async (entry: string): Promise<Entry> => ({
  name: entries.nameOf(entry),
  before: (await entries.bundle(entry, entries.everything)).imports,
  target: entries.sources.includes(entry) ? 15 : undefined
})

const rowsOfEntries = (all: ReadonlyArray<Entry>): ReadonlyArray<Row> => {
  const above = all.map(() => new Array<number>())
  const whole = all.map(() => new Array<number>())
  for (let round = 0; round < rounds; round++) {
    for (const [index, { before, name }] of all.entries()) {
      above[index]?.push(cost(name, before))
      whole[index]?.push(cost(name, []))
    }
  }
  return all.map(({ name, target }, index) => ({
    name: name.replace("effect-alicloud-credentials/", ""),
    values: [median(above[index] ?? []), median(whole[index] ?? [])],
    target: target === undefined ? undefined : { column: "above Effect, CPU ms", most: target }
  }))
}

const rowsOfPeers = (): ReadonlyArray<Row> =>
  peers.map(([name, folder]) =>
    existsSync(`${folder}/node_modules/${name}`)
      ? { name, values: [undefined, median(Array.from({ length: rounds }, () => cost(name, [], folder)))] }
      : { name, values: [], skipped: `not installed (npm ci --prefix ${folder})` }
  )

export const subject: Subject = {
  run: async () => [{
    title: "Import of an entry point",
    rowsAre: "entry point",
    columns: ["above Effect, CPU ms", "with Effect, CPU ms"],
    rows: [
      ...rowsOfEntries(await Promise.all([...entries.sources, ...entries.others].map(entryOf))),
      ...rowsOfPeers()
    ]
  }]
}
