/**
 * Changes the library in small ways, one at a time, and lists the changes that no test notices: `npm run mutate` for all
 * areas, `npm run mutate -- cache` for one, `npm run mutate -- src/internal/wire/time.ts` for a file. The tests are those
 * of the area. With `--all` they are all tests, and with `--tests` those of a pattern. `--seconds` is for how long tests
 * of one mutant may run, the fastest of them first. `--known` tries nothing, and reports what earlier runs have found.
 */
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import { parseArgs } from "node:util"
import { numberOption } from "../numberOption.ts"
import { allTests, areas, filesOf, testsOf } from "./areas.ts"
import { type Mutant, mutate } from "./mutants.ts"
import {
  folder,
  hashOf,
  type Line,
  names,
  type Plan,
  type Result,
  runVariable,
  type Status,
  testsVariable
} from "./plan.ts"
import { isOpen, report } from "./report.ts"

// A process that shows no sign of life for so long is in a loop that asks for no mutant.
const mostSilence = 60_000

const read = (file: string): string => readFileSync(file, "utf8")

const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
}

const filesIn = (root: string): ReadonlyArray<string> =>
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((file) => path.posix.join(root, file.replaceAll(path.sep, "/")))
    .filter((file) => file.endsWith(".ts") || file.endsWith(".json"))
    .sort()

const hashOfFiles = (files: ReadonlyArray<string>): string => hashOf(...files.flatMap((file) => [file, read(file)]))

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    tests: { type: "string" },
    all: { type: "boolean", default: false },
    known: { type: "boolean", default: false },
    seconds: { type: "string", default: "4" }
  }
})
const seconds = numberOption("seconds", values.seconds, 1)

const wanted = (positionals.length === 0 ? Object.keys(areas) : positionals).flatMap((word) => {
  if (Object.hasOwn(areas, word)) return filesOf(word)
  if (word.endsWith(".ts") && existsSync(word)) return [path.posix.normalize(word)]
  throw new Error(`${word} is neither a file of TypeScript nor an area: ${Object.keys(areas).join(", ")}`)
})

const tests = values.tests !== undefined ? [values.tests] : values.all ? allTests : testsOf(wanted)

// All areas are changed in every run, so that what the tests cover is found out once.
const changed = [...new Set([...Object.keys(areas).flatMap(filesOf), ...wanted])]

const mutatedFiles = changed.map((file) => ({ file, ...mutate(file, read(file)) }))
const mutants: ReadonlyArray<Mutant> = mutatedFiles.flatMap((file) => file.mutants)

const offsets: Record<string, number> = {}
for (const [id, { file, index }] of mutants.entries()) if (index === 0) offsets[file] = id

const mutators = read("scripts/mutate/mutants.ts")
const ofTests = hashOf(
  ...tests,
  values.seconds,
  hashOfFiles(filesIn("test").filter((file) => file.endsWith(".test.ts")))
)
const ofCoverage = hashOf(
  hashOfFiles([...filesIn("src"), ...filesIn("test/support"), ...filesIn("test/fixtures")]),
  mutators,
  ...changed
)

/** What is known of a mutant from an earlier run, as long as nothing that it depends on has changed. */
interface Known {
  readonly status: Status
  readonly by?: string | undefined
  /** Of the file of the test that noticed, or of all tests. */
  readonly hash: string
}

interface KnownFile {
  readonly hash: string
  readonly answers: Readonly<Record<string, Known>>
}

const keyOf = ({ after, before, index }: Mutant): string => `${index} ${before} ${after}`

const hashes = new Map<string, string>()

const hashOfTests = (by: string | undefined): string => {
  if (by === undefined) return ofTests
  const file = by.split(" > ")[0] ?? ""
  const hash = hashes.get(file) ?? (existsSync(file) ? hashOf(read(file)) : "")
  hashes.set(file, hash)
  return hash
}

const hashOfSource = (file: string): string => hashOf(mutators, read(file))

const numbersOf = (file: string): ReadonlyArray<number> =>
  [...mutants.keys()].filter((id) => mutants[id]?.file === file)

const answersOf = (file: string): KnownFile["answers"] => {
  const known = existsSync(names.known(file)) ? JSON.parse(read(names.known(file))) as KnownFile : undefined
  return known?.hash === hashOfSource(file) ? known.answers : {}
}

