/**
 * Files in memory, which a test writes and a provider reads without promises, so that nothing takes real time.
 */
import { Error as PlatformError, FileSystem } from "@effect/platform"
import { Effect, type Layer } from "effect"
import { fileInfo } from "./fileInfo.ts"

export interface MemoryFiles {
  readonly write: (path: string, text: string | Uint8Array) => void
  readonly remove: (path: string) => void
  /** Makes every later access to the file fail with this reason. */
  readonly lock: (path: string, reason: PlatformError.SystemErrorReason) => void
  /** How often a file was read. */
  readonly reads: () => number
  readonly layer: Layer.Layer<FileSystem.FileSystem>
}

type Entry = { readonly bytes: Uint8Array; readonly time: number } | {
  readonly reason: PlatformError.SystemErrorReason
}

export const memoryFiles = (texts: Readonly<Record<string, string | Uint8Array>> = {}): MemoryFiles => {
  const entries = new Map<string, Entry>()
  // A file that was written recently is read again to be sure. These are old when the test clock starts.
  let time = -60_000
  let reads = 0
  const write = (path: string, text: string | Uint8Array): void => {
    time += 1
    entries.set(path, { time, bytes: typeof text === "string" ? new TextEncoder().encode(text) : text })
  }
  for (const [path, text] of Object.entries(texts)) write(path, text)
  const open = (method: string, path: string) =>
    Effect.suspend(() => {
      const entry = entries.get(path) ?? { reason: "NotFound" as const }
      return "reason" in entry
        ? Effect.fail(
          new PlatformError.SystemError({ module: "FileSystem", method, reason: entry.reason, pathOrDescriptor: path })
        )
        : Effect.succeed(entry)
    })
  const read = (method: string, path: string) =>
    Effect.map(open(method, path), ({ bytes }) => {
      reads += 1
      return bytes
    })
  return {
    write,
    remove: (path) => void entries.delete(path),
    lock: (path, reason) => void entries.set(path, { reason }),
    reads: () => reads,
    layer: FileSystem.layerNoop({
      exists: (path) => Effect.succeed(entries.has(path)),
      stat: (path) => Effect.map(open("stat", path), info),
      readFile: (path) => read("readFile", path),
      readFileString: (path) => Effect.map(read("readFileString", path), (bytes) => new TextDecoder().decode(bytes))
    })
  }
}

const info = ({ bytes, time }: { readonly bytes: Uint8Array; readonly time: number }) =>
  fileInfo(bytes.length, new Date(time))
