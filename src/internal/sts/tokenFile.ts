/**
 * The OIDC token of a file that somebody else swaps while we read it.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import { type CredentialError, CredentialsMisconfigured, CredentialsUnavailable } from "../../CredentialError.ts"

// STS takes at most 20 000 characters.
const maxBytes = 64 * 1024

const swapping = Schedule.intersect(Schedule.spaced("100 millis"), Schedule.recurs(3))

/** @internal */
export const readOidcToken = (
  files: FileSystem.FileSystem,
  provider: string,
  path: string
): Effect.Effect<Redacted.Redacted, CredentialError> => {
  const unavailable = (reason: string) =>
    new CredentialsUnavailable({
      provider,
      reason: `${path}: ${reason}`,
      hint: "Check ALIBABA_CLOUD_OIDC_TOKEN_FILE, or the option oidcTokenFile"
    })
  const unreadable = (error: PlatformError): CredentialError =>
    error._tag === "BadArgument"
      ? new CredentialsMisconfigured({ provider, at: "oidcTokenFile", reason: "not a path" })
      : unavailable(error.reason === "NotFound" ? "no such file" : `cannot be read (${error.reason})`)
  const read = Effect.gen(function*() {
    const { size, type } = yield* Effect.mapError(files.stat(path), unreadable)
    if (type !== "File" || size > maxBytes) {
      return yield* new CredentialsMisconfigured({ provider, at: path, reason: "not a file of at most 64 KiB" })
    }
    const token = (yield* Effect.mapError(files.readFileString(path), unreadable)).trim()
    if (token === "") return yield* Effect.fail(unavailable("empty"))
    if (/[\p{C}\uFFFD]/u.test(token)) {
      return yield* new CredentialsMisconfigured({ provider, at: path, reason: "not the text of a token" })
    }
    return token
  })
  const readWhole = Effect.filterOrFail(read, (token) => !isCutShort(token), () => unavailable("cut short"))
  return readWhole.pipe(
    Effect.retry({ schedule: swapping, while: (error) => error._tag === "CredentialsUnavailable" }),
    // What does not look like a JSON Web Token may still be a token to the server.
    Effect.orElse(() => read),
    Effect.map((token) => Redacted.make(token))
  )
}

const isCutShort = (token: string): boolean => token.startsWith("eyJ") && !/^[^.]+\.[^.]+\.[^.]+$/.test(token)
