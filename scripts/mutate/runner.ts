/**
 * Runs every test once to see what it covers, and then for each mutant the tests that cover it, in one process that loads
 * the modules once. A mutant that only acts while its module is loaded has the modules loaded anew.
 */
import { type File, startTests, type Test } from "@vitest/runner"
import { getSafeTimers } from "@vitest/utils"
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { VitestTestRunner } from "vitest/runners"
import { getFn } from "vitest/suite"
import { type Coverage, type Covered, hashOf, type Line, names, type Plan, runVariable, type Status } from "./plan.ts"

const { setInterval, setTimeout } = getSafeTimers()

const run = process.env[runVariable] ?? ""
const plan = JSON.parse(readFileSync(names.plan(run), "utf8")) as Plan

/** Asked by the changed modules. Whoever asks too often runs in a loop that does not end. */
const state = {
  active: -1,
  hits: 0,
  limit: Infinity,
  /** How often changed modules were loaded. */
  loads: 0,
  seen: new Uint8Array(plan.count),
  is(mutant: number): boolean {
    if (++state.hits > state.limit) throw new Error("this mutant runs for too long")
    state.seen[mutant] = 1
    return mutant === state.active
  }
}
Object.assign(globalThis, { __mutants: state })

const driver = "scripts/mutate/driver.ts"

const seen = (): ReadonlyArray<number> => [...state.seen.keys()].filter((id) => state.seen[id] === 1)

const relative = (file: string): string => path.relative(process.cwd(), file)

const nameOf = (test: Test): string => `${test.suite === undefined ? "" : suiteName(test.suite)}${test.name}`

const suiteName = (suite: { readonly name: string; readonly suite?: { readonly name: string } | undefined }): string =>
  `${suite.suite === undefined ? "" : suiteName(suite.suite)}${suite.name} > `

/** Tests of one name are one test. */
const keyOf = (test: Test): string => `${relative(test.file.filepath)} > ${nameOf(test)}`

interface Known extends Covered {
  readonly test: Test
  readonly file: string
}

/** What is tried while the modules are loaded with a mutant. */
interface Loading {
  readonly mutant: number
  readonly wanted: ReadonlySet<string>
  outcome: Outcome
  by: string | undefined
}

interface Internals {
  readonly workerState: {
    readonly moduleCache: Map<string, unknown>
    readonly config: { readonly snapshotOptions: unknown }
  }
  readonly snapshotClient: {
    readonly snapshotStateMap: ReadonlyMap<string, unknown>
    readonly setup: (file: string, options: unknown) => Promise<void>
  }
}

interface Ending {
  onFinished?: ReadonlyArray<(context: Test["context"]) => unknown>
  onFailed?: unknown
}

type Outcome = "passed" | "failed" | "hung"

const log = (line: Line): void => appendFileSync(names.results(run), `${JSON.stringify(line)}\n`)

export default class MutantRunner extends VitestTestRunner {
  readonly tests = new Map<string, Known>()
  /** Of files of this run whose coverage was not known. */
  readonly covered = new Map<string, Record<string, Covered>>()
  readonly atLoad = new Uint8Array(plan.count)
  readonly recentKillers: Array<string> = []
  private readonly byMutant = new Map<number, Array<string>>()
  private loading: Loading | undefined = undefined
  /** For who wonders what takes so long. */
  private doing = ""
  private coverage: { readonly file: string; readonly known: Coverage | undefined } | undefined = undefined

  constructor(config: ConstructorParameters<typeof VitestTestRunner>[0]) {
    super(config)
    setInterval(() => writeFileSync(names.heartbeat(run), this.doing), 1000).unref()
  }

  override async importFile(file: string, source: "collect" | "setup"): Promise<unknown> {
    state.seen.fill(0)
    const imported: unknown = await super.importFile(file, source)
    for (const id of seen()) this.atLoad[id] = 1
    return imported
  }

  private hashFor(file: string): string {
    return hashOf(plan.hash, readFileSync(file, "utf8"))
  }

