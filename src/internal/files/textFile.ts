/**
 * A text file of the user: its text, and a stamp that shows whether it changed since it was read.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { type CredentialError, CredentialsMisconfigured, CredentialsUnavailable } from "../../CredentialError.ts"

/** @internal */
export const maxMiB = 16

/** @internal */
export const maxBytes = maxMiB * 1024 * 1024

/** Time, size and, if there is one, the inode, which a rename changes. @internal */
export const stampOf = (info: FileSystem.File.Info): string =>
  [
    Option.match(info.mtime, { onNone: () => "", onSome: (time) => time.getTime() }),
    info.size,
    Option.getOrElse(info.ino, () => "")
  ].join("/")

/** @internal */
export interface Stamp {
  readonly stamp: string
  /**
   * Whether every later change of the file changes the stamp. After a recent change it need not: the times of some file
   * systems are whole seconds, and a file may be replaced twice within one unit.
   */
  readonly isProof: boolean
}

// FAT counts in steps of two seconds, which is the coarsest in use.
const coarsest = 2000

/** None if the file does not exist. @internal */
export const stamp = (
  files: FileSystem.FileSystem,
  provider: string,
  path: string
): Effect.Effect<Option.Option<Stamp>, CredentialError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    files.stat(path).pipe(
      Effect.map((info) =>
        Option.some({
          stamp: stampOf(info),
          isProof: Option.exists(info.mtime, (time) => now - time.getTime() >= coarsest)
        })
      ),
      Effect.catchAll((error) => isAbsent(error) ? Effect.succeedNone : Effect.fail(unreadable(provider, path, error)))
    ))

/** The unchanged text, including a byte order mark. @internal */
export const read = (
  files: FileSystem.FileSystem,
  provider: string,
  path: string
): Effect.Effect<string, CredentialError> =>
  Effect.gen(function*() {
    const wrong = (reason: string) => new CredentialsMisconfigured({ provider, at: path, reason })
    const failed = (error: PlatformError) => isAbsent(error) ? wrong("no such file") : unreadable(provider, path, error)
    const { size, type } = yield* Effect.mapError(files.stat(path), failed)
    if (type !== "File") return yield* wrong("not a file")
    if (size > maxBytes) return yield* wrong(`${size} bytes, more than the limit of ${maxMiB} MiB (${maxBytes} bytes)`)
    const bytes = yield* Effect.mapError(files.readFile(path), failed)
    return yield* Effect.try({ try: () => decoder().decode(bytes), catch: () => wrong("not UTF-8 text") })
  })

/** The text of a file that is known to be one. @internal */
export const textOf = (files: FileSystem.FileSystem, path: string): Effect.Effect<string, PlatformError> =>
  Effect.map(files.readFile(path), (bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes))

/** @internal */
export const bytesOf = (text: string): number => new TextEncoder().encode(text).length

const swapping = Schedule.intersect(Schedule.spaced("50 millis"), Schedule.recurs(3))

/**
 * Like {@link read}, but reads again a little later if the text looks cut short: not every tool replaces the file in
 * one step.
 *
 * @internal
 */
export const readWhole = (
  files: FileSystem.FileSystem,
  provider: string,
  path: string,
  isCutShort: (text: string) => boolean
): Effect.Effect<string, CredentialError> => {
  const text = read(files, provider, path)
  return text.pipe(
    Effect.filterOrFail((text) => !isCutShort(text), () => undefined),
    Effect.retry({ schedule: swapping, while: (error) => error === undefined }),
    Effect.catchAll((error) => error === undefined ? text : Effect.fail(error))
  )
}

/** The kind of failure, without the message of the runtime, which may quote anything. @internal */
export const kindOf = (error: PlatformError): string => {
  if (error._tag === "BadArgument") return "not a valid path"
  return error.reason === "Unknown" ? codeOf(error) ?? error.reason : error.reason
}

const codeOf = ({ cause }: PlatformError): string | undefined => {
  const code = (cause as { readonly code?: unknown } | undefined)?.code
  return typeof code === "string" && /^[A-Z0-9_]{2,40}$/.test(code) ? code : undefined
}

/** @internal */
export const isAbsent = (error: PlatformError): boolean => error._tag === "SystemError" && error.reason === "NotFound"

const decoder = () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const unreadable = (provider: string, path: string, error: PlatformError): CredentialError =>
  error._tag === "BadArgument"
    ? new CredentialsMisconfigured({ provider, reason: "the file name is not a valid path" })
    : codeOf(error) === "ELOOP"
    ? new CredentialsMisconfigured({ provider, reason: `${path}: links that lead to each other` })
    : new CredentialsUnavailable({
      provider,
      reason: `${path}: cannot be read (${kindOf(error)})`,
      hint: kindOf(error) === "PermissionDenied"
        ? `Make the file readable: chown it to the user of this program; check: ls -l ${path}`
        : undefined
    })
