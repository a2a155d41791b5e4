/**
 * The command line before it is parsed: what belongs to the program of `exec`, and options that stand before the
 * subcommand.
 */

export interface CommandLine {
  /** What `@effect/cli` parses: the subcommand first, then its options. */
  readonly args: ReadonlyArray<string>
  /** What stands after `--`; undefined without it. */
  readonly program: ReadonlyArray<string> | undefined
}

/** Options of every subcommand, each with a value. */
const shared: ReadonlyArray<string> = ["--profile", "--role"]

/** Other options with a value that may stand before the subcommand. */
const builtIn: ReadonlyArray<string> = ["--log-level", "--completions"]

const nameOf = (option: string): string => option.split("=", 1)[0] ?? option

const lengthOf = (option: string): number => !option.includes("=") && [...shared, ...builtIn].includes(option) ? 2 : 1

/** The options before the subcommand, each with its value. */
const leadingOf = (args: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  const [first] = args
  if (first === undefined || !first.startsWith("-")) return []
  const length = lengthOf(first)
  return [args.slice(0, length), ...leadingOf(args.slice(length))]
}

/** Moves the shared options behind the subcommand, where the parser expects them. */
const moved = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const leading = leadingOf(args)
  const [subcommand, ...rest] = args.slice(leading.flat().length)
  if (subcommand === undefined) return args
  const isShared = ([option = ""]: ReadonlyArray<string>): boolean => shared.includes(nameOf(option))
  return [
    ...leading.filter((option) => !isShared(option)).flat(),
    subcommand,
    ...leading.filter(isShared).flat(),
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
export const withoutValues = (message: string): string =>
  message.replaceAll(/'([^']*)'/g, (quoted, text: string) => {
    const name = nameOf(text)
    if (!/^-{0,2}[a-z]+(?:-[a-z]+)*$/.test(name) || name.length > 24) return "'***'"
    return name === text ? quoted : `'${name}=***'`
  })
