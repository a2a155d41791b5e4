/**
 * The tokens and the session of one profile of `config.json`, where the CLI and the other tools keep theirs too.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as CloudSso from "../../CloudSso.ts"
import { type CredentialError, CredentialsMisconfigured, CredentialsUnavailable } from "../../CredentialError.ts"
import { StsToken } from "../../Credentials.ts"
import type * as OAuth from "../../OAuth.ts"
import type { LockFailure } from "../files/lockFile.ts"
import * as textFile from "../files/textFile.ts"
import * as writeBack from "../files/writeBack.ts"
import * as configFile from "./configFile.ts"
import { quoted } from "./quoted.ts"

/** Which profile, and who asks. @internal */
export interface ProfilePlace extends writeBack.Place {
  readonly provider: string
  readonly profile: configFile.Profile
  /** Told the text of the file whenever it was changed. */
  readonly rewritten: (text: string) => void
  readonly origins: Origins
}

/**
 * By the names of profiles, the session that was last seen in each, and what the profile said of its source when it
 * was. It outlives the stores: one that is made because the source was changed finds the session of the old source.
 *
 * The file itself does not say what a session was got with. A program that starts after the change cannot tell.
 *
 * @internal
 */
export type Origins = Map<string, { readonly session: unknown; readonly origin: string }>

/** @internal */
export interface ProfileStore<Login> {
  readonly load: Effect.Effect<Login, CredentialError>
  readonly save: (login: Login) => Effect.Effect<void, CredentialError>
  readonly exclusively: <A>(use: Effect.Effect<A, CredentialError>) => Effect.Effect<A, CredentialError>
}

/** @internal */
export const oauth = (place: ProfilePlace): ProfileStore<OAuth.Login> =>
  make(place, {
    settings: ["oauth_site_type"],
    tokens: ["oauth_access_token", "oauth_refresh_token"]
  }, (profile) =>
    Either.map(decodeOAuth(profile), (fields): OAuth.Login => ({
      accessToken: secret(fields.oauth_access_token),
      accessTokenExpiration: seconds(fields.oauth_access_token_expire),
      refreshToken: secret(fields.oauth_refresh_token),
      session: sessionOf(place.provider, profile)
    })), (login) => ({
      ...(Option.isSome(login.accessToken) ? { oauth_access_token: Redacted.value(login.accessToken.value) } : {}),
      ...(Option.isSome(login.accessTokenExpiration)
        ? { oauth_access_token_expire: toSeconds(login.accessTokenExpiration.value) }
        : {}),
      ...(Option.isSome(login.refreshToken) ? { oauth_refresh_token: Redacted.value(login.refreshToken.value) } : {}),
      ...fieldsOf(login.session)
    }))

/** @internal */
export const cloudSso = (place: ProfilePlace): ProfileStore<CloudSso.Login> =>
  make(place, {
    settings: ["cloud_sso_sign_in_url", "cloud_sso_account_id", "cloud_sso_access_config"],
    tokens: ["access_token"]
  }, (profile) =>
    Either.map(decodeCloudSso(profile), (fields): CloudSso.Login => ({
      accessToken: secret(fields.access_token),
      accessTokenExpiration: seconds(fields.cloud_sso_access_token_expire),
      session: sessionOf(place.provider, profile)
    })), (login) => fieldsOf(login.session))

/** Of a program that prints sessions, there is nothing to keep but the session. @internal */
export const external = (place: ProfilePlace): ProfileStore<Option.Option<StsToken>> =>
  make(
    place,
    { settings: ["process_command"], tokens: [] },
    (profile) => Either.right(sessionOf(place.provider, profile)),
    fieldsOf
  )

/** The fields that say whose a session is. */
interface Binding {
  /** Only the user changes these. */
  readonly settings: ReadonlyArray<string>
  /** These change with each login, and some with each renewal. */
  readonly tokens: ReadonlyArray<string>
}

