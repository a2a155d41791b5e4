/**
 * Text of files, servers and variables, for a terminal that must show it and not obey it.
 */

/** Escape sequences begin with one of them; the others hide or turn around what follows. */
const obeyed = "[\\p{Cc}\\p{Zl}\\p{Zp}\\p{Bidi_Control}]"

const each = new RegExp(obeyed, "gu")

const runs = new RegExp(`${obeyed}+`, "gu")

/** As one line. */
export const printable = (text: string): string => text.replace(runs, " ")

/** A pattern for the color of what follows. */
export const style = `${String.fromCharCode(27)}\\[[\\d;]*m`

const lines = new RegExp(`(\\n|${style})|${obeyed}`, "gu")

/** As lines; with colors, those stay. */
export const printableLines = (text: string, hasColor: boolean): string =>
  text.replace(lines, (_, kept: string | undefined) => kept === undefined ? " " : kept === "\n" || hasColor ? kept : "")

/** JSON, whose own escapes leave out many of them. */
export const jsonOf = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(
    each,
    (found) => found === "\n" ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
