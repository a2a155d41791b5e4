/**
 * What is written, and where: results to standard output, everything else to standard error. Colors and progress are
 * for terminals only.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { env, stderr, stdout } from "node:process"
import { withoutValues } from "./argv.ts"
import { corrected } from "./completions.ts"
import { tidy } from "./help.ts"
import { printableLines, style } from "./printable.ts"
import * as progress from "./progress.ts"

type Stream = typeof stdout | typeof stderr

let unwritten: string | undefined = undefined

/** Why a result could not be written, for example because the disk is full. */
export const writeFailure = (): string | undefined => unwritten

const noteFailure = (error: NodeJS.ErrnoException): void => {
  // A reader that goes away, such as `head`, is no error.
  if (error.code !== "EPIPE") unwritten = error.code ?? "unknown"
}

/** Whether the text has arrived. */
const write = (stream: Stream, text: string): Effect.Effect<boolean> =>
  Effect.async<boolean>((resume) =>
    void stream.write(text, (error) => {
      const isLost = error !== null && error !== undefined
      if (isLost && stream === stdout) noteFailure(error)
      resume(Effect.succeed(!isLost))
    })
  )

/** Writes lines of a result. Whether they have arrived: the disk may be full, or the reader gone. */
export const print = (text: string): Effect.Effect<boolean> => write(stdout, `${text}\n`)

/** Writes lines for a person. */
export const tell = (text: string): Effect.Effect<void> =>
  Effect.asVoid(Effect.suspend(() => write(stderr, `${progress.clear()}${printableLines(text, false)}\n`)))

/** Those that write know of the failure. */
export const ignoreStreamErrors = (): void => {
  for (const stream of [stdout, stderr]) stream.on("error", () => {})
}

/** See https://no-color.org. */
export const hasColor = (): boolean => stdout.isTTY && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb"

/** A result for a person. */
export const shown = (text: string): string => printableLines(text, hasColor())

export const isOnTerminal = (): boolean => stdout.isTTY

const styles = new RegExp(style, "g")

/** The parser paints headings white, which nobody can read on a white terminal. */
const withoutStyles = (args: ReadonlyArray<unknown>): string => args.join(" ").replaceAll(styles, "").trim()

const bold = (heading: string): string => `\u001b[1m${heading}\u001b[0m`

/** A page of help, or something else that the parser prints, such as completions. */
const pageOf = (name: string, text: string): string => {
  if (!text.startsWith(`${name}\n`)) return corrected(name, text)
  const page = tidy(name, text)
  return hasColor() ? page.replaceAll(/^[A-Z ]+$/gm, bold) : page
}

/** Help and complaints about the command line, which `@effect/cli` writes to the console. */
export const withConsole = (name: string) => <A, E, R>(parse: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Console.consoleWith((console) =>
    Effect.withConsole(parse, {
      ...console,
      log: (...args) => Effect.asVoid(print(pageOf(name, withoutStyles(args)))),
      error: (...args) => tell(`${name}: ${withoutValues(withoutStyles(args))}\n  fix: see ${name} --help`)
    })
  )

/** Logs as plain lines, without times, fibers and spans. */
export const layerLogger = Logger.replace(
  Logger.defaultLogger,
  Logger.make(({ logLevel, message }) => {
    const texts = Array.isArray(message) ? message : [message]
    stderr.write(`${progress.clear()}${logLevel.label.toLowerCase()}: ${printableLines(texts.join(" "), false)}\n`)
  })
)
