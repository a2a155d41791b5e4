/**
 * The help of `@effect/cli` as people read it: lines that fit, and no words about the types of options.
 */

const width = 90

const noise: ReadonlyArray<string> = [
  "A user-defined piece of text.",
  "A true or false value.",
  "This setting is optional."
]

/** Lines of at most `width` characters, each with the same indentation. */
export const wrapped = (line: string, indent = /^ */.exec(line)?.[0] ?? ""): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of line.trim().split(/ +/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`${indent}${word}`)
  }
  return lines
}

/** `$ explain [--json]` as it is typed. */
const usageOf = (name: string, usage: string): string => {
  const typed = usage.startsWith(name) ? usage : `${name} ${usage}`
  return typed === name
    ? `${name} SUBCOMMAND [OPTIONS]`
    : typed.startsWith(`${name} exec `)
    ? `${typed} -- PROGRAM [ARGUMENTS]`
    : typed
}

/** An entry of the list of subcommands: its options are in its own help. */
const entryOf = (line: string): ReadonlyArray<string> | undefined => {
  const [, subcommand, description = ""] = /^ {2}- (\S+).*? {2,}(\S.*)$/.exec(line) ?? []
  return subcommand === undefined ? undefined : [`  ${subcommand}`, ...wrapped(description, "      ")]
}

const isTable = (line: string): boolean => /^\S+ {2,}\S/.test(line)

const linesOf = (name: string, line: string): ReadonlyArray<string> =>
  line.startsWith("$ ")
    ? wrapped(`  ${usageOf(name, line.slice(2))}`)
    : isTable(line)
    ? [`  ${line}`]
    : entryOf(line) ?? wrapped(line)

/** The text of a help page, without styles. */
export const tidy = (name: string, page: string): string =>
  page
    .split("\n")
    .filter((line) => !noise.includes(line.trim()))
    .flatMap((line) => line === "" ? [line] : linesOf(name, line))
    .join("\n")
    // The name stands above the line with the name and the version.
    .replace(`${name}\n\n${name} `, `${name} `)
    // The description of an option follows its name.
    .replaceAll(/\n{2,}(?= {2}\S)/g, "\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim()
