/**
 * Charts of figures, for light and dark backgrounds: bars on one scale, and lines on two logarithmic scales.
 */
import { format } from "./report.ts"
import { document, escape, number, path, text } from "./svg.ts"

export interface Bar {
  readonly name: string
  readonly value: number
  /** Bars of this library have a color of their own. */
  readonly isOurs: boolean
}

interface Chart {
  readonly title: string
  /** One sentence for readers who do not see the chart. The figures follow it. */
  readonly description: string
}

export interface Bars extends Chart {
  /** What the length of a bar is, with its unit. */
  readonly measure: string
  readonly unit: string
  readonly isLogarithmic: boolean
  readonly bars: ReadonlyArray<Bar>
}

export interface Line {
  readonly name: string
  readonly points: ReadonlyArray<readonly [x: number, y: number]>
  readonly isOurs: boolean
}

export interface Lines extends Chart {
  readonly across: string
  readonly up: string
  readonly lines: ReadonlyArray<Line>
}

const width = 800

/** The first is that of this library. All of them differ also for readers who do not see red or green. */
const colors: ReadonlyArray<readonly [light: string, dark: string]> = [
  ["#1a7f4b", "#3fb977"],
  ["#0b62b8", "#6cb6ff"],
  ["#b35900", "#f0a04b"],
  ["#8250df", "#c297ff"],
  ["#a0306b", "#f778ba"],
  ["#57606a", "#adbac7"],
  ["#7a5c00", "#e3c04d"]
]

const colorRules = (mode: 0 | 1): string =>
  colors.map((modes, index) => `.line${index} { stroke: ${modes[mode]} } .name${index} { fill: ${modes[mode]} }`).join(
    " "
  )

// Documents that show a chart may be light or dark, and ignore what the reader prefers. So it has a background.
const style = [
  `<style>`,
  `  .ground { fill: #ffffff } .text { fill: #24292f } .rule { stroke: #d0d7de } .ours { fill: #1a7f4b } ` +
  `.other { fill: #8c959f }`,
  `  path { fill: none; stroke-width: 2.5 } ${colorRules(0)}`,
  `  @media (prefers-color-scheme: dark) {`,
  `    .ground { fill: #0d1117 } .text { fill: #e6edf3 } .rule { stroke: #30363d } .ours { fill: #3fb977 } ` +
  `.other { fill: #6e7681 }`,
  `    ${colorRules(1)}`,
  `  }`,
  `</style>`
]

const ground = (height: number): string => `<rect class="ground" width="${width}" height="${height}"/>`

const rule = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line class="rule" x1="${number(x1)}" y1="${number(y1)}" x2="${number(x2)}" y2="${number(y2)}"/>`

/** The powers of ten from the one below the least value to the one above the greatest. */
const decades = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const first = Math.floor(Math.log10(Math.min(...values)))
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))))
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
}

interface Scale {
  readonly ticks: ReadonlyArray<number>
  /** From 0 to 1. */
  readonly at: (value: number) => number
}

const logarithmic = (values: ReadonlyArray<number>): Scale => {
  const ticks = decades(values)
  const first = Math.log10(ticks[0] ?? 1)
  const last = Math.log10(ticks.at(-1) ?? 10)
  return { ticks, at: (value) => (Math.log10(value) - first) / (last - first) }
}

/** From zero to a round number, in two to five steps. */
const linear = (values: ReadonlyArray<number>): Scale => {
  const most = Math.max(...values)
  const power = 10 ** Math.floor(Math.log10(most))
  const step = [0.2, 0.5, 1, 2].map((part) => part * power).find((step) => most / step <= 5) ?? power
  const end = Math.ceil(most / step) * step
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step)
  return { ticks, at: (value) => value / end }
}

const tickName = (value: number): string => value.toLocaleString("en", { maximumSignificantDigits: 2 })

const bold = (x: number, y: number, content: string): string =>
  `<text x="${x}" y="${y}" font-weight="bold" font-size="16">${escape(content)}</text>`

export const bars = (chart: Bars): string => {
  const { isLogarithmic, measure, title, unit } = chart
  const left = 20 + 7.2 * Math.max(...chart.bars.map(({ name }) => name.length))
  const right = 130
  const top = 76
  const rowHeight = 28
  const height = top + rowHeight * chart.bars.length + 20
  const values = chart.bars.map(({ value }) => value)
  // The shortest bar has to be seen too.
  const scale = isLogarithmic ? logarithmic([...values, Math.min(...values) / 2]) : linear(values)
  const x = (value: number) => left + (width - left - right) * scale.at(value)
  const shown = ({ value }: Bar) => `${format(value)} ${unit}`
  const figures = chart.bars.map((bar) => `${bar.name}: ${shown(bar)}`).join("; ")
  const description = `${chart.description} ${figures}.`
  return document({ width, height, title, description, fontSize: 13 }, [
    ...style,
    ground(height),
    ...scale.ticks.map((tick) => rule(x(tick), top - 8, x(tick), height - 16)),
    ...chart.bars.map(({ isOurs, value }, row) =>
      `<rect class="${isOurs ? "ours" : "other"}" x="${number(left)}" y="${top + rowHeight * row + 4}" width="${
        number(Math.max(1, x(value) - left))
      }" height="${rowHeight - 8}" rx="2"/>`
    ),
    `<g class="text">`,
    `  ${bold(20, 26, title)}`,
    `  ${text(20, 48, `${measure}${isLogarithmic ? ", logarithmic scale" : ""}`, "start")}`,
    ...scale.ticks.map((tick) => `  ${text(x(tick), top - 12, tickName(tick))}`),
    ...chart.bars.flatMap((bar, row) => [
      `  ${text(left - 8, top + rowHeight * row + 18, bar.name, "end")}`,
      `  ${text(x(bar.value) + 6, top + rowHeight * row + 18, shown(bar), "start")}`
    ]),
    `</g>`
  ])
}

