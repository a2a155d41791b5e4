/** Programs that are run. */
import * as Effect from "effect/Effect"
import type { PlatformError } from "effect/PlatformError"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"

/** @internal */
export interface Child {
  readonly stdout: Stream.Stream<Uint8Array, PlatformError>
  readonly stderr: Stream.Stream<Uint8Array, PlatformError>
  readonly exitCode: Effect.Effect<number, PlatformError>
  readonly kill: Effect.Effect<void, PlatformError>
}

type Spawner = ChildProcessSpawner.ChildProcessSpawner["Service"]

/** Starts a program with an empty input: one that waits for input would wait until it is killed. @internal */
export const start = (
  spawner: Spawner,
  program: string,
  args: ReadonlyArray<string>
): Effect.Effect<Child, PlatformError, Scope.Scope> =>
  Effect.map(
    spawner.spawn(ChildProcess.make(program, args, { stdin: "ignore" })),
    ({ exitCode, kill, stderr, stdout }) => ({ exitCode, stderr, stdout, kill: kill({ killSignal: "SIGKILL" }) })
  )

/** An executor that asks `allow` first. A pipe of programs has no single name. @internal */
export const guarded = (
  spawner: Spawner,
  allow: (program: string | undefined) => Effect.Effect<void, PlatformError>
): Spawner =>
  ChildProcessSpawner.make((command) =>
    Effect.andThen(
      allow(command._tag === "StandardCommand" ? command.command : undefined),
      spawner.spawn(command)
    )
  )
