import { CommandExecutor, Path } from "@effect/platform"
import { Effect, Layer, Ref, Sink, Stream } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import type { MemoryFiles } from "./memoryFiles.ts"
import { type Texts, variables } from "./variables.ts"

/** A machine of its own: files, variables and a cloud in memory, and no program to run. */
export const machine = (
  files: MemoryFiles,
  entries: Texts = { HOME: "/home/me" }
) =>
  Layer.mergeAll(files.layer, Path.layer, LocalCloud.layer(), fakePrograms().layer).pipe(
    Layer.provideMerge(variables(entries))
  )

/** Programs that print a JSON text and end; and the commands that were asked for. */
export const fakePrograms = (output: Effect.Effect<unknown> = Effect.succeed({})) => {
  const started = Ref.unsafeMake<ReadonlyArray<ReadonlyArray<string>>>([])
  const executor = CommandExecutor.makeExecutor((command) => {
    const words = command._tag === "StandardCommand" ? [command.command, ...command.args] : []
    const print = Effect.map(output, (json) => new TextEncoder().encode(JSON.stringify(json)))
    return Effect.as(Ref.update(started, (all) => [...all, words]), {
      exitCode: Effect.succeed(CommandExecutor.ExitCode(0)),
      kill: () => Effect.void,
      stderr: Stream.empty,
      stdin: Sink.drain,
      stdout: Stream.fromEffect(print)
    } as unknown as CommandExecutor.Process)
  })
  return { started, layer: Layer.succeed(CommandExecutor.CommandExecutor, executor) }
}
