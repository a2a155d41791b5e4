/**
 * Parts of charts, as SVG.
 */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly title: string
  /** What the chart shows, for readers who do not see it. */
  readonly description: string
  readonly fontSize: number
}

export const escape = (content: string): string =>
  content.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")

export const number = (value: number): string => value.toFixed(1).replace(/\.0$/, "")

export const text = (x: number, y: number, content: string, anchor = "middle"): string =>
  `<text x="${number(x)}" y="${number(y)}" text-anchor="${anchor}">${escape(content)}</text>`

/** The points are joined by straight lines. */
export const path = (points: ReadonlyArray<readonly [x: number, y: number]>): string =>
  `M${points.map(([x, y]) => `${number(x)} ${number(y)}`).join("L")}`

/** A document with its text alternative. */
export const document = (frame: Frame, lines: ReadonlyArray<string>): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${frame.width} ${frame.height}" role="img" ` +
    `aria-labelledby="title desc" font-family="sans-serif" font-size="${frame.fontSize}">`,
    `  <title id="title">${escape(frame.title)}</title>`,
    `  <desc id="desc">${escape(frame.description)}</desc>`,
    ...lines.map((line) => `  ${line}`),
    `</svg>`,
    ``
  ].join("\n")
