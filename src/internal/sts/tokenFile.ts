/**
 * A token in a file that something else rotates while it is read: the OIDC token of a pod, the assertion of a sign-in.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import { type CredentialError, CredentialsMisconfigured, CredentialsUnavailable } from "../../CredentialError.ts"

/** @internal */
export interface TokenFile {
  readonly provider: string
  readonly path: string
  /** The option that names the file. */
  readonly option: string
  /** The environment variable that names it. */
  readonly variable?: string | undefined
  /** How to get the file: one sentence that starts with a verb. */
  readonly mount: string
  /** The largest size that the service takes. */
  readonly maxBytes: number
  /** Whether the text may be the first half of a token that is being written. */
  readonly isCutShort: (token: string) => boolean
}

/** Where a token comes from: `/token, last written at 2030-01-01T00:00:00.000Z`. @internal */
export const describe = (files: FileSystem.FileSystem, path: string): Effect.Effect<string> =>
  Effect.match(files.stat(path), {
    onFailure: () => path,
    onSuccess: ({ mtime }) =>
      Option.match(Option.flatMap(mtime, DateTime.make), {
        onNone: () => path,
        onSome: (time) => `${path}, last written at ${DateTime.formatIso(time)}`
      })
  })

const readFailure = (reason: string, mount: string): readonly [reason: string, fix: string] => {
  switch (reason) {
    case "NotFound":
      return ["no such file", mount]
    case "PermissionDenied":
      return [
        "cannot be read (PermissionDenied)",
        "Set securityContext.fsGroup of the pod, for example to 1000, so that its user may read the file"
      ]
    default:
      return [`cannot be read (${reason})`, mount]
  }
}

const rotation = Schedule.intersect(Schedule.spaced("100 millis"), Schedule.recurs(3))

/** @internal */
export const read = (
  files: FileSystem.FileSystem,
  file: TokenFile
): Effect.Effect<Redacted.Redacted, CredentialError> => {
  const { isCutShort, maxBytes, mount, option, path, provider, variable } = file
  const misconfigured = (at: string, reason: string) => new CredentialsMisconfigured({ provider, at, reason })
  const unavailable = (reason: string, fix: string) =>
    new CredentialsUnavailable({
      provider,
      reason: `${path}: ${reason}`,
      hint: `${fix}, or correct ${variable === undefined ? `the option ${option}` : variable}`
    })
  const unreadable = (error: PlatformError): CredentialError =>
    error._tag === "BadArgument"
      ? misconfigured(option, "not a path")
      : unavailable(...readFailure(error.reason, mount))
  const once = Effect.gen(function*() {
    const { size, type } = yield* Effect.mapError(files.stat(path), unreadable)
    if (type !== "File" || size > maxBytes) {
      return yield* misconfigured(path, `not a file of at most ${maxBytes / 1024} KiB`)
    }
    // Some tools wrap Base64 into lines.
    const token = (yield* Effect.mapError(files.readFileString(path), unreadable)).trim().replace(/\r?\n/g, "")
    if (token === "") {
      return yield* Effect.fail(
        unavailable("empty", `Recreate the pod; if the file stays empty, ${mount[0]?.toLowerCase()}${mount.slice(1)}`)
      )
    }
    if (/[\p{C}\uFFFD]/u.test(token)) return yield* misconfigured(path, "not the text of a token")
    return token
  })
  const whole = Effect.filterOrFail(once, (token) => !isCutShort(token), () => undefined)
  return whole.pipe(
    Effect.retry({ schedule: rotation, while: (error) => error?._tag !== "CredentialsMisconfigured" }),
    // What does not look whole may still be a token to the server.
    Effect.orElse(() => once),
    Effect.map((token) => Redacted.make(token))
  )
}
