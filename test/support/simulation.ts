/**
 * Runs a program in simulated time. Nothing in it may wait for a promise. The test clock waits for timers of the machine at each
 * step, so that a day of thousands of fibers would take hours.
 */
import type { Effect, Exit } from "effect"
import * as events from "../../bench/fleet/events.ts"
import { run } from "./ownTime.ts"

/** The machine on which the program runs. Times are milliseconds. */
export interface Machine {
  /** The time as everybody else knows it. */
  readonly now: () => number
  /** How far its wall clock is ahead. */
  readonly offset: () => number
  readonly setClock: (offset: number) => void
  /** Nothing runs for a while, as in a process that was stopped. */
  readonly stop: (millis: number) => void
  /** Stops its timers and its monotonic clock too, as in a machine that sleeps. */
  readonly suspend: (millis: number) => void
  /** How often it was suspended. */
  readonly suspensions: () => number
}

export interface Outcome<A, E> {
  readonly exit: Exit.Exit<A, E>
  /** Sleeps that were left behind. */
  readonly sleeping: number
}

interface Sleeper extends events.Event {
  readonly wake: () => void
  isOver: boolean
}

const start = Date.UTC(2026, 0, 1)

// Lets the runner of the tests hear from this process now and then.
const stepsAtOnce = 5000
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Fails if the program waits for something that never happens. */
export const simulate = async <A, E>(
  program: (machine: Machine) => Effect.Effect<A, E>
): Promise<Outcome<A, E>> => {
  const sleepers = events.make<Sleeper>()
  let tasks: Array<() => void> = []
  let passed = 0
  let suspended = 0
  let suspensions = 0
  let offset = 0
  let sleeping = 0

  const now = () => start + passed + suspended
  const millis = () => Math.floor(now() + offset)
  const nanos = () => BigInt(Math.floor(passed)) * 1_000_000n
  const sleep = (millis: number, wake: () => void) => {
    const end = () => {
      if (!sleeper.isOver) sleeping -= 1
      sleeper.isOver = true
    }
    const sleeper: Sleeper = {
      at: passed + millis,
      isOver: false,
      wake: () => {
        end()
        wake()
      }
    }
    sleeping += 1
    sleepers.add(sleeper)
    return end
  }
  const runTasks = () => {
    while (tasks.length > 0) {
      const ready = tasks
      tasks = []
      ready.forEach((task) => task())
    }
  }

  let exit: Exit.Exit<A, E> | undefined = undefined
  const machine: Machine = {
    now,
    offset: () => offset,
    setClock: (to) => {
      offset = to
    },
    stop: (millis) => {
      passed += millis
    },
    suspend: (millis) => {
      suspended += millis
      suspensions += 1
    },
    suspensions: () => suspensions
  }
  run(program(machine), { millis, nanos, sleep }, (task) => void tasks.push(task), (result) => {
    exit = result
  })
  runTasks()
  for (let steps = 1; exit === undefined; steps++) {
    if (steps % stepsAtOnce === 0) await turn()
    const next = sleepers.take()
    if (next === undefined) throw new Error("the program waits for something that never happens")
    if (next.isOver) continue
    passed = Math.max(passed, next.at)
    next.wake()
    runTasks()
  }
  return { exit, sleeping }
}
