/**
 * The tokens and the session in one profile of `config.json`, which the CLI and other tools read and write too.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as CloudSso from "../../CloudSso.ts"
import { type CredentialError, CredentialsUnavailable } from "../../CredentialError.ts"
import { StsToken } from "../../Credentials.ts"
import type * as OAuth from "../../OAuth.ts"
import type { Store } from "../login/store.ts"
import * as names from "../provider/names.ts"
import { toEffect } from "../wire/result.ts"
import * as configFile from "./configFile.ts"
import { type Document, type Issue, misconfigured, type Version } from "./document.ts"
import { quoted } from "./quoted.ts"

/** The stores of the profiles of one file. @internal */
export interface ProfileStores {
  readonly oauth: (profile: configFile.Profile) => Required<Store<OAuth.Login>>
  readonly cloudSso: (profile: configFile.Profile) => Required<Store<CloudSso.Login>>
  /** For a program that prints sessions, only the session is stored. */
  readonly external: (profile: configFile.Profile) => Required<Store<Option.Option<StsToken>>>
}

/**
 * For each profile name, the session that was last seen in the profile, and the settings and tokens it was seen with.
 * It outlives the stores: the store of a changed profile knows which session belongs to the settings before.
 *
 * The file does not say what a session was obtained with, so a program that starts after the change cannot know.
 */
type Origins = Map<string, { readonly session: unknown; readonly origin: string }>

/** @internal */
export const make = (document: Document<configFile.ConfigFile>): ProfileStores => {
  const origins: Origins = new Map()
  return {
    oauth: (profile) => makeStore({ document, origins, profile, ...oauth }),
    cloudSso: (profile) => makeStore({ document, origins, profile, ...cloudSso }),
    external: (profile) => makeStore({ document, origins, profile, ...external })
  }
}

/** The fields that a session depends on. */
interface Binding {
  /** Only the user changes these. */
  readonly settings: ReadonlyArray<string>
  /** These change with each login, and some with each renewal. */
  readonly tokens: ReadonlyArray<string>
}

/** How a login is stored in a profile. */
interface Format<Login> {
  readonly provider: string
  readonly binding: Binding
  readonly decode: (profile: configFile.Profile) => Either.Either<Login, Issue>
  readonly encode: (login: Login) => configFile.Stored
}

interface Options<Login> extends Format<Login> {
  readonly document: Document<configFile.ConfigFile>
  readonly origins: Origins
  readonly profile: configFile.Profile
}

const makeStore = <Login>(options: Options<Login>): Required<Store<Login>> => {
  const { binding, decode, document, encode, origins, profile: { mode, name }, provider } = options
  const settingsOf = (profile: configFile.Profile) => textsOf(profile, binding.settings)
  const tokensOf = (profile: configFile.Profile) => textsOf(profile, binding.tokens)
  const settings = settingsOf(options.profile)
  // The tokens of the login that was loaded last, and those that this program replaced them with.
  let own = new Set([tokensOf(options.profile)])

  /** Whether the session of a profile was obtained with its present settings and tokens, as far as this is known. */
  const isBound = (profile: configFile.Profile): boolean => {
    const origin = JSON.stringify([mode, settingsOf(profile), tokensOf(profile)])
    const session = profile.fields["access_key_id"]
    const seen = origins.get(name)
    if (seen !== undefined && seen.session === session) return seen.origin === origin
    origins.set(name, { session, origin })
    return true
  }
  isBound(options.profile)

  const profileOf = (
    { content, path }: Version<configFile.ConfigFile>
  ): Either.Either<configFile.Profile, CredentialError> =>
    configFile.pick(content, name).pipe(
      Either.filterOrLeft((profile) => profile.mode === mode, () => ({
        at: `profile ${quoted(name)}: mode`,
        reason: `is no longer ${mode}`
      })),
      Either.mapLeft((issue) => misconfigured(provider, path, issue))
    )

  const edit = (login: Login) => (version: Version<configFile.ConfigFile>): Either.Either<string, CredentialError> =>
    Either.flatMap(profileOf(version), (profile) => {
      // A session of the login before must not be stored with another login.
      if (settingsOf(profile) !== settings || !own.has(tokensOf(profile))) {
        return Either.left(
          new CredentialsUnavailable({
            provider,
            reason: `${version.path}: profile ${quoted(name)} was changed by another program`
          })
        )
      }
      const stored = encode(login)
      const next = { ...profile, fields: { ...profile.fields, ...stored } }
      own.add(tokensOf(next))
      return Either.right(configFile.withStored(version.text, profile, stored) ?? version.text)
    })

  const loginOf = (version: Version<configFile.ConfigFile>): Either.Either<Login, CredentialError> =>
    Either.flatMap(profileOf(version), (profile) => {
      const tokens = tokensOf(profile)
      if (!own.has(tokens)) own = new Set([tokens])
      const usable = isBound(profile) && settingsOf(profile) === settings ? profile : withoutSession(profile)
      return Either.mapLeft(decode(usable), (issue) => misconfigured(provider, version.path, issue))
    })

  return {
    load: Effect.flatMap(document.read, (version) => toEffect(loginOf(version))),
    save: (login) =>
      Effect.flatMap(
        document.update(edit(login)),
        (version) => toEffect(Either.map(profileOf(version), (stored) => void isBound(stored)))
      ),
    prepare: document.prepare,
    exclusively: document.exclusively
  }
}

