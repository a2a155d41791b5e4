/**
 * Files in memory that a provider may also write, so that it can renew a login. Nothing takes real time.
 */
import { Error as PlatformError, FileSystem } from "@effect/platform"
import { Effect, type Layer } from "effect"
import { fileInfo } from "./fileInfo.ts"

export interface Contents {
  readonly files: Readonly<Record<string, string | object>>
  /** Paths that exist and cannot be read. */
  readonly unreadable: ReadonlyArray<string>
  /** The permissions of files, in octal digits; 600 by default. */
  readonly modes: Readonly<Record<string, string>>
  /** Whether nothing can be written. */
  readonly readOnly: boolean
}

interface Entry {
  readonly bytes: Uint8Array
  readonly ino: number
  /** When it was touched. */
  readonly time?: Date | undefined
  readonly mode?: number | undefined
}

const bytesOf = (content: string | object): Uint8Array =>
  new TextEncoder().encode(typeof content === "string" ? content : `${JSON.stringify(content, null, "\t")}\n`)

const failure = (method: string, path: string, reason: PlatformError.SystemErrorReason) =>
  new PlatformError.SystemError({ module: "FileSystem", method, reason, pathOrDescriptor: path })

export interface Disk {
  readonly layer: Layer.Layer<FileSystem.FileSystem>
  /** Replaces a file, as another program does. */
  readonly replace: (path: string, content: string | object) => void
  readonly remove: (path: string) => void
  /** Undefined if there is no such file. */
  readonly textOf: (path: string) => string | undefined
  readonly paths: () => ReadonlyArray<string>
  /** How many files are open. */
  readonly handles: () => number
}

export const disk = (contents: Contents): Layer.Layer<FileSystem.FileSystem> => openDisk(contents).layer

/** For a test that changes files while a program runs, or reads what it wrote. */
export const openDisk = ({ files, modes, readOnly, unreadable }: Contents): Disk => {
  const entries = new Map<string, Entry>(
    Object.entries(files).map(([path, content], ino) => [path, { bytes: bytesOf(content), ino }])
  )
  let created = entries.size
  let handles = 0

  const find = (method: string, path: string) =>
    Effect.suspend(() => {
      if (unreadable.includes(path)) return Effect.fail(failure(method, path, "PermissionDenied"))
      const entry = entries.get(path)
      return entry === undefined ? Effect.fail(failure(method, path, "NotFound")) : Effect.succeed(entry)
    })

  const stat = (path: string) =>
    unreadable.includes(path)
      ? Effect.succeed(fileInfo(1, written, 0))
      : Effect.map(find("stat", path), ({ bytes, ino, mode, time }) => ({
        ...fileInfo(bytes.length, time ?? written, ino),
        mode: mode ?? parseInt(modes[path] ?? "600", 8)
      }))

  const open: FileSystem.FileSystem["open"] = (path, { flag = "r" } = {}) =>
    Effect.gen(function*() {
      if (flag !== "r" && readOnly) return yield* failure("open", path, "PermissionDenied")
      if (flag === "wx") {
        if (entries.has(path)) return yield* failure("open", path, "AlreadyExists")
        entries.set(path, { bytes: new Uint8Array(), ino: created++ })
      } else if (flag !== "r") yield* find("open", path)
      yield* Effect.acquireRelease(Effect.sync(() => handles++), () => Effect.sync(() => handles--))
      return opened(path)
    })

  const change = (method: string, path: string, step: (entry: Entry) => Partial<Entry>) =>
    Effect.map(find(method, path), (entry) => void entries.set(path, { ...entry, ...step(entry) }))

  const opened = (path: string): FileSystem.File => ({
    stat: stat(path),
    sync: Effect.void,
    seek: () => Effect.void,
    // Every writer starts at the beginning.
    writeAll: (bytes: Uint8Array) =>
      change("write", path, (before) => ({
        bytes: Uint8Array.from([...bytes, ...before.bytes.subarray(bytes.length)])
      })),
    truncate: (length: bigint | number = 0) =>
      change("truncate", path, ({ bytes }) => {
        const cut = new Uint8Array(Number(length))
        cut.set(bytes.subarray(0, cut.length))
        return { bytes: cut }
      })
  } as unknown as FileSystem.File)

  const layer = FileSystem.layerNoop({
    open,
    stat,
    exists: (path) => Effect.sync(() => entries.has(path)),
    readFile: (path) => Effect.map(find("readFile", path), ({ bytes }) => bytes),
    readFileString: (path) => Effect.map(find("readFileString", path), ({ bytes }) => new TextDecoder().decode(bytes)),
    readDirectory: (folder) =>
      Effect.sync(() =>
        [...entries.keys()].filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1))
      ),
    realPath: (path) => Effect.as(find("realPath", path), path),
    utimes: (path, _, mtime) => change("utimes", path, () => ({ time: new Date(Number(mtime) * 1000) })),
    chmod: (path, mode) => change("chmod", path, () => ({ mode })),
    remove: (path) => Effect.map(find("remove", path), () => void entries.delete(path)),
    rename: (from, to) =>
      Effect.map(find("rename", from), (entry) => {
        entries.delete(from)
        entries.set(to, entry)
      })
  })

  return {
    layer,
    replace: (path, content) => void entries.set(path, { bytes: bytesOf(content), ino: created++ }),
    remove: (path) => void entries.delete(path),
    textOf: (path) => {
      const entry = entries.get(path)
      return entry === undefined ? undefined : new TextDecoder().decode(entry.bytes)
    },
    paths: () => [...entries.keys()],
    handles: () => handles
  }
}

/** When every file was written: the stamp of a file shows a change by its size and its inode. */
const written = new Date("2026-01-01T20:00:00Z")
