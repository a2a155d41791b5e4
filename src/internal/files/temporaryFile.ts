/**
 * The temporary file that a new text is written to first. Its name identifies the text that it replaces, so that another
 * process can complete the replacement if the one that wrote it died.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { hashing } from "../wire/hash.ts"
import * as textFile from "./textFile.ts"

/** @internal */
export interface Target {
  readonly files: FileSystem.FileSystem
  readonly path: Path.Path
  /** The file itself, not a link to it. */
  readonly file: string
}

/** @internal */
export interface Written {
  readonly path: string
  /** A rename keeps it. */
  readonly stamp: string
}

/** A new path for a text that replaces the text `before`. @internal */
export const nameFor = (target: Target, before: string | undefined): string => {
  const made = before === undefined ? "" : digestOf(before)
  return target.path.join(folderOf(target), `${prefixOf(target)}${made}.${crypto.randomUUID()}${suffix}`)
}

/**
 * Writes the text to the disk, readable by its owner only. An existing file is overwritten, which needs no new space.
 *
 * @internal
 */
export const write = (
  target: Target,
  { isThere, path }: { readonly path: string; readonly isThere: boolean },
  text: string
): Effect.Effect<Written, PlatformError> => {
  const { files } = target
  const bytes = new TextEncoder().encode(text)
  const create = files.open(path, { flag: "wx", mode: 0o600 })
  const open = isThere ? Effect.catchAll(files.open(path, { flag: "r+" }), () => create) : create
  return Effect.scoped(Effect.gen(function*() {
    const wanted = yield* files.stat(target.file)
    const file = yield* open
    yield* giveTo(target, path, wanted, yield* file.stat)
    yield* file.writeAll(bytes)
    yield* file.truncate(bytes.length)
    yield* file.sync
    return { path, stamp: textFile.stampOf(yield* file.stat) }
  })).pipe(Effect.tapErrorCause(() => Effect.ignore(files.remove(path))))
}

/** With another owner, the user could no longer read the file. */
const giveTo = (
  { files }: Target,
  path: string,
  wanted: FileSystem.File.Info,
  ours: FileSystem.File.Info
): Effect.Effect<void, PlatformError> =>
  Option.match(Option.all([wanted.uid, wanted.gid]), {
    onNone: () => Effect.void,
    onSome: ([owner, group]) => {
      if (!Option.contains(ours.uid, owner)) return files.chown(path, owner, group)
      // Not every user may change it. In that case the group gets no permissions.
      return Option.contains(ours.gid, group) ? Effect.void : Effect.ignore(files.chown(path, owner, group))
    }
  })

/** @internal */
export interface LeftOver {
  readonly path: string
  /** Whether its text was to replace this one. */
  readonly isMadeOf: (before: string) => boolean
}

/** The temporary files of processes that died. @internal */
export const leftOvers = (target: Target): Effect.Effect<ReadonlyArray<LeftOver>, PlatformError> => {
  const prefix = prefixOf(target)
  return Effect.map(
    target.files.readDirectory(folderOf(target)),
    (names) =>
      names.filter((name) => name.startsWith(prefix) && ours.test(name.slice(prefix.length))).map((name) => ({
        path: target.path.join(folderOf(target), name),
        isMadeOf: (before) => name.startsWith(`${prefix}${digestOf(before)}.`)
      }))
  )
}

/** @internal */
export const folderOf = ({ file, path }: Target): string => path.dirname(file)

const suffix = ".tmp"

const ours = /^(?:[\da-f]{32})?\.[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/

const prefixOf = ({ file, path }: Target): string => `.${path.basename(file)}.`

const digestOf = (text: string): string => hashing().sha256(text).slice(0, 32)
