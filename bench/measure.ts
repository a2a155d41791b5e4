/**
 * Measures tasks that take turns. Each round runs every task, in an order that shifts by one. If the machine is slow for
 * a while, it slows all tasks of a round alike, so the ratios within the round stay the same.
 */
import { Bench } from "tinybench"
import { collectGarbage } from "./garbage.ts"

/** A task runs its subject `count` times. */
export interface Task {
  readonly name: string
  readonly count: number
  readonly run: () => unknown
}

/** One figure for each task and each round, for one run of its subject. */
export type Figures = ReadonlyMap<string, ReadonlyArray<number>>

export const of = (figures: Figures, name: string): ReadonlyArray<number> => {
  const found = figures.get(name)
  if (found === undefined) throw new Error(`no task is named ${name}`)
  return found
}

/** The tasks in the order of a round. */
const inTurns = (tasks: ReadonlyArray<Task>, round: number): ReadonlyArray<Task> => {
  const first = (round + tasks.length) % tasks.length
  return [...tasks.slice(first), ...tasks.slice(0, first)]
}

const empty = (tasks: ReadonlyArray<Task>) => new Map(tasks.map(({ name }) => [name, new Array<number>()]))

/** Nanoseconds. Each round keeps the median of the samples of 10 milliseconds. One more round before warms up. */
export const nanoseconds = async (tasks: ReadonlyArray<Task>, rounds: number): Promise<Figures> => {
  const figures = empty(tasks)
  for (let round = -1; round < rounds; round++) {
    const bench = new Bench({ time: 10, iterations: 8, warmup: false })
    const turns = inTurns(tasks, round)
    for (const { name, run } of turns) bench.add(name, run)
    await bench.run()
    if (round < 0) continue
    for (const [index, { name, result }] of bench.tasks.entries()) {
      if (result.state !== "completed") throw new Error(`${name}: ${result.state}`)
      figures.get(name)?.push(result.latency.p50 * 1e6 / (turns[index]?.count ?? 1))
    }
  }
  return figures
}

export interface Times {
  /** Microseconds of all threads of this process. */
  readonly cpu: Figures
  /** Microseconds until the answer. */
  readonly wall: Figures
}

/** Two more rounds before warm up. */
export const times = async (tasks: ReadonlyArray<Task>, rounds: number): Promise<Times> => {
  const cpu = empty(tasks)
  const wall = empty(tasks)
  for (let round = -2; round < rounds; round++) {
    for (const { count, name, run } of inTurns(tasks, round + 2)) {
      collectGarbage()
      const start = performance.now()
      const before = process.cpuUsage()
      await run()
      const { system, user } = process.cpuUsage(before)
      const end = performance.now()
      if (round < 0) continue
      cpu.get(name)?.push((system + user) / count)
      wall.get(name)?.push((end - start) * 1000 / count)
    }
  }
  return { cpu, wall }
}
