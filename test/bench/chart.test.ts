import { assert, describe, it } from "@effect/vitest"
import * as chart from "../../bench/chart.ts"

const bars = (isLogarithmic: boolean) =>
  chart.bars({
    title: "A get & more",
    description: "How long one get takes.",
    measure: "nanoseconds",
    unit: "ns",
    isLogarithmic,
    bars: [
      { name: "ours", value: 10, isOurs: true },
      { name: "<other>", value: 1000, isOurs: false },
      { name: "middle", value: 100, isOurs: false }
    ]
  })

const lines = chart.lines({
  title: "Readers",
  description: "How long it takes.",
  up: "milliseconds",
  across: "readers",
  lines: [
    { name: "ours", isOurs: true, points: [[1, 1], [100, 10]] },
    { name: "other", isOurs: false, points: [[1, 1], [100, 10.1]] }
  ]
})

const widths = (svg: string): ReadonlyArray<number> =>
  [...svg.matchAll(/<rect class="(?:ours|other)"[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width))

const names = (svg: string): ReadonlyArray<string> =>
  [...svg.matchAll(/class="(ours|other)"/g)].map(([, name]) => name ?? "")

describe("a chart", () => {
  it("has a text alternative with all figures", () => {
    for (const svg of [bars(true), bars(false)]) {
      assert.include(svg, `role="img" aria-labelledby="title desc"`)
      assert.include(svg, `<title id="title">A get &amp; more</title>`)
      assert.include(
        svg,
        `<desc id="desc">How long one get takes. ours: 10 ns; &lt;other&gt;: 1,000 ns; middle: 100 ns.</desc>`
      )
    }
    assert.include(
      lines,
      `<desc id="desc">How long it takes. ours: 1 at 1, 10 at 100; other: 1 at 1, 10.1 at 100.</desc>`
    )
  })

  it("escapes names", () => {
    assert.notInclude(bars(true), "<other>")
  })

  it("has colors for light and dark backgrounds, and a background", () => {
    for (const svg of [bars(true), lines]) {
      assert.include(svg, "prefers-color-scheme: dark")
      assert.include(svg, `<rect class="ground"`)
    }
  })
})

describe("bars", () => {
  it("are as long as their values on a linear scale", () => {
    const [ten = 0, thousand = 0, hundred = 0] = widths(bars(false))
    assert.closeTo(thousand / ten, 100, 2)
    assert.closeTo(thousand / hundred, 10, 0.2)
  })

  it("grow by the same length for each power of ten on a logarithmic scale, and say so", () => {
    const [ten = 0, thousand = 0, hundred = 0] = widths(bars(true))
    assert.closeTo(thousand - hundred, hundred - ten, 1.1)
    assert.include(bars(true), "nanoseconds, logarithmic scale")
    assert.notInclude(bars(false), "logarithmic scale")
  })

  it("of this library have a color of their own", () => {
    assert.deepStrictEqual(names(bars(true)), ["ours", "other", "other"])
  })
})

describe("lines", () => {
  it("have different colors", () => {
    assert.deepStrictEqual([...lines.matchAll(/<path class="(line\d)"/g)].map(([, name]) => name), ["line0", "line1"])
  })

  it("go up for greater values, from the left to the right", () => {
    const [, x1 = "", y1 = "", x2 = "", y2 = ""] = /d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/.exec(lines) ?? []
    assert.isBelow(Number(x1), Number(x2))
    assert.isAbove(Number(y1), Number(y2))
  })

  it("have names that do not cover each other", () => {
    assert.deepStrictEqual(chart.apart([100, 101, 50, 200], 16), [100, 116, 50, 200])
  })
})