const make = <Login>(
  place: ProfilePlace,
  binding: Binding,
  decode: (profile: configFile.Profile) => Either.Either<Login, configFile.Issue>,
  encode: (login: Login) => configFile.Stored
): ProfileStore<Login> => {
  const { file, files, origins, profile: { mode, name }, provider } = place
  const settingsOf = (profile: configFile.Profile) => textsOf(profile, binding.settings)
  const tokensOf = (profile: configFile.Profile) => textsOf(profile, binding.tokens)
  const settings = settingsOf(place.profile)
  // The tokens of the login that was loaded last, and those that this program made of them.
  let own = new Set([tokensOf(place.profile)])
  let held: writeBack.Held | undefined = undefined

  /** Whether the session of a profile is that of its source, as far as one can tell. */
  const isBound = (profile: configFile.Profile): boolean => {
    const origin = JSON.stringify([mode, settingsOf(profile), tokensOf(profile)])
    const session = profile.fields["access_key_id"]
    const seen = origins.get(name)
    if (seen !== undefined && seen.session === session) return seen.origin === origin
    origins.set(name, { session, origin })
    return true
  }
  isBound(place.profile)

  const wrong = ({ at, reason }: configFile.Issue) =>
    new CredentialsMisconfigured({ provider, at: at === undefined ? file : `${file}: ${at}`, reason })

  // Read again at each use, since the CLI and other programs write to it too.
  const current = Effect.flatMap(
    textFile.readWhole(files, provider, file, configFile.isCutShort),
    (text) =>
      configFile.parse(text).pipe(
        Either.flatMap((config) => configFile.pick(config, name)),
        Either.filterOrLeft((profile) => profile.mode === mode, () => ({
          at: `profile ${quoted(name)}: mode`,
          reason: `is no longer ${mode}`
        })),
        Either.mapBoth({ onLeft: wrong, onRight: (profile) => ({ profile, text }) })
      )
  )

  const meanwhile = () =>
    new CredentialsUnavailable({ provider, reason: `${file}: profile ${quoted(name)} was changed meanwhile` })

  const writeOnce = (
    { replace, stamp }: writeBack.Held,
    login: Login
  ): Effect.Effect<boolean, CredentialError> =>
    Effect.gen(function*() {
      const since = yield* Effect.mapError(stamp, (error) => notWritten(provider, error))
      const { profile, text } = yield* current
      // What was got with the login before has no place in the next one.
      if (settingsOf(profile) !== settings || !own.has(tokensOf(profile))) return yield* meanwhile()
      const stored = encode(login)
      const changed = configFile.withStored(text, profile, stored) ?? text
      if (changed === text) return true
      const next = { ...profile, fields: { ...profile.fields, ...stored } }
      own.add(tokensOf(next))
      if (!(yield* Effect.mapError(replace(changed, since), (error) => notWritten(provider, error)))) return false
      isBound(next)
      place.rewritten(changed)
      return true
    })

  const write = (held: writeBack.Held, login: Login): Effect.Effect<void, CredentialError> =>
    Effect.filterOrFail(writeOnce(held, login), (done) => done, () => undefined).pipe(
      Effect.retry({ times: 3, while: (error) => error === undefined }),
      Effect.mapError((error) => error ?? meanwhile())
    )

  const withLock = <A>(use: (held: writeBack.Held) => Effect.Effect<A, CredentialError>) =>
    Effect.catchTag(
      writeBack.exclusively(place, use),
      "LockFailure",
      (error) => Effect.fail(notWritten(provider, error))
    )

  return {
    load: Effect.flatMap(current, ({ profile }) => {
      const tokens = tokensOf(profile)
      if (!own.has(tokens)) own = new Set([tokens])
      const usable = isBound(profile) && settingsOf(profile) === settings ? profile : withoutSession(profile)
      return Either.mapLeft(decode(usable), wrong)
    }),
    save: (login) =>
      Effect.suspend(() => held === undefined ? withLock((own) => write(own, login)) : write(held, login)),
    exclusively: (use) =>
      withLock((own) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            held = own
          }),
          () => use,
          () =>
            Effect.sync(() => {
              held = undefined
            })
        )
      )
  }
}

/** Fields that are no texts count as absent. */
const textsOf = ({ fields }: configFile.Profile, names: ReadonlyArray<string>): string =>
  JSON.stringify(names.map((name) => typeof fields[name] === "string" ? fields[name] : null))

const withoutSession = (profile: configFile.Profile): configFile.Profile => ({
  ...profile,
  fields: { ...profile.fields, access_key_id: undefined }
})

const notWritten = (provider: string, { busy, reason }: LockFailure): CredentialError =>
  busy
    ? new CredentialsUnavailable({ provider, reason })
    : new CredentialsMisconfigured({ provider, reason })

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

/** A session that is not whole, or does not say when it ends, is as good as none. */
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
