/**
 * What clients get: the fields of the official protocol, or an error that says whether they may ask again.
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { CredentialError } from "../../CredentialError.ts"
import type { AccessKey, Credentials, StsToken } from "../../Credentials.ts"
import { inOneLine } from "../provider/errors.ts"
import { formatInstant } from "../wire/time.ts"

/** @internal */
export interface Answer {
  readonly status: number
  readonly contentType: "application/json" | "text/plain" | "text/html"
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** @internal */
export const json = (status: number, body: object, headers: Answer["headers"] = {}): Answer => ({
  status,
  contentType: "application/json",
  body: JSON.stringify(body),
  headers
})

/** @internal */
export const problem = (status: number, code: string, message: string, headers?: Answer["headers"]): Answer =>
  json(status, { Code: code, Message: message }, headers)

/** The fields of a session. `more` are those that only the metadata service has. */
const success = (key: AccessKey | StsToken, securityToken: string, expiration: number, more: object): Answer =>
  json(200, {
    Code: "Success",
    AccessKeyId: key.accessKeyId,
    AccessKeySecret: Redacted.value(key.accessKeySecret),
    SecurityToken: securityToken,
    Expiration: formatInstant(expiration),
    ...more
  })

// The last instant that the protocol can express.
const latest = Date.UTC(9999, 11, 31, 23, 59, 59)

const sessionAnswer = (session: StsToken, now: number, more: object): Answer => {
  const expiration = Option.getOrUndefined(session.expiration)
  if (expiration === undefined) {
    return problem(403, "ExpirationUnknown", "it is not known when this session expires, and clients need to know it")
  }
  // The protocol has whole seconds. A session in its last one would arrive with an expiration in the past.
  const end = Math.min(latest, Math.floor(DateTime.toEpochMillis(expiration) / 1000) * 1000)
  return end > now
    ? success(session, Redacted.value(session.securityToken), end, more)
    : problem(503, "CredentialsExpired", "the session has expired", retryAfter(patience))
}

// A key does not expire, but every client needs a time after which it asks again.
const keyLife = 3_600_000

/** @internal */
export interface Rules {
  readonly allowAccessKeys: boolean
  readonly more: object
}

/** @internal */
export const credentialsAnswer = (credentials: Credentials, now: number, { allowAccessKeys, more }: Rules): Answer => {
  switch (credentials._tag) {
    case "StsToken":
      return sessionAnswer(credentials, now, more)
    case "AccessKey":
      return allowAccessKeys
        ? success(credentials, "", now + keyLife, more)
        : problem(403, "AccessKeyNotAllowed", "this server gives sessions only, and the program has an AccessKey")
    case "BearerToken":
      return problem(
        403,
        "BearerTokenNotAllowed",
        "this server gives sessions only, and the program has a bearer token"
      )
  }
}

/** Whole seconds, as `Retry-After` wants them, and never none. @internal */
export const retryAfter = (millis: number): Readonly<Record<string, string>> => ({
  "retry-after": String(Math.max(1, Math.ceil(millis / 1000)))
})

/** @internal */
export const throttled = (wait: number): Answer => problem(429, "Throttling", "too many requests", retryAfter(wait))

const patience = 1000

/** @internal */
export const tooLong: Answer = problem(
  503,
  "CredentialsUnavailable",
  "there are no credentials yet",
  retryAfter(patience)
)

/** @internal */
export const tooMany: Answer = problem(
  503,
  "CredentialsUnavailable",
  "there are no credentials yet, and too many requests wait for them",
  retryAfter(patience)
)

/** @internal */
export const defect: Answer = problem(
  503,
  "CredentialsUnavailable",
  "there are no credentials because of a fault of the program",
  retryAfter(patience)
)

/** Clients ask again after a 503, and not after a 403. Only trusted clients get the message. @internal */
export const failureAnswer = (error: CredentialError, isTrusted: boolean): Answer => {
  const message = isTrusted ? inOneLine(error) : "there are no credentials"
  if (!error.isTransient) return problem(403, error._tag, message)
  const wait = error._tag === "CredentialsUnavailable" ? error.retryAfter : undefined
  return problem(503, error._tag, message, retryAfter(wait === undefined ? patience : Duration.toMillis(wait)))
}
