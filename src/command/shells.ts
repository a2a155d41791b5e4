/**
 * Variables as lines of each shell, quoted so that no value is read as anything but text.
 */
import * as Either from "effect/Either"

export const formats = ["sh", "fish", "powershell", "dotenv"] as const

export type Format = (typeof formats)[number]

/** The name of a variable, and its value; undefined unsets it. */
export type Assignment = readonly [name: string, value: string | undefined]

interface Syntax {
  readonly set: (name: string, value: string) => Either.Either<string, string>
  readonly unset: (name: string) => ReadonlyArray<string>
}

const surrounded = (text: string): string => `'${text}'`

/** Between single quotes, a POSIX shell reads everything but a single quote as it is. */
export const quotedForSh = (value: string): string => surrounded(value.replaceAll("'", `'\\''`))

/** Between single quotes, fish has two escapes. */
export const quotedForFish = (value: string): string => surrounded(value.replaceAll(/[\\']/g, "\\$&"))

/** PowerShell takes typographic quotes for single quotes. */
export const quotedForPowerShell = (value: string): string =>
  surrounded(value.replaceAll(/['\u2018\u2019\u201a\u201b]/g, "$&$&"))

/** No two readers of such files agree on escapes, and that of Docker keeps quotes as part of the value. */
const isPlain = (value: string): boolean => /^[\w+/=.:@%,-]+$/.test(value)

const syntaxes: Readonly<Record<Format, Syntax>> = {
  // The semicolons are for an eval without quotes, which joins the lines.
  sh: {
    set: (name, value) => Either.right(`export ${name}=${quotedForSh(value)};`),
    unset: (name) => [`unset ${name};`]
  },
  fish: {
    set: (name, value) => Either.right(`set -gx ${name} ${quotedForFish(value)};`),
    unset: (name) => [`set -e ${name};`]
  },
  powershell: {
    set: (name, value) => Either.right(`$Env:${name} = ${quotedForPowerShell(value)};`),
    unset: (name) => [`Remove-Item -ErrorAction SilentlyContinue Env:${name};`]
  },
  dotenv: {
    set: (name, value) =>
      isPlain(value)
        ? Either.right(`${name}=${value}`)
        : Either.left(`${name} has characters that readers of dotenv files understand in different ways`),
    unset: () => []
  }
}

/** The lines, or why a value cannot be written in this format. A value with a NUL cannot be in a variable at all. */
export const linesFor = (
  format: Format,
  assignments: ReadonlyArray<Assignment>,
  comment?: string
): Either.Either<ReadonlyArray<string>, string> => {
  const { set, unset } = syntaxes[format]
  const lines = assignments.map(([name, value]) =>
    value === undefined
      ? Either.right(unset(name))
      : value.includes("\0")
      ? Either.left(`${name} has a NUL character`)
      : Either.map(set(name, value), (line) => [line])
  )
  // The comment is the last line, because an eval without quotes makes one line of all of them.
  return Either.map(Either.all(lines), (all) => [...all.flat(), ...(comment === undefined ? [] : [`# ${comment}`])])
}

/** The format for a program that started this one: PowerShell on Windows, else that of the login shell. */
export const formatFor = (shell: string, isWindows: boolean): Format =>
  /(?:^|\/)fish$/.test(shell) ? "fish" : isWindows ? "powershell" : "sh"
