/** The program: this process, its arguments, its signals and its exit code. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import process from "node:process"
import { run } from "./cli.ts"
import { exitCodeOfSignal, exitCodes } from "./exitCodes.ts"
import { listen, numberOf, type Signal } from "./signals.ts"
import { ignoreStreamErrors, tell, writeFailure } from "./terminal.ts"
import { version } from "./version.ts"

ignoreStreamErrors()

let interruptedBy: Signal | undefined = undefined

// The cause may quote anything, and nobody but the authors can do something about it.
const fault = Effect.as(
  tell("alicloud-credentials: a fault of this command. Please report what you ran, without secrets"),
  exitCodes.internal
)

const unlessUnwritten = (code: number): Effect.Effect<number> => {
  const failure = writeFailure()
  return failure === undefined
    ? Effect.succeed(code)
    : Effect.as(tell(`alicloud-credentials: the result cannot be written (${failure})`), exitCodes.output)
}

const program = run(process.argv.slice(2), version).pipe(
  Effect.flatMap(unlessUnwritten),
  Logger.withMinimumLogLevel(LogLevel.Warning),
  Effect.catchAllCause((cause) => Cause.isInterruptedOnly(cause) ? Effect.failCause(cause) : fault)
)

const fiber = Effect.runFork(program)

listen((signal) => {
  interruptedBy = signal
  Effect.runFork(Fiber.interrupt(fiber))
})

fiber.addObserver((exit) =>
  process.exit(
    Exit.isSuccess(exit)
      ? exit.value
      : interruptedBy === undefined
      ? exitCodes.internal
      : exitCodeOfSignal(numberOf(interruptedBy))
  )
)
