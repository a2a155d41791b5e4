/** Programs that are run. */
import * as Command from "@effect/platform/Command"
import * as CommandExecutor from "@effect/platform/CommandExecutor"
import type { PlatformError } from "@effect/platform/Error"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** @internal */
export interface Child {
  readonly stdout: Stream.Stream<Uint8Array, PlatformError>
  readonly stderr: Stream.Stream<Uint8Array, PlatformError>
  readonly exitCode: Effect.Effect<number, PlatformError>
  readonly kill: Effect.Effect<void, PlatformError>
}

/** Starts a program with an empty input: one that waits for input would wait until it is killed. @internal */
export const start = (
  executor: CommandExecutor.CommandExecutor,
  program: string,
  args: ReadonlyArray<string>
): Effect.Effect<Child, PlatformError, Scope.Scope> =>
  Effect.map(
    executor.start(Command.make(program, ...args).pipe(Command.stdin(Stream.empty))),
    ({ exitCode, kill, stderr, stdout }) => ({ exitCode, stderr, stdout, kill: kill("SIGKILL") })
  )

/** An executor that asks `allow` first. A pipe of programs has no single name. @internal */
export const guarded = (
  executor: CommandExecutor.CommandExecutor,
  allow: (program: string | undefined) => Effect.Effect<void, PlatformError>
): CommandExecutor.CommandExecutor =>
  CommandExecutor.makeExecutor((command) =>
    Effect.zipRight(
      allow(command._tag === "StandardCommand" ? command.command : undefined),
      executor.start(command)
    )
  )
