/**
 * A chart of calls per second, as SVG.
 */
import { document, number, path, text } from "../svg.ts"

export interface Line {
  readonly name: string
  readonly color: string
  /** Calls in each second. */
  readonly seconds: Float64Array
}

export interface Chart {
  readonly title: string
  readonly description: string
  readonly lines: ReadonlyArray<Line>
  readonly quota: number
  readonly outage: { readonly start: number; readonly length: number }
  /** In seconds. */
  readonly from: number
  readonly until: number
}

const width = 800
const height = 360
const left = 70
const right = 20
const top = 50
const bottom = 50
/** Seconds for each point of a line. */
const bin = 10

export const svg = (chart: Chart): string => {
  const { description, from, lines, outage, quota, title, until } = chart
  const x = (second: number) => left + (width - left - right) * (second - from) / (until - from)
  const decades = 4
  const y = (calls: number) =>
    height - bottom - (height - top - bottom) * Math.min(1, Math.log10(Math.max(1, calls)) / decades)
  const ticks = Array.from({ length: decades + 1 }, (_, decade) => 10 ** decade)
  const minutes = Array.from({ length: Math.floor((until - from) / 300) + 1 }, (_, index) => from + index * 300)
  return document({ width, height, title, description, fontSize: 13 }, [
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<rect x="${number(x(outage.start))}" y="${top}" width="${
      number(x(outage.start + outage.length) - x(outage.start))
    }" height="${height - top - bottom}" fill="#f2e6d8"/>`,
    `<g fill="#333333">`,
    ...ticks.map((tick) => `  ${text(left - 8, y(tick) + 4, tick.toLocaleString("en"), "end")}`),
    ...minutes.map((second) => `  ${text(x(second), height - bottom + 20, String(second / 60))}`),
    `  ${text(left, 20, "calls per second", "start")}`,
    `  ${text(x((from + until) / 2), height - 10, "minutes since the start")}`,
    `  ${text(x(outage.start + outage.length / 2), top + 16, "outage")}`,
    `  ${text(width - right, y(quota) - 6, `quota: ${quota}`, "end")}`,
    ...lines.map(({ color, name }, index) =>
      `  <text x="${left + 200 + 130 * index}" y="20" fill="${color}" font-weight="bold">${name}</text>`
    ),
    `</g>`,
    `<line x1="${left}" y1="${number(y(quota))}" x2="${width - right}" y2="${number(y(quota))}" stroke="#333333" ` +
    `stroke-dasharray="6 4"/>`,
    `<path d="M${left} ${top}V${height - bottom}H${width - right}" fill="none" stroke="#333333"/>`,
    ...lines.map(({ color, seconds }) =>
      `<path d="${path(points(seconds, from, until, x, y))}" fill="none" stroke="${color}" stroke-width="2"/>`
    )
  ])
}

const points = (
  seconds: Float64Array,
  from: number,
  until: number,
  x: (second: number) => number,
  y: (calls: number) => number
): ReadonlyArray<readonly [x: number, y: number]> => {
  const averages: Array<readonly [x: number, y: number]> = []
  for (let second = from; second + bin <= until; second += bin) {
    const calls = seconds.subarray(second, second + bin).reduce((total, count) => total + count, 0) / bin
    averages.push([x(second + bin / 2), y(calls)])
  }
  return averages
}
