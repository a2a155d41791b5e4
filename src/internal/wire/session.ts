/**
 * The session in an answer: JSON with four fields, which every server that issues sessions sends in some wrapping.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type CredentialError, CredentialsMalformed } from "../../CredentialError.ts"
import { StsToken } from "../../Credentials.ts"
import { parsed } from "../compat/schema.ts"
import * as appearance from "./appearance.ts"
import type { Answer } from "./http.ts"
import { decodeJson, parseJson } from "./json.ts"
import { toEffect } from "./result.ts"
import { serviceError } from "./serviceError.ts"
import { type Exchange, formatInstant, parseInstant, sessionEnd } from "./time.ts"

/** An instant as text, to milliseconds. @internal */
export const Instant = parsed(Schema.Number, parseInstant, (millis) => new Date(millis).toISOString())

/** @internal */
export const SessionKeys = Schema.Struct({
  AccessKeyId: Schema.NonEmptyString,
  AccessKeySecret: Schema.Redacted(Schema.NonEmptyString),
  SecurityToken: Schema.Redacted(Schema.NonEmptyString),
  Expiration: Instant
})

/** @internal */
export type SessionKeys = typeof SessionKeys.Type

/** Reads the sessions of one source. @internal */
export interface SessionReader {
  /** `longest` is the requested duration in milliseconds, if the request names one. */
  readonly toStsToken: (
    provider: string,
    keys: SessionKeys,
    exchange: Exchange,
    longest?: number
  ) => Effect.Effect<StsToken>
  /** The answer of the metadata service and of a credentials URI: a session, and a `Code` that says whether it is one. */
  readonly interpretCoded: (
    provider: string,
    answer: Answer,
    secrets: ReadonlyArray<string>
  ) => Effect.Effect<StsToken, CredentialError>
}

/** @internal */
export const makeReader = (): SessionReader => {
  let hasWarned = false

  const warn = (exchange: Exchange): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (hasWarned) return Effect.void
      hasWarned = true
      return Effect.logWarning(clocksDiffer(exchange))
    })

  const toStsToken: SessionReader["toStsToken"] = (provider, keys, exchange, longest) => {
    const { at, isDisputed } = sessionEnd(keys.Expiration, exchange, longest)
    const token = StsToken({
      provider,
      accessKeyId: keys.AccessKeyId,
      accessKeySecret: Redacted.make(Redacted.value(keys.AccessKeySecret)),
      securityToken: Redacted.make(Redacted.value(keys.SecurityToken)),
      expiration: Option.some(DateTime.unsafeMake(at))
    })
    return isDisputed ? Effect.as(warn(exchange), token) : Effect.succeed(token)
  }

  return {
    toStsToken,
    interpretCoded: (provider, answer, secrets) =>
      answer.status !== 200 || !isSuccess(answer.body)
        ? Effect.fail(serviceError(provider, answer, secrets))
        : Effect.flatMap(
          Effect.mapError(toEffect(decode(provider, answer.body)), (error) => withOtherNames(answer, error)),
          (keys) => toStsToken(provider, keys, answer.exchange)
        )
  }
}

const clocksDiffer = ({ readAt, serverDate }: Exchange): string =>
  `the clocks of this machine and of the server differ, and one of them says that the session has expired: ` +
  `${formatInstant(readAt)} here, ${serverDate === undefined ? "unknown" : formatInstant(serverDate)} there`

const decode = decodeJson(SessionKeys)

const names = {
  expected: Object.keys(SessionKeys.fields),
  known: ["Code", "Message", "RequestId", "LastUpdated"]
}

/** The server of another cloud has other names for the fields. */
const withOtherNames = ({ body, host }: Answer, error: CredentialsMalformed): CredentialsMalformed => {
  const other = error.issues.every((issue) => issue.endsWith(" is missing"))
    ? appearance.otherNames(body, names)
    : undefined
  return other === undefined
    ? error
    : new CredentialsMalformed({ provider: error.provider, issues: [`${host}: the answer has ${other}`] })
}

/** Also true without a `Code`, which not every server sends. */
const isSuccess = (body: string): boolean => {
  const json = Option.getOrUndefined(parseJson(body))
  const code = typeof json === "object" && json !== null ? (json as { readonly Code?: unknown }).Code : undefined
  return code === undefined || code === "Success"
}
