/**
 * What the program and the process with the tests exchange: files of one folder.
 */
import { createHash } from "node:crypto"
import path from "node:path"

/** @internal */
export const folder = "node_modules/.cache/mutate"

/** The folder of one run. @internal */
export const runVariable = "MUTATE_RUN"

/** The patterns of the tests to run, one in each line. @internal */
export const testsVariable = "MUTATE_TESTS"

/** @internal */
export interface Plan {
  /** The first mutant of each file that is changed. */
  readonly offsets: Readonly<Record<string, number>>
  /** The mutants to try, by number. */
  readonly tried: ReadonlyArray<number>
  readonly count: number
  /** Of tests for each mutant, as long as they take without one. */
  readonly millis: number
  /** Of everything that decides what tests cover. */
  readonly hash: string
}

/** @internal */
export interface Covered {
  readonly millis: number
  readonly hits: number
  readonly mutants: ReadonlyArray<number>
}

/** What the tests of a file cover, by their names. @internal */
export interface Coverage {
  readonly hash: string
  readonly tests: Readonly<Record<string, Covered>>
}

/** @internal */
export type Status = "killed" | "timeout" | "survived" | "uncovered"

/** @internal */
export interface Result {
  readonly mutant: number
  readonly status: Status
  /** The file and the name of the test that noticed. */
  readonly by?: string | undefined
}

/** A line of the file of results. @internal */
export type Line = { readonly begun: number } | Result

/** @internal */
export const names = {
  plan: (run: string): string => path.join(run, "plan.json"),
  code: (run: string, file: string): string => path.join(run, "code", file),
  results: (run: string): string => path.join(run, "results.jsonl"),
  /** The files of tests that fail without a mutant, one in each line. */
  failing: (run: string): string => path.join(run, "failing"),
  heartbeat: (run: string): string => path.join(run, "heartbeat"),
  coverage: (file: string): string => path.join(folder, "coverage", `${file}.json`),
  known: (file: string): string => path.join(folder, "known", `${file}.json`)
}

/** @internal */
export const hashOf = (...texts: ReadonlyArray<string>): string =>
  texts.reduce((hash, text) => hash.update(text).update("\0"), createHash("sha256")).digest("hex")
