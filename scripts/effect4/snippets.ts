/** The TypeScript in fences, of Markdown and of docstrings. */

export interface Fence {
  /** Where its lines begin and end in the text. */
  readonly start: number
  readonly end: number
  /** What stands before each of its lines. */
  readonly prefix: string
  readonly code: string
}

const pattern = /^([ \t]*(?:\* )?)(`{3,})ts\b[^\n]*\n([\s\S]*?)^\1\2[ \t]*$/gm

const withoutPrefix = (line: string, prefix: string): string =>
  line.startsWith(prefix) ? line.slice(prefix.length) : line.trim() === prefix.trim() ? "" : line

export const fencesOf = (text: string): ReadonlyArray<Fence> =>
  Array.from(text.matchAll(pattern), ([whole, prefix = "", , body = ""]) => ({ whole, prefix, body }))
    .reduce<{ readonly at: number; readonly fences: ReadonlyArray<Fence> }>(
      ({ at, fences }, { body, prefix, whole }) => {
        const found = text.indexOf(whole, at)
        const start = found + whole.indexOf("\n") + 1
        const end = start + body.length
        const code = body.split("\n").slice(0, -1).map((line) => withoutPrefix(line, prefix)).join("\n")
        return { at: found + whole.length, fences: [...fences, { code, end, prefix, start }] }
      },
      { at: 0, fences: [] }
    ).fences

/** The text with other code in its fences, in their order. */
export const replaceFences = (text: string, codes: ReadonlyArray<string>): string =>
  [...fencesOf(text).entries()].reverse().reduce((text, [index, { end, prefix, start }]) => {
    const lines = (codes[index] ?? "").split("\n").map((line) => line === "" ? prefix.trimEnd() : `${prefix}${line}`)
    return `${text.slice(0, start)}${lines.join("\n")}\n${text.slice(end)}`
  }, text)
