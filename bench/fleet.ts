/**
 * Simulates a fleet that shares the quota of one account, in virtual time, with the cache of this library.
 *
 *     npm run bench:fleet
 *     npm run bench:fleet -- --processes 20000 --life 43200 --outage-start 33000
 *     npm run bench:fleet -- --shared --processes 1000 --quota 10
 *
 * The server answers the first calls of each second, as many as its quota allows, and throttles the rest. Every process
 * asks for a key all the time, so that it renews as soon as it may. After an error an application asks again after a
 * second. "Before" is the arithmetic that the library had before it was made for fleets.
 *
 * With `--shared`, 50,000 processes share one session: bench/fleet/shared/scenarios.ts has the situations and targets.
 *
 * Bounds are what no policy can beat, as long as it renews within the last quarter of the life of a key: see
 * bench/fleet/bounds.ts. Without parameters, the figures are compared with the targets, the chart in docs/at-scale.svg is
 * written, and the exit code says whether a target was missed.
 */
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { table } from "../scripts/table.ts"
import { windowOf } from "./fleet/bounds.ts"
import * as chart from "./fleet/chart.ts"
import { after, before } from "./fleet/processes.ts"
import * as scenarios from "./fleet/scenarios.ts"
import * as shared from "./fleet/shared/scenarios.ts"
import type { Figures } from "./fleet/simulation.ts"

const chartFile = "docs/at-scale.svg"

const published: scenarios.Fleet = {
  processes: 10_000,
  quota: 100,
  life: 3600,
  start: 30,
  outageStart: 2700,
  outageLength: 600,
  seed: 1
}

const large: scenarios.Fleet = { ...published, processes: 50_000 }

let missed = 0

const format = (value: number | undefined, unit = ""): string => {
  if (value === undefined) return ""
  const digits = Number.isInteger(value) || value >= 1000 ? 0 : 1
  return `${value.toLocaleString("en", { maximumFractionDigits: digits })}${unit === "" ? "" : ` ${unit}`}`
}

const verdict = ({ target, unit, value }: scenarios.Result): string => {
  if (target === undefined) return ""
  const isMet = value <= target
  if (!isMet) missed += 1
  return `${isMet ? "PASS" : "MISSED"}, at most ${format(target, unit)}`
}

interface Compared {
  readonly before: Figures | undefined
  readonly after: Figures
}

const compare = (scenario: scenarios.Scenario, withBefore: boolean): Compared => ({
  before: withBefore ? scenarios.run(scenario, before) : undefined,
  after: scenarios.run(scenario, after)
})

const report = (fleet: scenarios.Fleet, scenario: scenarios.Scenario, withBefore = true): Compared => {
  const compared = compare(scenario, withBefore)
  const old = compared.before === undefined ? [] : scenario.results(compared.before)
  const rows = scenario.results(compared.after).map((result, index) => [
    result.name,
    format(old[index]?.value, result.unit),
    format(result.value, result.unit),
    format(result.bound, result.unit),
    verdict(result)
  ])
  console.log(`${fleet.processes.toLocaleString("en")} processes, ${scenario.name}\n`)
  console.log(`${table(["", "before", "after", "bound", "target"], rows)}\n`)
  return compared
}

/** The worst figures, whenever the outage begins. */
const sweep = (
  fleet: scenarios.Fleet,
  options: Parameters<typeof scenarios.outage>[1],
  step: number
): void => {
  const first = fleet.life - windowOf(fleet) - fleet.outageLength
  const starts = Array.from(
    { length: Math.floor((fleet.life + step - first) / step) },
    (_, index) => first + index * step
  )
  reportWorst(
    `${fleet.processes.toLocaleString("en")} processes, ${options.name}, at any of ${starts.length} times from ${
      starts[0]
    } s to ${starts.at(-1)} s`,
    starts.map((outageStart) => scenarios.outage({ ...fleet, outageStart }, options))
  )
}

const reportWorst = (title: string, all: ReadonlyArray<scenarios.Scenario>): void => {
  const worst = new Map<string, scenarios.Result>()
  for (const scenario of all) {
    for (const result of scenario.results(scenarios.run(scenario, after))) {
      const known = worst.get(result.name)
      if (known === undefined || excess(result) > excess(known)) worst.set(result.name, result)
    }
  }
  const rows = [...worst.values()].map((result) => [
    result.name,
    format(result.value, result.unit),
    format(result.bound, result.unit),
    verdict(result)
  ])
  console.log(`${title}: the worst\n`)
  console.log(`${table(["", "after", "bound", "target"], rows)}\n`)
}

