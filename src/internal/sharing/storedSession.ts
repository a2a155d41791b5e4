/**
 * Sessions as texts, for a store that several processes share.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { StsToken } from "../../Credentials.ts"
import { decodeJson } from "../wire/json.ts"
import { Instant, SessionKeys } from "../wire/session.ts"
import type { Seal } from "./seal.ts"

/** Times are epoch milliseconds. @internal */
export interface Stored {
  readonly session: StsToken
  readonly expiresAt: number
  /** By the clock of the process that wrote it. */
  readonly obtainedAt: number
}

/** Both return None for what is not valid, or was not made for the same session. @internal */
export interface Codec {
  readonly encode: (stored: Stored) => Effect.Effect<Option.Option<string>>
  readonly decode: (text: string) => Effect.Effect<Option.Option<Stored>>
}

const Fields = Schema.Struct({
  ...SessionKeys.fields,
  Provider: Schema.String,
  ObtainedAt: Instant,
  For: Schema.String
})

const decodeFields = decodeJson(Fields)
const encodeFields = Schema.encodeOption(Fields)

/** `entry` says which session it is. @internal */
export const makeCodec = (entry: string, seal: Seal | undefined): Codec => ({
  encode: ({ expiresAt, obtainedAt, session }) => {
    const fields = encodeFields({
      AccessKeyId: session.accessKeyId,
      AccessKeySecret: session.accessKeySecret,
      SecurityToken: session.securityToken,
      Expiration: expiresAt,
      Provider: session.provider,
      ObtainedAt: obtainedAt,
      For: entry
    })
    if (Option.isNone(fields)) return Effect.succeedNone
    const text = JSON.stringify(fields.value)
    return seal === undefined ? Effect.succeedSome(text) : seal.close(text)
  },
  decode: (text) =>
    text.length > longest
      ? Effect.succeedNone
      : Effect.map(seal === undefined ? Effect.succeedSome(text) : seal.open(text), Option.flatMap(read(entry)))
})

// Many times as long as a session. Decoding some megabytes would stop the process for a second.
const longest = 256 * 1024

const read = (entry: string) => (text: string): Option.Option<Stored> => {
  const fields = decodeFields("", text)
  if (fields._tag === "Left" || fields.right.For !== entry) return Option.none()
  const { AccessKeyId, AccessKeySecret, Expiration, ObtainedAt, Provider, SecurityToken } = fields.right
  return Option.some({
    session: StsToken({
      provider: Provider,
      accessKeyId: AccessKeyId,
      accessKeySecret: Redacted.make(Redacted.value(AccessKeySecret)),
      securityToken: Redacted.make(Redacted.value(SecurityToken)),
      expiration: Option.some(DateTime.unsafeMake(Expiration))
    }),
    expiresAt: Expiration,
    obtainedAt: ObtainedAt
  })
}
