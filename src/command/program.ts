/** A program as a child of this process: it has the terminal, gets the signals, and decides the exit code. */
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import { stdin } from "node:process"
import { exitCodeOfSignal, exitCodes } from "./exitCodes.ts"
import type { Environment } from "./sessionVariables.ts"
import { handledBy, numberOf, type Signal } from "./signals.ts"
import { tell } from "./terminal.ts"

/**
 * A terminal sends these to every process in the foreground. A program that got them twice would take that for
 * impatience, and some then stop without cleaning up.
 */
const fromTerminal: ReadonlyArray<Signal> = ["SIGINT", "SIGQUIT"]

/** Whether the program has to get a signal from this process. */
export const isPassedOn = (signal: Signal, hasTerminal: boolean): boolean =>
  !hasTerminal || !fromTerminal.includes(signal)

/** Whether Ctrl-C reaches the processes: their input may be a file, and the terminal still sends signals. */
const hasTerminal = (): boolean => {
  if (stdin.isTTY) return true
  try {
    closeSync(openSync("/dev/tty", "r"))
    return true
  } catch {
    return false
  }
}

type Code = NodeJS.ErrnoException["code"]

const failureOf = (file: string, code: Code): Effect.Effect<number> =>
  code === "ENOENT"
    ? Effect.as(tell(`alicloud-credentials: program not found: ${file}`), exitCodes.notFound)
    : Effect.as(tell(`alicloud-credentials: program cannot be run: ${file} (${code})`), exitCodes.notExecutable)

const exitOf = (file: string, child: ChildProcess): Effect.Effect<number> =>
  Effect.async<number>((resume) => {
    child.once("error", ({ code }: NodeJS.ErrnoException) => resume(failureOf(file, code)))
    child.once("exit", (code, signal) =>
      resume(Effect.succeed(code ?? (signal === null ? exitCodes.internal : exitCodeOfSignal(numberOf(signal))))))
  })

/** Node.js throws for what no program can get: an empty name, or a NUL in an argument or a variable. */
const start = (file: string, args: ReadonlyArray<string>, environment: Environment) =>
  Effect.try({
    try: () => spawn(file, args, { stdio: "inherit", env: { ...environment } }),
    catch: (error): Code => (error as NodeJS.ErrnoException).code
  })

/** Passes on signals until it ends, and returns the exit code. */
const follow = (file: string, child: ChildProcess): Effect.Effect<number> => {
  const isInteractive = hasTerminal()
  const pass = (signal: Signal): void => {
    if (isPassedOn(signal, isInteractive)) child.kill(signal)
  }
  return handledBy(pass)(exitOf(file, child))
}

/** Runs it to its end, and returns the exit code. */
export const run = (
  file: string,
  args: ReadonlyArray<string>,
  environment: Environment
): Effect.Effect<number> =>
  Effect.matchEffect(start(file, args, environment), {
    onFailure: (code) => failureOf(file, code),
    onSuccess: (child) => follow(file, child)
  }).pipe(Effect.uninterruptible)
