/**
 * The answers of every server that hands out sessions: JSON with four fields, under one name or another.
 */
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { CredentialsMalformed } from "../../CredentialError.ts"
import { StsToken } from "../../Credentials.ts"
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

/** @internal */
export const parseJson = (text: string): Option.Option<unknown> =>
  isDeep(text) ? Option.none() : Option.liftThrowable(JSON.parse as (text: string) => unknown)(text)

// What decodes and describes a value goes down into it, and a megabyte of brackets is deeper than a stack.
const deepest = 200

const isDeep = (text: string): boolean => {
  let depth = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === "[" || token === "{") depth += 1
    else if (token === "]" || token === "}") depth -= 1
    if (depth > deepest) return true
  }
  return false
}

/**
 * Decodes a JSON text, or tells which fields are wrong and in which way. The errors of Schema quote what they reject,
 * so that nothing of them but paths and kinds goes on. `whole` is what the text is to a reader of the error.
 *
 * @internal
 */
export const decodeJson = <A, I>(
  schema: Schema.Schema<A, I>,
  whole = "the body"
): (provider: string, text: string) => Either.Either<A, CredentialsMalformed> => {
  const decode = Schema.decodeUnknownEither(schema, { errors: "all" })
  const malformed = (provider: string, issues: ReadonlyArray<string>) =>
    Either.left(new CredentialsMalformed({ provider, issues }))
  return (provider, text) =>
    Option.match(parseJson(text), {
      onNone: () => malformed(provider, [`${whole} is not JSON`]),
      onSome: (json) => Either.orElse(decode(json), (error) => malformed(provider, describeIssues(error, whole)))
    })
}

/** `AccessKeySecret: Missing` for each thing that is wrong, without its value. @internal */
export const describeIssues = (error: ParseResult.ParseError, whole = "the body"): ReadonlyArray<string> =>
  ParseResult.ArrayFormatter.formatErrorSync(error).map(
    (issue) => `${issue.path.length === 0 ? whole : issue.path.map(String).join(".")}: ${issue._tag}`
  )

// No session lasts longer. Where one seems to, it is the date of the answer that is wrong.
const longestSession = 36 * 60 * 60 * 1000

/** Rewrites the server's expiration to the local clock when the two differ. @internal */
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