  async runTask(test: Test): Promise<void> {
    const file = relative(test.file.filepath)
    if (this.loading !== undefined) return this.runLoaded(test, this.loading)
    if (file === driver) return this.tryMutants()
    if (this.coverage?.file !== file) {
      const at = names.coverage(file)
      const known = existsSync(at) ? JSON.parse(readFileSync(at, "utf8")) as Coverage : undefined
      this.coverage = { file, known: known?.hash === this.hashFor(file) ? known : undefined }
    }
    const known = this.coverage.known?.tests[nameOf(test)]
    if (known !== undefined) {
      this.tests.set(keyOf(test), { ...known, test, file })
      return
    }
    state.seen.fill(0)
    state.hits = 0
    this.doing = keyOf(test)
    const { loads } = state
    const start = performance.now()
    await getFn(test)()
    // A test that loads the modules again covers all that only happens then, and works with none of its mutants.
    const covered = {
      millis: performance.now() - start,
      hits: state.hits,
      mutants: state.loads === loads ? seen() : []
    }
    this.tests.set(keyOf(test), { ...covered, test, file })
    const ofFile = this.covered.get(file) ?? { ...this.coverage.known?.tests }
    ofFile[nameOf(test)] = covered
    this.covered.set(file, ofFile)
  }

  override async onAfterRunFiles(files: ReadonlyArray<File> = []): Promise<void> {
    super.onAfterRunFiles()
    if (this.loading !== undefined) return
    for (const { filepath } of files.filter((file) => file.result?.state === "fail")) {
      appendFileSync(names.failing(run), `${relative(filepath)}\n`)
    }
    this.keepCoverage()
    // No test can be loaded while another one runs.
    if (files.some((file) => relative(file.filepath) === driver)) await this.tryMutantsOfLoading()
  }

  private keepCoverage(): void {
    for (const [file, tests] of this.covered) {
      mkdirSync(path.dirname(names.coverage(file)), { recursive: true })
      writeFileSync(names.coverage(file), JSON.stringify({ hash: this.hashFor(file), tests } satisfies Coverage))
    }
    this.covered.clear()
  }

  private async tryMutants(): Promise<void> {
    for (const [key, { mutants }] of this.tests) {
      for (const id of mutants) this.byMutant.set(id, [...(this.byMutant.get(id) ?? []), key])
    }
    for (const mutant of plan.tried) {
      const keys = this.byMutant.get(mutant)
      if (keys === undefined) continue
      log({ begun: mutant })
      log({ mutant, ...await this.tryRunning(mutant, this.ordered(keys)) })
    }
  }

  private async tryMutantsOfLoading(): Promise<void> {
    for (const mutant of plan.tried.filter((id) => !this.byMutant.has(id))) {
      log({ begun: mutant })
      if (this.atLoad[mutant] === 1) log({ mutant, ...await this.tryLoading(mutant) })
      else log({ mutant, status: "uncovered" })
    }
  }

  /** Tests that noticed mutants before are likely to notice the next one. */
  private ordered(keys: ReadonlyArray<string>): ReadonlyArray<Known> {
    const rank = (known: Known) => {
      const recent = this.recentKillers.indexOf(keyOf(known.test))
      return recent >= 0 && known.millis < 1000 ? -1 / (recent + 1) : known.millis
    }
    const sorted = keys.flatMap((key) => this.tests.get(key) ?? []).sort((one, two) => rank(one) - rank(two))
    let millis = 0
    return sorted.filter((known, index) => (millis += known.millis) <= plan.millis || index === 0)
  }

  private async tryRunning(
    mutant: number,
    tests: ReadonlyArray<Known>
  ): Promise<{ readonly status: Status; readonly by?: string }> {
    for (const known of tests) {
      const outcome = await this.outcomeOf(known, mutant)
      if (outcome === "passed") continue
      // A test that also fails without the mutant says nothing.
      if (await this.isSpoiled(known)) continue
      return this.noticed(outcome, keyOf(known.test))
    }
    return { status: "survived" }
  }

  private async isSpoiled(known: Known): Promise<boolean> {
    for (const factor of [1, 3, 10]) if (await this.outcomeOf(known, -1, factor) === "passed") return false
    process.stderr.write(`spoiled: ${keyOf(known.test)}\n`)
    this.tests.delete(keyOf(known.test))
    return true
  }