/** Fields that are not text count as absent. */
const textsOf = ({ fields }: configFile.Profile, names: ReadonlyArray<string>): string =>
  JSON.stringify(names.map((name) => typeof fields[name] === "string" ? fields[name] : null))

const withoutSession = (profile: configFile.Profile): configFile.Profile => ({
  ...profile,
  fields: { ...profile.fields, access_key_id: undefined }
})

const optionalText = Schema.optional(Schema.String)

const optionalSeconds = Schema.optional(Schema.NonNegative)

const decodeOAuth = configFile.decodeFields(Schema.Struct({
  oauth_access_token: optionalText,
  oauth_refresh_token: optionalText,
  oauth_access_token_expire: optionalSeconds
}))

const decodeCloudSso = configFile.decodeFields(Schema.Struct({
  access_token: optionalText,
  cloud_sso_access_token_expire: optionalSeconds
}))

const decodeSession = configFile.decodeFields(Schema.Struct({
  access_key_id: Schema.String,
  access_key_secret: Schema.String,
  sts_token: Schema.String,
  sts_expiration: Schema.NonNegative
}))

/** A session with a missing field, or without an expiration, is not used. */
const sessionOf = (provider: string, profile: configFile.Profile): Option.Option<StsToken> =>
  Option.map(Either.getRight(decodeSession(profile)), (fields) =>
    StsToken({
      provider,
      accessKeyId: fields.access_key_id,
      accessKeySecret: Redacted.make(fields.access_key_secret),
      securityToken: Redacted.make(fields.sts_token),
      expiration: seconds(fields.sts_expiration)
    }))

const fieldsOf = (session: Option.Option<StsToken>): configFile.Stored =>
  Option.match(session, {
    onNone: () => ({}),
    onSome: ({ accessKeyId, accessKeySecret, expiration, securityToken }) => ({
      access_key_id: accessKeyId,
      access_key_secret: Redacted.value(accessKeySecret),
      sts_token: Redacted.value(securityToken),
      sts_expiration: Option.match(expiration, { onNone: () => 0, onSome: toSeconds })
    })
  })

const secret = (text: string | undefined): Option.Option<Redacted.Redacted> =>
  Option.map(Option.fromNullable(text), (text) => Redacted.make(text))

const seconds = (epoch: number | undefined): Option.Option<DateTime.Utc> =>
  Option.flatMap(Option.fromNullable(epoch), (epoch) => DateTime.make(epoch * 1000))

const toSeconds = (time: DateTime.Utc): number => Math.floor(DateTime.toEpochMillis(time) / 1000)

const oauth: Format<OAuth.Login> = {
  provider: names.oauth,
  binding: { settings: ["oauth_site_type"], tokens: ["oauth_access_token", "oauth_refresh_token"] },
  decode: (profile) =>
    Either.map(decodeOAuth(profile), (fields) => ({
      accessToken: secret(fields.oauth_access_token),
      accessTokenExpiration: seconds(fields.oauth_access_token_expire),
      refreshToken: secret(fields.oauth_refresh_token),
      session: sessionOf(names.oauth, profile)
    })),
  encode: ({ accessToken, accessTokenExpiration, refreshToken, session }) => ({
    ...(Option.isSome(accessToken) ? { oauth_access_token: Redacted.value(accessToken.value) } : {}),
    // Zero is what the CLI writes for an unknown time. The one of the token before must not stay.
    ...(Option.isSome(accessToken)
      ? { oauth_access_token_expire: Option.match(accessTokenExpiration, { onNone: () => 0, onSome: toSeconds }) }
      : {}),
    ...(Option.isSome(refreshToken) ? { oauth_refresh_token: Redacted.value(refreshToken.value) } : {}),
    ...fieldsOf(session)
  })
}

const cloudSso: Format<CloudSso.Login> = {
  provider: names.cloudSso,
  binding: {
    settings: ["cloud_sso_sign_in_url", "cloud_sso_account_id", "cloud_sso_access_config"],
    tokens: ["access_token"]
  },
  decode: (profile) =>
    Either.map(decodeCloudSso(profile), (fields) => ({
      accessToken: secret(fields.access_token),
      accessTokenExpiration: seconds(fields.cloud_sso_access_token_expire),
      session: sessionOf(names.cloudSso, profile)
    })),
  encode: (login) => fieldsOf(login.session)
}

const external: Format<Option.Option<StsToken>> = {
  provider: names.external,
  binding: { settings: ["process_command"], tokens: [] },
  decode: (profile) => Either.right(sessionOf(names.external, profile)),
  encode: fieldsOf
}