const knownOf = (file: string): ReadonlyArray<Result> => {
  const known = answersOf(file)
  return numbersOf(file).flatMap((mutant) => {
    const { by, hash, status } = known[keyOf(mutants[mutant] as Mutant)] ?? {}
    return status === undefined || (!values.known && hash !== hashOfTests(by)) ? [] : [{ mutant, status, by }]
  })
}

const keep = (file: string, results: ReadonlyMap<number, Result>): void => {
  const answers = numbersOf(file).flatMap((id) => {
    const result = results.get(id)
    if (result === undefined) return []
    const known: Known = { status: result.status, by: result.by, hash: hashOfTests(result.by) }
    return [[keyOf(mutants[id] as Mutant), known] as const]
  })
  const known: KnownFile = { hash: hashOfSource(file), answers: { ...answersOf(file), ...Object.fromEntries(answers) } }
  write(names.known(file), JSON.stringify(known))
}

/** Runs the tests once, until each mutant is tried or one of them blocks the process. */
const runTests = (run: string, save: () => void): Promise<void> =>
  new Promise((resolve) => {
    writeFileSync(names.heartbeat(run), "")
    const child = spawn(
      process.execPath,
      ["node_modules/vitest/vitest.mjs", "run", "--config", "scripts/mutate/vitest.config.ts"],
      {
        detached: true,
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, [runVariable]: run, [testsVariable]: tests.join("\n") }
      }
    )
    const stop = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
    }
    const leave = (): void => {
      stop()
      save()
      process.exit(1)
    }
    const watch = setInterval(() => {
      if (Date.now() - statSync(names.heartbeat(run)).mtimeMs > mostSilence) stop()
    }, 1000)
    process.once("SIGINT", leave).once("SIGTERM", leave)
    child.once("exit", () => {
      clearInterval(watch)
      process.removeListener("SIGINT", leave).removeListener("SIGTERM", leave)
      resolve()
    })
  })

/** What a run has found. A mutant that it began, and did not finish, has blocked the process. */
const resultsOf = (run: string): ReadonlyArray<Result> => {
  const text = existsSync(names.results(run)) ? read(names.results(run)) : ""
  const lines = text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Line)
  const last = lines.at(-1)
  const blocked = last !== undefined && "begun" in last ? [{ mutant: last.begun, status: "timeout" } as const] : []
  return [...lines.filter((line) => "mutant" in line), ...blocked]
}

const failingOf = (run: string): ReadonlyArray<string> =>
  existsSync(names.failing(run)) ? [...new Set(read(names.failing(run)).trimEnd().split("\n"))] : []

const tryMutants = async (run: string, results: Map<number, Result>): Promise<void> => {
  const tried = wanted.flatMap(numbersOf).filter((id) => !results.has(id))
  if (tried.length === 0) return
  const plan: Plan = { offsets, tried, count: mutants.length, millis: seconds * 1000, hash: ofCoverage }
  write(names.plan(run), JSON.stringify(plan))
  rmSync(names.results(run), { force: true })
  const save = (): void => {
    for (const result of resultsOf(run)) results.set(result.mutant, result)
    for (const file of wanted) keep(file, results)
  }
  await runTests(run, save)
  save()
  if (tried.some((id) => results.has(id))) await tryMutants(run, results)
}

const main = async (): Promise<void> => {
  mkdirSync(folder, { recursive: true })
  const run = mkdtempSync(path.join(folder, "run-"))
  try {
    for (const { code, file } of mutatedFiles) {
      write(
        names.code(run, file),
        `globalThis.__mutants.loads++;const __m=(i)=>globalThis.__mutants.is(${offsets[file] ?? 0}+i);${code}`
      )
    }
    if (!values.known) console.error("Runs the tests once without a mutant, and then with each: this takes minutes.")
    const results = new Map(wanted.flatMap(knownOf).map((result) => [result.mutant, result]))
    if (!values.known) await tryMutants(run, results)
    const ids = wanted.flatMap(numbersOf)
    const tried = ids.map((id) => ({ mutant: mutants[id] as Mutant, answer: results.get(id) }))
    console.log(report(tried))
    const open = tried.filter(isOpen).length
    const failing = values.known ? [] : failingOf(run)
    console.log(open === 0 ? "Each survivor has its reason." : `${open} survivors have no reason.`)
    for (const file of failing) console.log(`Tests of ${file} fail without a mutant, so they notice none.`)
    if (open + failing.length > 0) process.exitCode = 1
  } finally {
    rmSync(run, { recursive: true, force: true })
  }
}

await main()
