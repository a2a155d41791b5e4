/**
 * The situations of a fleet that shares one session, and the figures that are compared with targets.
 */
import { after } from "../processes.ts"
import * as alone from "../scenarios.ts"
import type { Fleet, Result } from "../scenarios.ts"
import { peak, sum } from "../simulation.ts"
import { type Figures, type Setting, simulate } from "./simulation.ts"

export interface Scenario {
  readonly name: string
  readonly setting: Setting
  readonly results: (figures: Figures) => ReadonlyArray<Result>
}

/** A command of Redis, with the network. */
const latency = 2

/** A store of one thread answers about twice as many. */
const mostCommands = 50_000

const common = ({ life, processes, quota, seed, start }: Fleet) => ({
  life,
  processes,
  quota,
  seed,
  start,
  store: { latency }
})

/** A shared session is renewed three quarters of its life after the last one, or a minute earlier by wrong clocks. */
const windowOf = ({ life }: Pick<Setting, "life">): number => life * 2 / 3

/** The most requests to STS in the time that belongs to one renewal, from a second on. */
export const mostInWindow = (calls: Float64Array, window: number, from = 0): number => {
  let most = 0
  for (let second = from; second < calls.length; second++) {
    if (calls[second] === 0) continue
    const end = Math.min(calls.length, second + Math.floor(window))
    most = Math.max(most, sum(calls, second, end))
    second = end - 1
  }
  return most
}

const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

const busiest = ({ commands }: Figures): Result => ({
  name: "commands to the store in the busiest second",
  value: peak(commands),
  target: mostCommands
})

const nobodyWithout = ({ errors, expired, lostSessions }: Figures): ReadonlyArray<Result> => [
  { name: "sessions lost", value: lostSessions, bound: 0, target: 0 },
  { name: "calls of get that fail", value: errors, bound: 0, target: 0 },
  { name: "expired sessions that get returned", value: expired, bound: 0, target: 0 }
]

const waits = ({ firstWaits }: Figures, target: number): ReadonlyArray<Result> => [
  { name: "wait for the first session, median", value: quantile(firstWaits, 0.5), unit: "s" },
  { name: "wait for the first session, 99 %", value: quantile(firstWaits, 0.99), unit: "s" },
  { name: "wait for the first session, longest", value: quantile(firstWaits, 1), target, unit: "s" }
]

/** All processes start without a session. */
export const coldStart = (fleet: Fleet): Scenario => ({
  name: "cold start",
  setting: { ...common(fleet), until: fleet.start + 60 },
  results: (figures) => [
    { name: "requests to STS", value: sum(figures.calls), bound: 1, target: 1 },
    ...waits(figures, 1),
    busiest(figures),
    ...nobodyWithout(figures)
  ]
})

/** The process that asks STS at the start dies with the lease. */
export const deathAtStart = (fleet: Fleet): Scenario => ({
  name: "cold start, and the owner of the lease dies",
  setting: { ...common(fleet), until: fleet.start + 60, death: 0 },
  results: (figures) => [
    { name: "requests to STS", value: sum(figures.calls), bound: 2, target: 2 },
    // One process, which died, has none.
    ...waits({ ...figures, firstWaits: figures.firstWaits.subarray(0, -1) }, 15),
    busiest(figures),
    ...nobodyWithout(figures)
  ]
})

const renewals = (setting: Setting, figures: Figures, target: number): ReadonlyArray<Result> => [
  {
    name: "requests to STS for one life of the session, at most",
    value: mostInWindow(figures.calls, windowOf(setting)),
    bound: target,
    target
  },
  { name: "sessions that STS gave out", value: figures.issued.length },
  busiest(figures),
  ...nobodyWithout(figures)
]

/** Several lives of the session without any trouble. */
export const calm = (fleet: Fleet, lives: number): Scenario => {
  const setting = { ...common(fleet), until: lives * fleet.life }
  return { name: `${lives} lives of the session`, setting, results: (figures) => renewals(setting, figures, 1) }
}

/** The process that renews the session dies with the lease. */
export const deathAtRenewal = (fleet: Fleet): Scenario => {
  const setting = { ...common(fleet), until: fleet.life * 1.2, death: fleet.life / 2 }
  return {
    name: "renewal, and the owner of the lease dies",
    setting,
    results: (figures) => renewals(setting, figures, 2)
  }
}

/** The wall clocks differ by up to a minute. */
export const wrongClocks = (fleet: Fleet): Scenario => {
  const setting = { ...common(fleet), until: fleet.life * 1.7, skew: 30 }
  return {
    name: "wall clocks that are wrong by up to 30 s",
    setting,
    results: (figures) => renewals(setting, figures, 1)
  }
}

const meanwhile = ({ calls }: Figures, start: number, length: number, target: number): Result => ({
  name: "requests to STS a second meanwhile, on average",
  value: sum(calls, start, start + length) / length,
  target
})

/** The store does not answer while all renew, so that each process asks for itself. */
export const storeDown = (fleet: Fleet): Scenario => {
  const down = { start: fleet.outageStart - 60, length: fleet.outageLength }
  const end = down.start + down.length
  // Not more than the same processes without sharing, or twice the quota.
  const { calls } = alone.run(alone.calm(fleet), after)
  const most = Math.max(2 * fleet.quota, sum(calls, down.start, end) / down.length)
  const setting = { ...common(fleet), until: fleet.life * 2.4, store: { latency, down } }
  return {
    name: `the store is down for ${down.length / 60} minutes as renewals begin`,
    setting,
    results: (figures) => [
      meanwhile(figures, down.start, down.length, most),
      {
        name: "requests to STS for one life of the session afterwards, at most",
        value: mostInWindow(figures.calls, windowOf(setting), Math.floor(end + fleet.life / 4)),
        bound: 1,
        target: 1
      },
      busiest(figures),
      ...nobodyWithout(figures)
    ]
  }
}

/** STS answers nothing, or throttles everybody, and each command to the store takes 300 ms. */
export const outage = (fleet: Fleet, throttles: boolean): Scenario => {
  const { outageLength: length, outageStart } = fleet
  const start = outageStart - 60
  const setting = {
    ...common(fleet),
    until: fleet.life * 1.3,
    store: { latency: 300 },
    outage: { start, length, quota: 0, throttles }
  }
  return {
    name: `${throttles ? "STS throttles" : "an outage of STS"} for ${
      length / 60
    } minutes as renewals begin, and the store is slow`,
    setting,
    results: (figures) => [
      meanwhile(figures, start, length, fleet.quota),
      { name: "requests to STS afterwards", value: sum(figures.calls, start + length) },
      busiest(figures),
      ...nobodyWithout(figures)
    ]
  }
}

export const all = (fleet: Fleet): ReadonlyArray<Scenario> => [
  coldStart(fleet),
  deathAtStart(fleet),
  calm(fleet, 2),
  deathAtRenewal(fleet),
  wrongClocks(fleet),
  storeDown(fleet),
  outage(fleet, false),
  outage(fleet, true)
]

export const run = async ({ results, setting }: Scenario): Promise<ReadonlyArray<Result>> =>
  results(await simulate(setting))
