import { CommandExecutor, Path } from "@effect/platform"
import { Effect, Layer, Ref, Sink, Stream } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import type { MemoryFiles } from "./memoryFiles.ts"
import { type Texts, variables } from "./variables.ts"

/** A simulated machine: files, variables and a local cloud in memory, and programs that print an empty object. */
export const machine = (
  files: MemoryFiles,
  entries: Texts = { HOME: "/home/me" }
) =>
  Layer.mergeAll(files.layer, Path.layer, LocalCloud.layer(), fakePrograms().layer).pipe(
    Layer.provideMerge(variables(entries))
  )

/** Simulated programs that print a JSON text and exit, and the commands that were started. */
export const fakePrograms = (output: Effect.Effect<unknown> = Effect.succeed({})) => {
  const started = Ref.unsafeMake<ReadonlyArray<ReadonlyArray<string>>>([])
  const executor = CommandExecutor.makeExecutor((command) => {
    const words = command._tag === "StandardCommand" ? [command.command, ...command.args.map(String)] : []
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