const excess = ({ target = 0, value }: scenarios.Result): number => value - target

const draw = (fleet: scenarios.Fleet, { after, before }: Compared): void => {
  if (before === undefined) return
  writeFileSync(
    chartFile,
    chart.svg({
      title: `Calls per second of ${fleet.processes.toLocaleString("en")} processes around an outage of 10 minutes`,
      description:
        "On a logarithmic scale. Before, the calls stay far above the quota during the outage and until all " +
        "keys are renewed. Now they stay below the quota, and rise to it for a moment when the server is back.",
      lines: [
        { name: "before", color: "#c0392b", seconds: before.calls },
        { name: "now", color: "#1f7a4d", seconds: after.calls }
      ],
      quota: fleet.quota,
      outage: { start: fleet.outageStart, length: fleet.outageLength },
      from: fleet.outageStart - 300,
      until: fleet.outageStart + fleet.outageLength + 600
    })
  )
}

const begun = "outage of 10 minutes as renewals begin"

const targets = (): void => {
  report(published, scenarios.calm(published))
  const nobody = { load: 2, lost: 1 }
  draw(published, report(published, scenarios.outage(published, { name: begun, hasKeys: true, targets: nobody })))
  sweep(published, { name: "outage of 10 minutes", hasKeys: true, targets: nobody }, 60)
  sweep(published, { name: "outage of 10 minutes after a cold start", hasKeys: false, targets: nobody }, 60)
  report(
    published,
    scenarios.outage(published, {
      name: "a tenth of the quota for 10 minutes as renewals begin",
      hasKeys: true,
      quota: published.quota / 10,
      targets: {}
    })
  )
  report(published, scenarios.coldStart(published, true))
  const seeds = Array.from({ length: 5 }, (_, index) => published.seed + 1 + index)
  reportWorst(
    `${published.processes.toLocaleString("en")} processes, cold start, ${seeds.length} more seeds`,
    seeds.map((seed) => scenarios.coldStart({ ...published, seed }, true))
  )
  report(published, scenarios.rollingRestart(published))
  const few = { load: 4, lost: 1.1 }
  report(large, scenarios.outage(large, { name: begun, hasKeys: true, targets: few }))
  sweep(large, { name: "outage of 10 minutes after a cold start", hasKeys: false, targets: few }, 100)
  report(large, scenarios.coldStart(large), false)
  console.log(missed === 0 ? "All targets are met." : `${missed} targets are missed.`)
  if (missed > 0) process.exitCode = 1
}

const situations = (fleet: scenarios.Fleet): void => {
  const targets = {}
  report(fleet, scenarios.calm(fleet))
  report(fleet, scenarios.outage(fleet, { name: "outage", hasKeys: true, targets }))
  report(fleet, scenarios.outage(fleet, { name: "outage after a cold start", hasKeys: false, targets }))
  report(
    fleet,
    scenarios.outage(fleet, { name: "a tenth of the quota", hasKeys: true, quota: fleet.quota / 10, targets })
  )
  report(fleet, scenarios.coldStart(fleet))
  report(fleet, scenarios.rollingRestart(fleet))
}

const reportShared = async (fleet: scenarios.Fleet): Promise<void> => {
  for (const scenario of shared.all(fleet)) {
    const rows = (await shared.run(scenario)).map((result) => [
      result.name,
      format(result.value, result.unit),
      format(result.bound, result.unit),
      verdict(result)
    ])
    console.log(`${fleet.processes.toLocaleString("en")} processes with a shared session, ${scenario.name}\n`)
    console.log(`${table(["", "value", "bound", "target"], rows)}\n`)
  }
  if (missed > 0) process.exitCode = 1
}

const names = {
  processes: "processes",
  quota: "quota",
  life: "life",
  start: "start",
  "outage-start": "outageStart",
  "outage-length": "outageLength",
  seed: "seed"
} as const

const { values: { shared: isShared, ...values } } = parseArgs({
  options: {
    shared: { type: "boolean" },
    ...Object.fromEntries(Object.keys(names).map((name) => [name, { type: "string" as const }]))
  }
})
const numbers: Readonly<Record<string, unknown>> = values

const given = Object.fromEntries(
  Object.entries(names).flatMap(([option, name]) =>
    numbers[option] === undefined ? [] : [[name, Number(numbers[option])]]
  )
)

const life = Number(given["life"] ?? published.life)

if (isShared === true) await reportShared({ ...large, outageStart: life * 3 / 4, ...given })
else if (Object.keys(given).length === 0) targets()
else situations({ ...published, outageStart: life * 3 / 4, ...given })
