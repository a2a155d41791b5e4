/**
 * The real file system, where single operations go wrong.
 */
import { Error as PlatformError, FileSystem } from "@effect/platform"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect, Layer } from "effect"

export const failingCall =
  (method: string, reason: PlatformError.SystemErrorReason) => (...args: ReadonlyArray<unknown>) =>
    Effect.fail(
      new PlatformError.SystemError({ module: "FileSystem", method, reason, pathOrDescriptor: String(args[0]) })
    )

/** With these operations in the place of the real ones. */
export const faultyFiles = (
  faults: (files: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>
): Layer.Layer<FileSystem.FileSystem> =>
  Layer.effect(FileSystem.FileSystem, Effect.map(FileSystem.FileSystem, (files) => ({ ...files, ...faults(files) })))
    .pipe(Layer.provide(NodeFileSystem.layer))
