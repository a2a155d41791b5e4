/**
 * Changes the library in small ways, one at a time, and lists the changes that no test notices: `npm run mutate` for all
 * areas, `npm run mutate -- cache` for one, `npm run mutate -- src/internal/wire/time.ts` for a file.
 */
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import { areas, filesOf } from "./areas.ts"
import { type Mutant, mutate } from "./mutants.ts"
import { folder, hashOf, type Line, names, type Plan, type Result, runVariable, type Status } from "./plan.ts"
import { report } from "./report.ts"

// A process that shows no sign of life for so long is in a loop that asks for no mutant.
const mostSilence = 60_000

const read = (file: string): string => readFileSync(file, "utf8")

const filesIn = (root: string): ReadonlyArray<string> =>
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((file) => path.posix.join(root, file.replaceAll(path.sep, "/")))
    .filter((file) => file.endsWith(".ts") || file.endsWith(".json"))
    .sort()

const hashOfFiles = (files: ReadonlyArray<string>): string => hashOf(...files.flatMap((file) => [file, read(file)]))

/** What is known of a mutant from an earlier run, as long as nothing that it depends on has changed. */
interface Known {
  readonly status: Status
  readonly by?: string | undefined
  /** Of the file of the test that noticed, or of all tests. */
  readonly hash: string
}

type Answers = Readonly<Record<string, Known>>

const wordsOf = (words: ReadonlyArray<string>): ReadonlyArray<string> =>
  (words.length === 0 ? Object.keys(areas) : words).flatMap((word) => {
    if (word in areas) return filesOf(word)
    if (existsSync(word)) return [path.posix.normalize(word)]
    throw new Error(`${word} is neither a file nor an area: ${Object.keys(areas).join(", ")}`)
  })

/** Runs the tests once, until each mutant is tried or one of them blocks the process. */
const runTests = (run: string): Promise<void> =>
  new Promise((resolve) => {
    writeFileSync(names.heartbeat(run), "")
    const child = spawn(
      process.execPath,
      ["node_modules/vitest/vitest.mjs", "run", "--config", "scripts/mutate/vitest.config.ts"],
      { detached: true, stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, [runVariable]: run } }
    )
    const stop = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
    }
    const watch = setInterval(() => {
      if (Date.now() - statSync(names.heartbeat(run)).mtimeMs > mostSilence) stop()
    }, 1000)
    const leave = (): void => {
      stop()
      process.exit(1)
    }
    process.once("SIGINT", leave).once("SIGTERM", leave)
    child.once("exit", () => {
      clearInterval(watch)
      process.removeListener("SIGINT", leave).removeListener("SIGTERM", leave)
      resolve()
    })
  })

const linesOf = (run: string): ReadonlyArray<Line> =>
  existsSync(names.results(run))
    ? read(names.results(run)).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Line)
    : []

const main = async (): Promise<void> => {
  const wanted = wordsOf(process.argv.slice(2))
  const changed = [...new Set([...Object.keys(areas).flatMap(filesOf), ...wanted])]
  mkdirSync(folder, { recursive: true })
  const run = mkdtempSync(path.join(folder, "run-"))
  try {
    const mutants: Array<Mutant> = []
    const offsets: Record<string, number> = {}
    for (const file of changed) {
      const offset = mutants.length
      offsets[file] = offset
      const mutated = mutate(file, read(file))
      mutants.push(...mutated.mutants)
      const target = names.code(run, file)
      mkdirSync(path.dirname(target), { recursive: true })
      writeFileSync(target, `const __m=(i)=>globalThis.__mutants.is(${offset}+i);${mutated.code}`)
    }
    const ofSources = hashOfFiles([...filesIn("src"), ...filesIn("test/support"), ...filesIn("test/fixtures")])
    const ofMutators = read("scripts/mutate/mutants.ts")
    const allTests = hashOfFiles(filesIn("test").filter((file) => file.endsWith(".test.ts")))
    const hashes = new Map<string, string>()
    const hashOfTest = (by: string | undefined): string => {
      const file = by?.split(" > ")[0] ?? ""
      if (!hashes.has(file)) hashes.set(file, existsSync(file) ? hashOf(read(file)) : "")
      return hashes.get(file) ?? ""
    }
    const keyOf = ({ after, before, index }: Mutant): string => `${index} ${before} ${after}`
    const answers = new Map<number, Result>()
    const tried: Array<number> = []
    for (const file of wanted) {
      const at = names.known(file)
      const known = existsSync(at)
        ? JSON.parse(read(at)) as { readonly source: string; readonly answers: Answers }
        : undefined
      const usable = known?.source === hashOf(ofMutators, read(file)) ? known.answers : {}
      const offset = offsets[file] ?? 0
      for (const mutant of mutants.filter((mutant) => mutant.file === file)) {
        const { by, hash, status } = usable[keyOf(mutant)] ?? {}
        const expected = by === undefined ? allTests : hashOfTest(by)
        if (status !== undefined && hash === expected) {
          answers.set(offset + mutant.index, { mutant: offset + mutant.index, status, by })
        } else tried.push(offset + mutant.index)
      }
    }
    const keep = (): void => {
      for (const file of wanted) {
        const offset = offsets[file] ?? 0
        const ofFile = mutants.filter((mutant) => mutant.file === file).flatMap((mutant) => {
          const answer = answers.get(offset + mutant.index)
          if (answer === undefined) return []
          const hash = answer.by === undefined ? allTests : hashOfTest(answer.by)
          return [[keyOf(mutant), { status: answer.status, by: answer.by, hash }]] as const
        })
        mkdirSync(path.dirname(names.known(file)), { recursive: true })
        writeFileSync(
          names.known(file),
          JSON.stringify({ source: hashOf(ofMutators, read(file)), answers: Object.fromEntries(ofFile) })
        )
      }
    }
    let left = tried
    let isUsed = true
    while (left.length > 0 && isUsed) {
      const plan: Plan = {
        offsets,
        tried: left,
        count: mutants.length,
        hash: hashOf(ofSources, ofMutators, ...changed)
      }
      writeFileSync(names.plan(run), JSON.stringify(plan))
      rmSync(names.results(run), { force: true })
      await runTests(run)
      const lines = linesOf(run)
      isUsed = lines.length > 0
      let begun: number | undefined = undefined
      for (const line of lines) {
        if ("begun" in line) begun = line.begun
        else {
          answers.set(line.mutant, line)
          begun = undefined
        }
      }
      // The process was stopped while it tried this one.
      if (begun !== undefined) answers.set(begun, { mutant: begun, status: "timeout" })
      left = left.filter((mutant) => !answers.has(mutant))
      keep()
    }
    const all = mutants.flatMap((mutant, id) =>
      wanted.includes(mutant.file) ? [{ mutant, answer: answers.get(id) }] : []
    )
    console.log(report(all))
    if (left.length > 0) process.exitCode = 1
  } finally {
    rmSync(run, { recursive: true, force: true })
  }
}

await main()
