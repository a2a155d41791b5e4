/**
 * The situations of a fleet, and the figures that are compared with targets.
 */
import * as bounds from "./bounds.ts"
import { type Figures, type MakeProcess, peak, type Setting, simulate, sum } from "./simulation.ts"

/** What every situation has in common. Times are seconds. */
export interface Fleet {
  readonly processes: number
  readonly quota: number
  readonly life: number
  readonly start: number
  readonly outageStart: number
  readonly outageLength: number
  readonly seed: number
}

/** A figure of a situation. */
export interface Result {
  readonly name: string
  readonly value: number
  /** What no policy can beat, if there is such a figure. */
  readonly bound?: number | undefined
  /** Undefined if the figure has none. */
  readonly target?: number | undefined
  readonly unit?: "%" | "s" | undefined
}

export interface Scenario {
  readonly name: string
  readonly setting: Setting
  readonly results: (figures: Figures) => ReadonlyArray<Result>
}

const common = ({ life, processes, quota, seed, start }: Fleet) => ({ life, processes, quota, seed, start })

const throttledShare = ({ calls, throttled }: Figures, start = 0, end = calls.length): number =>
  100 * sum(throttled, start, end) / Math.max(1, sum(calls, start, end))

/** Two lives of a key without any trouble. */
export const calm = (fleet: Fleet): Scenario => {
  const setting: Setting = { ...common(fleet), hasKeys: true, until: 2 * fleet.life }
  return {
    name: "calm",
    setting,
    results: (figures) => [
      {
        name: "most calls in a second",
        value: peak(figures.calls),
        bound: bounds.calmPeak(setting),
        target: 1.2 * fleet.quota
      },
      { name: "throttled", value: throttledShare(figures), bound: 0, unit: "%" },
      { name: "keys lost", value: figures.lostKeys, bound: 0 }
    ]
  }
}

interface OutageTargets {
  /** The average of calls a second, in multiples of the quota. */
  readonly load?: number | undefined
  /** Keys lost, in multiples of the bound. */
  readonly lost?: number | undefined
}

/** The server answers nothing, or so many calls a second, for a while. */
export const outage = (
  fleet: Fleet,
  options: {
    readonly name: string
    readonly hasKeys: boolean
    readonly quota?: number | undefined
    readonly targets: OutageTargets
  }
): Scenario => {
  const { outageLength: length, outageStart: start } = fleet
  const end = start + length
  const setting: Setting = {
    ...common(fleet),
    hasKeys: options.hasKeys,
    outage: { start, length, quota: options.quota ?? 0 },
    until: Math.max(end, fleet.life + bounds.coldSeconds(coldSetting(fleet))) + fleet.life / 3
  }
  const fewest = bounds.lostKeys(setting)
  return {
    name: options.name,
    setting,
    results: (figures) => [
      {
        name: "calls a second meanwhile, on average",
        value: sum(figures.calls, start, end) / length,
        target: times(fleet.quota, options.targets.load)
      },
      { name: "most calls in a second afterwards", value: peak(figures.calls, end) },
      { name: "throttled afterwards", value: throttledShare(figures, end), unit: "%" },
      { name: "keys lost", value: figures.lostKeys, bound: fewest, target: times(fewest, options.targets.lost) },
      { name: "process-seconds without a key", value: figures.secondsWithout },
      { name: "calls of get that fail", value: figures.errors, bound: 0 }
    ]
  }
}

const coldSetting = (fleet: Fleet): Setting => ({ ...common(fleet), hasKeys: false, until: 0 })

const times = (value: number, factor: number | undefined): number | undefined =>
  factor === undefined ? undefined : value * factor

/** All processes start without a key. */
export const coldStart = (fleet: Fleet, isTarget = false): Scenario => {
  const setting: Setting = { ...coldSetting(fleet), until: fleet.life / 2 }
  const fastest = bounds.coldSeconds(setting)
  const share = 100 * bounds.coldThrottled(setting)
  return {
    name: "cold start",
    setting,
    results: (figures) => [
      {
        name: "all have a key after",
        value: figures.lastFirstKey,
        bound: fastest,
        target: isTarget ? 1.2 * fastest : undefined,
        unit: "s"
      },
      {
        name: "throttled",
        value: throttledShare(figures),
        bound: share,
        target: isTarget ? share + 10 : undefined,
        unit: "%"
      },
      { name: "most calls in a second", value: peak(figures.calls) },
      { name: "calls of get that fail", value: figures.errors, bound: 0 }
    ]
  }
}

/** All processes are replaced within ten minutes, while the old ones begin to renew. */
export const rollingRestart = (fleet: Fleet): Scenario => {
  const restart = { start: Math.floor(fleet.life * 3 / 4), length: 600 }
  const setting: Setting = { ...common(fleet), hasKeys: true, restart, until: 2 * fleet.life + restart.length }
  return {
    name: "rolling restart",
    setting,
    results: (figures) => [
      {
        name: "most calls in a second",
        value: peak(figures.calls, restart.start),
        bound: fleet.processes / restart.length
      },
      { name: "throttled", value: throttledShare(figures), bound: 0, unit: "%" },
      { name: "longest wait for the first key", value: figures.longestWait, bound: 0, unit: "s" },
      { name: "keys lost", value: figures.lostKeys, bound: 0 }
    ]
  }
}

export const run = ({ setting }: Scenario, makeProcess: MakeProcess): Figures => simulate(setting, makeProcess)