  private noticed(outcome: Outcome, by: string): { readonly status: Status; readonly by: string } {
    const at = this.recentKillers.indexOf(by)
    if (at >= 0) this.recentKillers.splice(at, 1)
    this.recentKillers.unshift(by)
    this.recentKillers.length = Math.min(this.recentKillers.length, 20)
    return { status: outcome === "hung" ? "timeout" : "killed", by }
  }

  /** Loads the modules anew with the mutant, and the tests of one file after the other. */
  private async tryLoading(
    mutant: number
  ): Promise<{ readonly status: Status; readonly by?: string }> {
    const offsets = Object.values(plan.offsets).sort((one, two) => one - two)
    const first = offsets.filter((offset) => offset <= mutant).at(-1) ?? 0
    const end = offsets.find((offset) => offset > mutant) ?? plan.count
    const nearby = new Set<string>()
    for (let id = first; id < end; id++) for (const key of this.byMutant.get(id) ?? []) nearby.add(key)
    const tests = this.ordered([...nearby])
    const files = [...new Set(tests.map(({ file }) => file))]
    for (const file of files) {
      const wanted = new Set(tests.filter((known) => known.file === file).map((known) => keyOf(known.test)))
      const { by, outcome } = await this.load(file, mutant, wanted)
      if (outcome === "passed") continue
      const alone = by === undefined ? wanted : new Set([by])
      if ((await this.load(file, -1, alone)).outcome === "passed") return this.noticed(outcome, by ?? file)
    }
    return { status: "survived" }
  }

  /** Runs some tests of a file with modules that were loaded with the mutant. */
  private async load(file: string, mutant: number, wanted: ReadonlySet<string>): Promise<Loading> {
    const loading: Loading = { mutant, wanted, outcome: "passed", by: undefined }
    this.loading = loading
    this.forgetModules()
    state.active = mutant
    const [loaded] = await startTests([{ filepath: path.resolve(file), testLocations: undefined }], this as never)
    state.active = -1
    this.loading = undefined
    this.forgetModules()
    // A file that cannot be loaded has no tests.
    if (loaded === undefined || loaded.tasks.length === 0) loading.outcome = "failed"
    return loading
  }

  private async runLoaded(test: Test, loading: Loading): Promise<void> {
    const key = keyOf(test)
    const known = this.tests.get(key)
    if (loading.outcome !== "passed" || known === undefined || !loading.wanted.has(key)) return
    loading.outcome = await this.outcomeOf({ ...known, test }, loading.mutant)
    if (loading.outcome !== "passed") loading.by = key
  }

  /** What vitest declares as private. */
  private get internals(): Internals {
    return this as unknown as Internals
  }

  private forgetModules(): void {
    const { moduleCache } = this.internals.workerState
    for (const id of moduleCache.keys()) {
      if (/\/(?:src|test)\//.test(id) && !id.includes("node_modules")) moduleCache.delete(id)
    }
  }

  private async outcomeOf({ hits, millis, test }: Known, mutant: number, factor = 1): Promise<Outcome> {
    const { snapshotClient, workerState } = this.internals
    const file = test.file.filepath
    if (!snapshotClient.snapshotStateMap.has(file)) {
      await snapshotClient.setup(file, workerState.config.snapshotOptions)
    }
    this.onBeforeTryTask(test)
    state.hits = 0
    state.limit = hits * 50 + 20_000
    state.active = mutant
    const limit = (2000 + millis * 10) * factor
    let timer: ReturnType<typeof setTimeout> | undefined = undefined
    try {
      const hung = new Promise<Outcome>((resolve) => timer = setTimeout(() => resolve("hung"), limit))
      const ran = Promise.resolve(getFn(test)()).then((): Outcome => {
        this.onAfterTryTask(test)
        return state.hits > state.limit ? "hung" : "passed"
      })
      return await Promise.race([ran, hung])
    } catch {
      return state.hits > state.limit ? "hung" : "failed"
    } finally {
      clearTimeout(timer)
      state.limit = Infinity
      await this.finish(test)
      state.active = -1
    }
  }

  /** What the test asked for at its end. A mutant can make that wait forever too. */
  private async finish(test: Test): Promise<void> {
    const ending = test as Test & Ending
    const hooks = ending.onFinished ?? []
    delete ending.onFinished
    delete ending.onFailed
    const finished = Promise.allSettled(hooks.map((hook) => hook(test.context)))
    await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, 500))])
  }
}
