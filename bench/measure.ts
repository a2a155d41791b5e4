/**
 * Measures tasks that take turns, and computes medians and ratios.
 */
import { Bench } from "tinybench"

/** A task runs its subject `gets` times. */
export interface Task {
  readonly name: string
  readonly run: () => unknown
}

export interface Options {
  readonly gets: number
  readonly rounds: number
  readonly millis: number
}

/** Nanoseconds of one get, for each task and each round. */
export type Figures = ReadonlyMap<string, ReadonlyArray<number>>

/**
 * Each round runs every task, in an order that shifts by one, and keeps the median of its samples. If the machine is
 * slow for a while, it slows all tasks of a round alike, so the ratios within the round stay the same.
 */
export const measure = async (tasks: ReadonlyArray<Task>, options: Options): Promise<Figures> => {
  const figures = new Map(tasks.map(({ name }) => [name, new Array<number>()]))
  for (let round = -1; round < options.rounds; round++) {
    const bench = new Bench({ time: options.millis, iterations: 8, warmup: false })
    for (let turn = 0; turn < tasks.length; turn++) {
      const task = tasks[(turn + round + tasks.length) % tasks.length]
      if (task !== undefined) bench.add(task.name, task.run)
    }
    await bench.run()
    if (round < 0) continue // warms up all tasks before the first measured round
    for (const { name, result } of bench.tasks) {
      if (result.state !== "completed") throw new Error(`${name}: ${result.state}`)
      figures.get(name)?.push((result.latency.p50 * 1e6) / options.gets)
    }
  }
  return figures
}

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

const of = (figures: Figures, name: string): ReadonlyArray<number> => figures.get(name) ?? []

/** The cost of `name`, without that of `loop`. */
export const cost = (figures: Figures, name: string, loop?: string): ReadonlyArray<number> =>
  of(figures, name).map((value, round) => value - (loop === undefined ? 0 : of(figures, loop)[round] ?? 0))

/** The median of the ratios of each round. */
export const ratio = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): number =>
  median(one.map((value, round) => value / (other[round] ?? Number.NaN)))
