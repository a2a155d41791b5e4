/**
 * The session in an answer: JSON with four fields, which every server that issues sessions sends in some wrapping.
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { CredentialError } from "../../CredentialError.ts"
import { StsToken } from "../../Credentials.ts"
import type { Answer } from "./http.ts"
import { decodeJson, parseJson } from "./json.ts"
import { serviceError } from "./serviceError.ts"
import { parseInstant, skew } from "./time.ts"

/** An instant as text, to milliseconds. @internal */
export const Instant = Schema.transformOrFail(Schema.String, Schema.Number, {
  strict: true,
  decode: (text, _, ast) => {
    const millis = parseInstant(text)
    return millis === undefined ? ParseResult.fail(new ParseResult.Type(ast, text)) : ParseResult.succeed(millis)
  },
  encode: (millis) => ParseResult.succeed(new Date(millis).toISOString())
})

/** @internal */
export const SessionKeys = Schema.Struct({
  AccessKeyId: Schema.NonEmptyString,
  AccessKeySecret: Schema.Redacted(Schema.NonEmptyString),
  SecurityToken: Schema.Redacted(Schema.NonEmptyString),
  Expiration: Instant
})

/** @internal */
export type SessionKeys = typeof SessionKeys.Type

// No session lasts longer. If one seems to, the date of the answer is wrong.
const longestSession = 36 * 60 * 60 * 1000

/** Converts the server's expiration to the local clock if the two clocks differ. @internal */
export const localExpiration = (expiration: number, now: number, serverDate: number | undefined): number =>
  serverDate !== undefined && expiration - serverDate > longestSession
    ? expiration
    : expiration - skew(now, serverDate)

/** @internal */
export const toStsToken = (
  provider: string,
  keys: SessionKeys,
  now: number,
  serverDate: number | undefined
): StsToken =>
  StsToken({
    provider,
    accessKeyId: keys.AccessKeyId,
    accessKeySecret: Redacted.make(Redacted.value(keys.AccessKeySecret)),
    securityToken: Redacted.make(Redacted.value(keys.SecurityToken)),
    expiration: Option.some(DateTime.unsafeMake(localExpiration(keys.Expiration, now, serverDate)))
  })

const decode = decodeJson(SessionKeys)

/**
 * The answer of the metadata service and of a credentials URI: a session, and a `Code` that says whether it is one.
 *
 * @internal
 */
export const interpretCoded = (
  provider: string,
  answer: Answer,
  secrets: ReadonlyArray<string>
): Effect.Effect<StsToken, CredentialError> =>
  answer.status !== 200 || !isSuccess(answer.body)
    ? Effect.fail(serviceError(provider, answer, secrets))
    : Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Either.map(decode(provider, answer.body), (keys) => toStsToken(provider, keys, now, answer.serverDate)))

/** Also true without a `Code`, which not every server sends. */
const isSuccess = (body: string): boolean => {
  const json = Option.getOrUndefined(parseJson(body))
  const code = typeof json === "object" && json !== null ? (json as { readonly Code?: unknown }).Code : undefined
  return code === undefined || code === "Success"
}
