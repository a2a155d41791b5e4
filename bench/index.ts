/**
 * Runs the benchmarks: all of them, or those that are named.
 *
 *     npm run bench
 *     npm run bench -- warm signing
 *
 * It measures `dist`, which it builds first, because that is what programs run. The benchmarks are compiled too: the
 * loader of tsx names each function when it is created, which makes small functions several times as expensive. Each
 * subject runs in a process of its own, which writes its figures and its chart to `docs/bench`. The page with all figures
 * is written at the end.
 *
 * A missed target is reported and does not fail the run, because the machine may be the cause.
 */
import { spawnSync } from "node:child_process"
import { bundle } from "./bundle.ts"
import { describe, thisMachine } from "./machine.ts"
import { summary } from "./report.ts"
import * as results from "./results.ts"
import { names } from "./subjects.ts"

const folder = ".bench"

const node = (...words: ReadonlyArray<string>): boolean =>
  spawnSync(process.execPath, words, { stdio: "inherit" }).status === 0

const compile = async (): Promise<void> => {
  if (spawnSync("npm", ["run", "--silent", "build"], { stdio: "inherit" }).status !== 0) throw new Error("no build")
  await bundle(["bench/run.ts", "bench/server.ts", "bench/offCloud/inside.ts"], folder)
}

/** Allocations are only seen if nothing is collected meanwhile. */
const flags: Readonly<Record<string, ReadonlyArray<string>>> = {
  allocation: ["--min-semi-space-size=64", "--max-semi-space-size=64"]
}

const measure = (name: string): boolean => {
  const start = performance.now()
  console.log(`== ${name}\n`)
  const succeeded = node(...(flags[name] ?? []), `${folder}/run.js`, name)
  console.log(`${name} ${succeeded ? "took" : "FAILED after"} ${((performance.now() - start) / 1000).toFixed(0)} s\n`)
  return succeeded
}

const given = process.argv.slice(2)
const unknown = given.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`no subject is named ${unknown.join(", ")}: use ${names.join(", ")}`)
  process.exit(2)
}

console.log(`${describe(thisMachine())}\n`)
await compile()
const failed = (given.length === 0 ? names : given).filter((name) => !measure(name))
results.writePage()
console.log(summary(results.read().filter(({ subject }) => given.length === 0 || given.includes(subject))))
if (failed.length > 0) {
  console.log(`failed: ${failed.join(", ")}`)
  process.exitCode = 1
}
