import { type Error as PlatformError, FileSystem } from "@effect/platform"
import { SystemError } from "@effect/platform/Error"
import { ConfigProvider, Effect, Layer } from "effect"

/** The environment of a test, in place of the one of the process. */
export const variables = (entries: Readonly<Record<string, string>>) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(entries))))

const absent = (path: string): PlatformError.PlatformError =>
  new SystemError({ module: "FileSystem", method: "open", reason: "NotFound", pathOrDescriptor: path })

/** Files that are only read. */
export const files = (entries: Readonly<Record<string, string>>) =>
  FileSystem.layerNoop({
    exists: (path) => Effect.succeed(path in entries),
    stat: (path) =>
      path in entries
        ? Effect.succeed({ type: "File", size: FileSystem.Size(entries[path]!.length) } as FileSystem.File.Info)
        : Effect.fail(absent(path)),
    readFileString: (path) => path in entries ? Effect.succeed(entries[path]!) : Effect.fail(absent(path)),
    readFile: (path) =>
      path in entries ? Effect.succeed(new TextEncoder().encode(entries[path])) : Effect.fail(absent(path))
  })

/** What the firmware of an instance says, so that the guess takes its time. */
export const instanceHardware = { "/sys/class/dmi/id/sys_vendor": "Alibaba Cloud\n" }
