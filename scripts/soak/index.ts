/**
 * A process uses the library for some minutes, while its server, its external program and the process itself are stopped
 * and fail at random. Nothing but loopback is asked. The exit code says whether a rule was broken.
 *
 *     npm run soak                           five minutes, with a new seed
 *     npm run soak -- --minutes 60 --seed 7
 */
import { type ChildProcess, fork } from "node:child_process"
import { setTimeout as pause } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { seeded } from "../../bench/fleet/simulation.ts"
import type { Figures } from "../../test/support/soak/ledger.ts"
import { bundle } from "../bundle.ts"
import { numberOption } from "../numberOption.ts"
import { table } from "../table.ts"
import type { Result, Usage } from "./program.ts"

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "5" }, seed: { type: "string" } }
})
const minutes = numberOption("minutes", values.minutes, 0.1)
const seed = values.seed === undefined
  ? Math.floor(Math.random() * 2 ** 32)
  : numberOption("seed", values.seed, 0)
const random = seeded(seed)
const second = 1000

/** Garbage that is not collected yet, and code that is compiled late. */
const mostGrowth = 30 * 1024 * 1024

/** Timers and sockets of Node.js itself. */
const mostHandles = 5

const built = (name: string): Promise<string> => bundle(fileURLToPath(new URL(name, import.meta.url)))

const firstMessage = <A>(child: ChildProcess): Promise<A | undefined> =>
  new Promise((resolve) => {
    child.once("message", (message) => resolve(message as A))
    child.once("exit", () => resolve(undefined))
  })

/** Stops the process now and then, and lets it go on. */
const stopNowAndThen = async (child: ChildProcess, end: number): Promise<number> => {
  let stops = 0
  for (;;) {
    await pause((10 + 20 * random()) * second)
    if (Date.now() > end || child.exitCode !== null || child.signalCode !== null) return stops
    child.kill("SIGSTOP")
    await pause(10 ** (3 * random()) * 20)
    child.kill("SIGCONT")
    stops += 1
  }
}

const run = async (): Promise<{ readonly result: Result | undefined; readonly stops: number }> => {
  const [server, program, child] = await Promise.all([built("server.ts"), built("program.ts"), built("child.ts")])
  const serving = fork(server)
  const port = await firstMessage<number>(serving)
  const millis = minutes * 60 * second
  const running = fork(program, [String(port), `${process.execPath} ${child}`, String(seed), String(millis)])
  const limit = setTimeout(() => running.kill("SIGKILL"), millis + 120 * second)
  const [result, stops] = await Promise.all([
    firstMessage<Result>(running),
    stopNowAndThen(running, Date.now() + millis)
  ])
  clearTimeout(limit)
  serving.disconnect()
  return { result, stops }
}

const columns: ReadonlyArray<readonly [name: string, of: (figures: Figures) => string]> = [
  ["calls of get", ({ gets }) => String(gets)],
  ["of them failed (allowed without a usable session)", ({ failed }) => String(failed)],
  ["failed although a session was usable (0)", ({ failedWithSession }) => String(failedWithSession)],
  ["dead sessions returned (0)", ({ dead }) => String(dead)],
  ["sessions", ({ sessions }) => String(sessions)],
  ["refused by a service", ({ refused }) => String(refused)],
  ["faults of the server", ({ faults }) => String(faults)],
  ["renewals while a session was usable", ({ renewals, renewalsAllowed }) => `${renewals} (<= ${renewalsAllowed})`],
  [
    "requests without a usable session",
    ({ requestsWithout, requestsWithoutAllowed }) => `${requestsWithout} (<= ${requestsWithoutAllowed})`
  ],
  ["most requests at once (2)", ({ mostAtOnce }) => String(mostAtOnce)]
]

const usageRow = (name: string, { files, handles, heap }: Usage): ReadonlyArray<string> => [
  name,
  `${(heap / 1024 / 1024).toFixed(1)} MiB`,
  String(handles),
  files === undefined ? "unknown" : String(files)
]

const leaks = ({ after, before, early, late }: Result): ReadonlyArray<string> => [
  ...late.heap - early.heap > mostGrowth ? ["the memory grew"] : [],
  ...after.handles - before.handles > mostHandles ? ["handles were left behind"] : [],
  ...(after.files ?? 0) - (before.files ?? 0) > mostHandles ? ["open files were left behind"] : []
]

const report = (result: Result, stops: number): ReadonlyArray<string> => {
  const names = Object.keys(result.figures)
  const figures = Object.values(result.figures)
  console.log(table(["", ...names], columns.map(([name, of]) => [name, ...figures.map(of)])))
  console.log(`\nThe process was stopped ${stops} times.\n`)
  const { after, before, early, late } = result
  const rows = [
    usageRow("before the start", before),
    usageRow("after a fifth of the time", early),
    usageRow("at the end", late),
    usageRow("after the providers were closed", after)
  ]
  console.log(table(["", "memory", "handles", "open files"], rows))
  return [...figures.flatMap(({ violations }) => violations), ...leaks(result)]
}

console.log(`seed ${seed}; this takes ${minutes} min, and up to two more to build, to finish and to close\n`)
const { result, stops } = await run()
const violations = result === undefined ? ["the process did not end, or crashed"] : report(result, stops)
console.log(violations.length === 0 ? "\nAll rules were kept." : `\nBROKEN:\n  ${violations.join("\n  ")}`)
process.exitCode = violations.length === 0 ? 0 : 1
