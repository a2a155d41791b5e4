/**
 * Compares the editions for Effect 3 and for Effect 4. Their tasks take turns in this process, so a machine that is slow
 * for a while slows both alike. scripts/effect4/bench.ts compiles and starts it.
 */
import { build } from "esbuild"
import { gzipSync } from "node:zlib"
import { nameOf } from "../../bench/entries.ts"
import { cost } from "../../bench/imports.ts"
import { thisMachine } from "../../bench/machine.ts"
import * as measure from "../../bench/measure.ts"
import { type Row, type Table, text } from "../../bench/report.ts"
import * as results from "../../bench/results.ts"
import * as servers from "../../bench/servers.ts"
import { median, ratio } from "../../bench/statistics.ts"

type Edition = typeof import("../../bench/edition.ts")

interface Tree {
  readonly name: string
  readonly folder: string
  readonly edition: Edition
}

// Relative to the bundle of this file.
const load = async (name: string, folder: string, file: string): Promise<Tree> => ({
  name,
  folder,
  edition: (await import(new URL(file, import.meta.url).href)) as Edition
})

const trees = [
  await load("Effect 3", ".", "edition.js"),
  await load("Effect 4", "v4/build", "../v4/build/.bench/edition.js")
] as const

const columns = [...trees.map(({ name }) => name), "Effect 4 / Effect 3"]

const named = (tree: Tree, tasks: ReadonlyArray<measure.Task>): ReadonlyArray<measure.Task> =>
  tasks.map((task) => ({ ...task, name: `${tree.name}: ${task.name}` }))

const rowsOf = (names: ReadonlyArray<string>, figures: measure.Figures): ReadonlyArray<Row> =>
  names.map((name) => {
    const [three, four] = trees.map((tree) => measure.of(figures, `${tree.name}: ${name}`)) as [
      ReadonlyArray<number>,
      ReadonlyArray<number>
    ]
    return { name, values: [median(three), median(four), ratio(four, three)] }
  })

const cachedTable = async (): Promise<Table> => {
  const tasks = await Promise.all(trees.map((tree) => tree.edition.cachedTasks()))
  const figures = await measure.nanoseconds(trees.flatMap((tree, index) => named(tree, tasks[index] ?? [])), 15)
  return {
    title: "With a cached session, ns",
    rowsAre: "task",
    columns,
    rows: rowsOf((tasks[0] ?? []).map(({ name }) => name), figures)
  }
}

const callTable = async (): Promise<Table> => {
  const { fixed } = await servers.start()
  const tasks = trees.map((tree) => tree.edition.callTasks(fixed))
  const { cpu } = await measure.times(trees.flatMap((tree, index) => named(tree, tasks[index] ?? [])), 11)
  return {
    title: "Calls and new sessions, us of CPU",
    rowsAre: "task",
    columns,
    rows: rowsOf((tasks[0] ?? []).map(({ name }) => name), cpu)
  }
}

const entries = ["Environment", "EcsRamRole", "DefaultChain", "AlicloudSdk"]

const importTable = (): Table => {
  const figures = new Map<string, Array<number>>()
  for (let round = 0; round < 5; round++) {
    for (const entry of entries) {
      for (const { folder, name } of trees) {
        const key = `${name}: ${entry}`
        figures.set(key, [...figures.get(key) ?? [], cost(nameOf(entry), [], folder)])
      }
    }
  }
  return {
    title: "The import of an entry point with Effect, ms of CPU",
    rowsAre: "entry point",
    columns,
    rows: rowsOf(entries, figures)
  }
}

const weight = async (folder: string, entry: string): Promise<number> => {
  const { outputFiles: [file] } = await build({
    entryPoints: [`${folder}/dist/${entry}.js`],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    external: ["@effect/platform-node", "node:*"],
    logLevel: "error"
  })
  if (file === undefined) throw new Error(`no bundle of ${entry}`)
  return gzipSync(file.contents, { level: 9 }).byteLength / 1000
}

const weightTable = async (): Promise<Table> => {
  const rows: Array<Row> = []
  for (const entry of entries) {
    const [three, four] = [await weight(trees[0].folder, entry), await weight(trees[1].folder, entry)]
    rows.push({ name: entry, values: [three, four, four / three] })
  }
  return { title: "The bundle of an entry point with Effect, KB gz", rowsAre: "entry point", columns, rows }
}

const machine = thisMachine()
const tables = [await cachedTable(), await callTable(), importTable(), await weightTable()]
results.write({ subject: "editions", machine, tables }, undefined)
console.log(tables.map(text).join("\n"))
process.exit() // some of the clients keep connections open
