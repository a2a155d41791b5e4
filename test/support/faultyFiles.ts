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

/** The `open` of a file system whose files have other members. */
export const openWith = (
  files: FileSystem.FileSystem,
  replaced: (file: FileSystem.File, path: string) => Partial<FileSystem.File>
): FileSystem.FileSystem["open"] =>
(path, options) =>
  Effect.map(files.open(path, options), (file) => {
    const members = replaced(file, path)
    return new Proxy(file, {
      get: (target, name) => {
        const member = Reflect.get(name in members ? members : target, name, target) as unknown
        return typeof member === "function" ? member.bind(target) : member
      }
    })
  })
