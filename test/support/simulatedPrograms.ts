/**
 * Simulated programs, each of which prints a text and exits.
 */
import { CommandExecutor, Error as PlatformError } from "@effect/platform"
import { Effect, Layer, Schema, Sink, Stream } from "effect"

export const Program = Schema.Union(
  Schema.Literal("hangs"),
  Schema.Struct({
    prints: Schema.String,
    /** What it prints on its error output. */
    complains: Schema.optional(Schema.String),
    exits: Schema.optionalWith(Schema.Int, { default: () => 0 })
  })
)

export type Program = typeof Program.Type

const textOf = (text: string) => Stream.make(new TextEncoder().encode(text))

const running = (program: Program) => {
  const common = { kill: () => Effect.void, stdin: Sink.drain }
  return (program === "hangs"
    ? { ...common, exitCode: Effect.never, stderr: Stream.never, stdout: Stream.never }
    : {
      ...common,
      exitCode: Effect.succeed(CommandExecutor.ExitCode(program.exits)),
      stderr: textOf(program.complains ?? ""),
      stdout: textOf(program.prints)
    }) as unknown as CommandExecutor.Process
}

export const programs = (all: Readonly<Record<string, Program>>): Layer.Layer<CommandExecutor.CommandExecutor> =>
  Layer.succeed(
    CommandExecutor.CommandExecutor,
    CommandExecutor.makeExecutor((command) =>
      Effect.suspend(() => {
        const name = command._tag === "StandardCommand" ? command.command : ""
        const program = all[name]
        return program === undefined
          ? Effect.fail(
            new PlatformError.SystemError({
              module: "Command",
              method: "spawn",
              reason: "NotFound",
              pathOrDescriptor: name
            })
          )
          : Effect.succeed(running(program))
      })
    )
  )
