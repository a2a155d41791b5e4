/**
 * The real file system, with some operations replaced by failing ones.
 */
import { Error as PlatformError, FileSystem } from "@effect/platform"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect, Layer } from "effect"

export const failingCall =
  (method: string, reason: PlatformError.SystemErrorReason) => (...args: ReadonlyArray<unknown>) =>
    Effect.fail(
      new PlatformError.SystemError({ module: "FileSystem", method, reason, pathOrDescriptor: String(args[0]) })
    )

/** The real file system with these operations replaced. */
export const faultyFiles = (
  faults: (files: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>
): Layer.Layer<FileSystem.FileSystem> =>
  Layer.effect(FileSystem.FileSystem, Effect.map(FileSystem.FileSystem, (files) => ({ ...files, ...faults(files) })))
    .pipe(Layer.provide(NodeFileSystem.layer))