const height = 420

/** Heights for the names at the ends of lines, so that no two are closer than a line of text. */
export const apart = (heights: ReadonlyArray<number>, least: number): ReadonlyArray<number> => {
  const order = heights.map((_, index) => index).sort((one, other) => (heights[one] ?? 0) - (heights[other] ?? 0))
  const placed = [...heights]
  let last = Number.NEGATIVE_INFINITY
  for (const index of order) {
    last = Math.max(heights[index] ?? 0, last + least)
    placed[index] = last
  }
  return placed
}

export const lines = (chart: Lines): string => {
  const { across, title, up } = chart
  const top = 76
  const bottom = 50
  const left = 70
  const right = 30 + 7.2 * Math.max(...chart.lines.map(({ name }) => name.length))
  const points = chart.lines.flatMap(({ points }) => points)
  const horizontal = logarithmic(points.map(([value]) => value))
  const vertical = logarithmic(points.map(([, value]) => value))
  const x = (value: number) => left + (width - left - right) * horizontal.at(value)
  const y = (value: number) => height - bottom - (height - top - bottom) * vertical.at(value)
  const ends = apart(chart.lines.map(({ points }) => y(points.at(-1)?.[1] ?? 1)), 16)
  const others = chart.lines.filter(({ isOurs }) => !isOurs)
  const color = (line: Line) => line.isOurs ? 0 : others.indexOf(line) % (colors.length - 1) + 1
  const figures = chart.lines.map(({ name, points }) =>
    `${name}: ${points.map(([at, value]) => `${format(value)} at ${format(at)}`).join(", ")}`
  ).join("; ")
  return document({ width, height, title, description: `${chart.description} ${figures}.`, fontSize: 13 }, [
    ...style,
    ground(height),
    ...horizontal.ticks.map((tick) => rule(x(tick), top, x(tick), height - bottom)),
    ...vertical.ticks.map((tick) => rule(left, y(tick), width - right, y(tick))),
    ...chart.lines.map((line) =>
      `<path class="line${color(line)}" d="${path(line.points.map(([at, value]) => [x(at), y(value)]))}"/>`
    ),
    ...chart.lines.map((line, index) =>
      `<text class="name${color(line)}" x="${number(x(line.points.at(-1)?.[0] ?? 1) + 8)}" y="${
        number((ends[index] ?? 0) + 4)
      }">${escape(line.name)}</text>`
    ),
    `<g class="text">`,
    `  ${bold(20, 26, title)}`,
    `  ${text(20, 48, `${up}, by ${across}; both scales are logarithmic`, "start")}`,
    ...horizontal.ticks.map((tick) => `  ${text(x(tick), height - bottom + 20, tickName(tick))}`),
    ...vertical.ticks.map((tick) => `  ${text(left - 8, y(tick) + 4, tickName(tick), "end")}`),
    `  ${text((left + width - right) / 2, height - 10, across)}`,
    `</g>`
  ])
}
