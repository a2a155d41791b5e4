/**
 * The command line before it is parsed: what belongs to the program of `exec`, and options that stand before the
 * subcommand.
 */
import { trimmed } from "../internal/pasted.ts"
import { rules } from "../internal/sts/role.ts"

export interface CommandLine {
  /** What `@effect/cli` parses: the subcommand first, then its options. */
  readonly args: ReadonlyArray<string>
  /** What stands after `--`; undefined without it. */
  readonly program: ReadonlyArray<string> | undefined
}

/** Options of subcommands that have a value. */
const withValue: ReadonlyArray<string> = ["--profile", "--role", "--format"]

/** Options of the parser that have a value. */
const builtIn: ReadonlyArray<string> = ["--log-level", "--completions"]

/** Options that the parser expects before the subcommand. */
const global: ReadonlyArray<string> = [...builtIn, "--help", "-h", "--version", "--wizard"]

const nameOf = (option: string): string => option.split("=", 1)[0] ?? option

const lengthOf = (option: string): number =>
  !option.includes("=") && [...withValue, ...builtIn].includes(option) ? 2 : 1

/** The options before the subcommand, each with its value. */
const leadingOf = (args: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  const [first] = args
  if (first === undefined || !first.startsWith("-")) return []
  const length = lengthOf(first)
  return [args.slice(0, length), ...leadingOf(args.slice(length))]
}

/** Moves the options of the subcommand behind its name, where the parser expects them. */
const moved = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const leading = leadingOf(args)
  const [subcommand, ...rest] = args.slice(leading.flat().length)
  if (subcommand === undefined) return args
  const isGlobal = ([option = ""]: ReadonlyArray<string>): boolean => global.includes(nameOf(option))
  return [
    ...leading.filter(isGlobal).flat(),
    subcommand,
    ...leading.filter((option) => !isGlobal(option)).flat(),
    ...rest
  ]
}

export const split = (argv: ReadonlyArray<string>): CommandLine => {
  const end = argv.indexOf("--")
  return end === -1
    ? { args: moved(argv), program: undefined }
    : { args: moved(argv.slice(0, end)), program: argv.slice(end + 1) }
}

/**
 * A message of the parser, without the values that it quotes: someone may have typed a secret where none belongs.
 * Names of options and of subcommands stay.
 */
export const withoutValues = (message: string): string => {
  const quoted = [...message.matchAll(/'([^']*)'/g)].map(([, text = ""]) => text)
  const isList = quoted.length > 1
  if (quoted.every((text) => isOption(text) || (isList && isName(text)))) return message
  // The value may have quotes too.
  return message.replace(/'.*'/s, (whole) => {
    const option = nameOf(whole.slice(1))
    return isOption(option) ? `'${option}=***'` : "'***'"
  })
}

const isName = (text: string): boolean => /^[a-z]+(?:-[a-z]+)*$/.test(text) && text.length <= 24

const isOption = (text: string): boolean => text.startsWith("--") && isName(text.slice(2))

const choices: Readonly<Record<string, ReadonlyArray<string>>> = {
  "--log-level": ["all", "trace", "debug", "info", "warning", "error", "fatal", "none"],
  "--completions": ["sh", "bash", "fish", "zsh"]
}

/** What is wrong with one option that has a value. */
const complaintOfOption = (option: string, value: string | undefined): string | undefined => {
  const allowed = choices[option]
  if (value === undefined || value.startsWith("--") || value === "") return `${option} needs a value`
  if (option === "--role" && !rules.roleArn.holds(trimmed(value))) return `--role ${rules.roleArn.otherwise}`
  return allowed === undefined || allowed.includes(value) ? undefined : `${option} is one of ${allowed.join(", ")}`
}

/** What is wrong with the options, where the parser would only say that it knows none of that name. */
export const complaintOf = (
  args: ReadonlyArray<string>,
  before: ReadonlyArray<string> = []
): string | undefined => {
  const [first, second] = args
  if (first === undefined) return undefined
  const option = nameOf(first)
  if (option === "--wizard") return "there is no wizard"
  if (![...withValue, ...builtIn].includes(option)) return complaintOf(args.slice(1), before)
  if (before.includes(option)) return `${option} is written twice`
  const hasOwn = first.includes("=")
  return complaintOfOption(option, hasOwn ? first.slice(option.length + 1) : second) ??
    complaintOf(args.slice(hasOwn ? 1 : 2), [...before, option])
}
