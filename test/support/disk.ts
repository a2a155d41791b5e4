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
}

export const disk = (contents: Contents): Layer.Layer<FileSystem.FileSystem> => openDisk(contents).layer

/** For a test that changes files while a program runs, or reads what it wrote. */
export const openDisk = ({ files, modes, readOnly, unreadable }: Contents): Disk => {
  const entries = new Map<string, Entry>(
    Object.entries(files).map(([path, content], ino) => [path, { bytes: bytesOf(content), ino }])
  )
  let created = entries.size

  const find = (method: string, path: string) =>
    Effect.suspend(() => {
      if (unreadable.includes(path)) return Effect.fail(failure(method, path, "PermissionDenied"))
      const entry = entries.get(path)
      return entry === undefined ? Effect.fail(failure(method, path, "NotFound")) : Effect.succeed(entry)
    })

  const stat = (path: string) =>
    unreadable.includes(path)
      ? Effect.succeed(info(new Uint8Array(1), 0))
      : Effect.map(find("stat", path), ({ bytes, ino }) => ({
        ...info(bytes, ino),
        mode: parseInt(modes[path] ?? "600", 8)
      }))

  const open: FileSystem.FileSystem["open"] = (path, { flag = "r" } = {}) =>
    Effect.gen(function*() {
      if (flag !== "r" && readOnly) return yield* failure("open", path, "PermissionDenied")
      if (flag === "wx") {
        if (entries.has(path)) return yield* failure("open", path, "AlreadyExists")
        entries.set(path, { bytes: new Uint8Array(), ino: created++ })
      } else if (flag !== "r") yield* find("open", path)
      return opened(path)
    })

  const change = (path: string, step: (bytes: Uint8Array) => Uint8Array) =>
    Effect.map(find("write", path), ({ bytes, ino }) => void entries.set(path, { bytes: step(bytes), ino }))

  const opened = (path: string): FileSystem.File => ({
    stat: stat(path),
    sync: Effect.void,
    seek: () => Effect.void,
    // Every writer starts at the beginning.
    writeAll: (bytes: Uint8Array) =>
      change(path, (before) => Uint8Array.from([...bytes, ...before.subarray(bytes.length)])),
    truncate: (length: bigint | number = 0) => change(path, (before) => before.slice(0, Number(length)))
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
    utimes: (path) => Effect.asVoid(find("utimes", path)),
    chmod: (path) => Effect.asVoid(find("chmod", path)),
    remove: (path) => Effect.sync(() => void entries.delete(path)),
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
    }
  }
}

/** When every file was written: the stamp of a file shows a change by its size and its inode. */
const written = "2026-01-01T20:00:00Z"

const info = (bytes: Uint8Array, ino: number) => fileInfo(bytes.length, new Date(written), ino)
