/** A program as a child of this process: it has the terminal, gets the signals, and decides the exit code. */
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn } from "node:child_process"
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

const failureOf = (file: string, { code }: NodeJS.ErrnoException): Effect.Effect<number> =>
  code === "ENOENT"
    ? Effect.as(tell(`alicloud-credentials: program not found: ${file}`), exitCodes.notFound)
    : Effect.as(tell(`alicloud-credentials: program cannot be run: ${file} (${code})`), exitCodes.notExecutable)

const exitOf = (file: string, child: ChildProcess): Effect.Effect<number> =>
  Effect.async<number>((resume) => {
    child.once("error", (error: NodeJS.ErrnoException) => resume(failureOf(file, error)))
    child.once("exit", (code, signal) =>
      resume(Effect.succeed(code ?? (signal === null ? exitCodes.internal : exitCodeOfSignal(numberOf(signal))))))
  })

/** Runs it to its end, and returns the exit code. */
export const run = (
  file: string,
  args: ReadonlyArray<string>,
  environment: Environment
): Effect.Effect<number> =>
  Effect.suspend(() => {
    const child = spawn(file, args, { stdio: "inherit", env: { ...environment } })
    const pass = (signal: Signal): void => {
      if (isPassedOn(signal, stdin.isTTY)) child.kill(signal)
    }
    return handledBy(pass)(exitOf(file, child))
  }).pipe(Effect.uninterruptible)
