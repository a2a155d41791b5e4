/**
 * The modes of a profile of `config.json`, and the source that each of them describes.
 */
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { type CredentialError, CredentialsMisconfigured } from "../../CredentialError.ts"
import type * as CredentialProvider from "../../CredentialProvider.ts"
import { AccessKey, BearerToken, StsToken } from "../../Credentials.ts"
import * as CredentialsUri from "../../CredentialsUri.ts"
import * as EcsRamRole from "../../EcsRamRole.ts"
import * as OidcRoleArn from "../../OidcRoleArn.ts"
import * as RamRoleArn from "../../RamRoleArn.ts"
import type { SessionOptions } from "../../RequestLimits.ts"
import * as StaticCredentials from "../../StaticCredentials.ts"
import * as cloudSso from "../login/cloudSso.ts"
import * as oauth from "../login/oauth.ts"
import { makeReuse, saveAside } from "../login/store.ts"
import * as run from "../process/run.ts"
import { amend } from "../provider/errors.ts"
import * as fetched from "../provider/fetched.ts"
import * as names from "../provider/names.ts"
import { mapService, orFail } from "../provider/service.ts"
import * as variables from "../variables.ts"
import * as configFile from "./configFile.ts"
import type { Issue } from "./document.ts"
import { type ModeName, nearestMode, suggestedMode } from "./profileFields.ts"
import type { ProfileStores } from "./profileStore.ts"
import { quoted, quotedWord } from "./quoted.ts"

/** @internal */
export type Needs =
  | HttpClient.HttpClient
  | FileSystem.FileSystem
  | Path.Path
  | CommandExecutor.CommandExecutor
  | Scope.Scope

type Build = Effect.Effect<CredentialProvider.Service, CredentialError, Needs>

/** What a source needs to know about the file that describes it. @internal */
export interface Home {
  readonly file: string
  /** The file with the line where a profile begins now, and the name of the profile. */
  readonly placeOf: (profile: configFile.Profile) => string
  /** The same file, if the CLI needs an option to find it. */
  readonly named: string | undefined
  readonly stores: ProfileStores
  /** Options of the sources that are not in the file. */
  readonly sessions: SessionOptions
}

/** Builds a source for a given file. @internal */
export type Recipe = (home: Home) => Build

type Mode = (profile: configFile.Profile) => Either.Either<Recipe, Issue>

const mode = <A extends Readonly<Record<string, unknown>>, I>(
  schema: Schema.Schema<A, I>,
  recipe: (fields: A, profile: configFile.Profile, home: Home) => Build
): Mode => {
  const decode = configFile.decodeFields(schema)
  return (profile) => Either.map(decode(profile), (fields) => (home) => recipe(fields, profile, home))
}

/** The field of the file for each option of a source. */
const fieldNames: Readonly<Record<string, string>> = {
  roleArn: "ram_role_arn",
  roleSessionName: "ram_session_name",
  duration: "expired_seconds",
  externalId: "external_id",
  "sts.endpoint": "sts_endpoint",
  "sts.region": "sts_region",
  uri: "credentials_uri",
  command: "process_command",
  bearerToken: "bearer_token",
  signInUrl: "cloud_sso_sign_in_url",
  siteType: "oauth_site_type"
}

const inFile = (text: string): string =>
  Object.entries(fieldNames).reduce(
    (all, [option, field]) => all.replace(new RegExp(`(?<![\\w.])${option}(?![\\w.])`, "g"), field),
    text
  )

/** A source whose errors name the profile and its fields, or the profile whose credentials a server refused. */
const located = (home: Home, profile: configFile.Profile, source: configFile.Profile = profile) =>
(
  service: CredentialProvider.Service
): CredentialProvider.Service => {
  const locate = (error: CredentialError): CredentialError => {
    if (isOfServer(error)) {
      // That of the profile whose credentials are used says it already.
      if (error.reason.startsWith(`${home.file}:`)) return error
      return amend(error, { reason: `${home.placeOf(isOfKey(error) ? source : profile)}: ${error.reason}` })
    }
    if (error._tag !== "CredentialsMisconfigured") return error
    const place = home.placeOf(profile)
    const { at, reason } = error
    if (at === undefined || at === "sts") return amend(error, { at: place, reason: inFile(reason) })
    return Object.hasOwn(fieldNames, at) ? amend(error, { at: `${place}: ${inFile(at)}` }) : error
  }
  return mapService(service, { error: locate })
}

const isOfServer = (error: CredentialError) =>
  error._tag === "CredentialsRejected" || error._tag === "CredentialsUnavailable" ||
  error._tag === "CredentialsNotConfigured"

/** Whether a server refused the credentials of a request, and not what was asked for with them. */
const isOfKey = (error: CredentialError): boolean =>
  error._tag === "CredentialsRejected" &&
  /^(?:InvalidAccessKeyId|InvalidSecurityToken|MissingSecurityToken|SignatureDoesNotMatch)/.test(error.code ?? "")

const urisAllowed = variables.externalAllowed(names.credentialsUri, {
  reason: "credentials URIs in profiles are disabled",
  hint: "Unset the variable, or use credentials of another mode"
})

/** The file that a profile names, or that of the variable, as in the CLI. */
const tokenFileOr = (given: string | undefined): Effect.Effect<string, CredentialError> =>
  given === undefined
    ? Effect.flatMap(
      variables.read(names.oidcRoleArn, variables.oidcTokenFile),
      Option.match({
        onSome: (file) => Effect.succeed(file),
        onNone: () =>
          Effect.fail(
            new CredentialsMisconfigured({
              provider: names.oidcRoleArn,
              reason: `oidc_token_file is missing, and ${variables.names.oidcTokenFile} is not set`
            })
          )
      })
    )
    : Effect.succeed(given)

const text = Schema.NonEmptyString
const optional = Schema.optional(text)

const roleFields = {
  ram_role_arn: text,
  ram_session_name: optional,
  expired_seconds: Schema.optional(Schema.Number),
  policy: optional,
  external_id: optional,
  sts_endpoint: optional,
  sts_region: optional,
  enable_vpc: Schema.optional(Schema.Boolean)
}

const Role = Schema.Struct(roleFields)

const roleOptions = (fields: typeof Role.Type): RamRoleArn.RoleOptions => ({
  roleArn: fields.ram_role_arn,
  roleSessionName: fields.ram_session_name,
  duration: fields.expired_seconds === undefined ? undefined : Duration.seconds(fields.expired_seconds),
  policy: fields.policy,
  externalId: fields.external_id,
  sts: { endpoint: fields.sts_endpoint, region: fields.sts_region, vpc: fields.enable_vpc }
})

const keyFields = { access_key_id: text, access_key_secret: text }

const key = (
  fields: {
    readonly access_key_id: string
    readonly access_key_secret: string
    readonly sts_token?: string | undefined
  }
) => {
  const pair = { accessKeyId: fields.access_key_id, accessKeySecret: Redacted.make(fields.access_key_secret) }
  return StaticCredentials.make(
    fields.sts_token === undefined
      ? AccessKey({ ...pair, provider: names.staticAccessKey })
      : StsToken({
        ...pair,
        provider: names.staticStsToken,
        securityToken: Redacted.make(fields.sts_token),
        expiration: Option.none()
      })
  )
}

const modes: Readonly<Record<Exclude<ModeName, typeof configFile.chained>, Mode>> = {
  AK: mode(Schema.Struct(keyFields), (fields) => Effect.succeed(key(fields))),
  StsToken: mode(Schema.Struct({ ...keyFields, sts_token: text }), (fields) => Effect.succeed(key(fields))),
  // As in the CLI, the key that assumes the role may be that of a session, with a token.
  RamRoleArn: mode(
    Schema.Struct({ ...keyFields, sts_token: optional, ...roleFields }),
    (fields, _, home) => RamRoleArn.make({ ...home.sessions, ...roleOptions(fields), source: key(fields) })
  ),
  RamRoleArnWithRoleName: mode(
    Schema.Struct({ ...roleFields, ram_role_name: optional }),
    (fields, profile, home) =>
      Effect.flatMap(
        EcsRamRole.make({ ...home.sessions, roleName: fields.ram_role_name }),
        (source) =>
          RamRoleArn.make({ ...home.sessions, ...roleOptions(fields), source: located(home, profile)(source) })
      )
  ),
  EcsRamRole: mode(
    Schema.Struct({ ram_role_name: optional }),
    (fields, _, home) => EcsRamRole.make({ ...home.sessions, roleName: fields.ram_role_name })
  ),
  OIDC: mode(
    Schema.Struct({
      ...roleFields,
      oidc_provider_arn: text,
      oidc_token_file: optional,
      // One of the official tools reads these names instead of those above.
      role_session_name: optional,
      duration_seconds: Schema.optional(Schema.Number)
    }),
    (fields, _, home) =>
      Effect.flatMap(tokenFileOr(fields.oidc_token_file), (oidcTokenFile) =>
        OidcRoleArn.make({
          ...home.sessions,
          ...roleOptions({
            ...fields,
            ram_session_name: fields.ram_session_name ?? fields.role_session_name,
            expired_seconds: fields.expired_seconds ?? fields.duration_seconds
          }),
          oidcProviderArn: fields.oidc_provider_arn,
          oidcTokenFile
        })).pipe(orFail(names.oidcRoleArn))
  ),
  CredentialsURI: mode(
    Schema.Struct({ credentials_uri: text }),
    (fields, _, home) =>
      Effect.zipRight(
        urisAllowed,
        CredentialsUri.make({ ...home.sessions, uri: Redacted.make(fields.credentials_uri) })
      )
  ),
  BearerToken: mode(
    Schema.Struct({ bearer_token: text }),
    (fields) =>
      Effect.succeed(StaticCredentials.make(BearerToken({
        provider: names.bearer,
        // A pasted token may contain control characters, which are not allowed in a header.
        bearerToken: Redacted.make(fields.bearer_token.replace(/[\r\n\0]/g, ""))
      })))
  ),
  CloudSSO: mode(
    Schema.Struct({ cloud_sso_sign_in_url: text, cloud_sso_account_id: text, cloud_sso_access_config: text }),
    (fields, profile, home) =>
      cloudSso.make({
        ...home.sessions,
        signInUrl: fields.cloud_sso_sign_in_url,
        accountId: fields.cloud_sso_account_id,
        accessConfiguration: fields.cloud_sso_access_config,
        profile: profile.name,
        store: home.stores.cloudSso(profile)
      }, home.named)
  ),
  OAuth: mode(Schema.Struct({ oauth_site_type: optional }), (fields, profile, home) =>
    oauth.make({
      ...home.sessions,
      siteType: fields.oauth_site_type,
      profile: profile.name,
      store: home.stores.oauth(profile)
    }, home.named)),
  External: mode(Schema.Struct({ process_command: text }), (fields, profile, home) => {
    const store = home.stores.external(profile)
    const reuse = makeReuse()
    return Effect.flatMap(Effect.scope, (scope) =>
      run.make(
        { command: Redacted.make(fields.process_command), refresh: home.sessions.refresh },
        (run) =>
          Effect.gen(function*() {
            const stored = yield* Effect.flatMap(store.load, reuse.find)
            if (Option.isSome(stored)) return fetched.ofCredentials(reuse.hand(stored.value))
            const printed = yield* run
            const { credentials } = printed
            // A key that does not end stays where the program keeps it.
            if (credentials._tag !== "StsToken" || Option.isNone(credentials.expiration)) return printed
            yield* saveAside(
              scope,
              store.save(Option.some(credentials)),
              "the session could not be stored for other programs"
            )
            return fetched.ofCredentials(reuse.hand(credentials))
          })
      ))
  })
}

const refusals: Readonly<Record<string, string>> = {
  Anonymous: "Anonymous has no credentials",
  RsaKeyPair: "RsaKeyPair is not supported: Alibaba Cloud no longer issues such keys"
}

/** The source that a profile describes, unless it uses the credentials of another profile. @internal */
export const recipeOf: Mode = (profile) => {
  const found = Object.hasOwn(modes, profile.mode) ? modes[profile.mode as keyof typeof modes] : undefined
  if (found !== undefined) {
    return Either.map(found(profile), (recipe) => (home) => Effect.map(recipe(home), located(home, profile)))
  }
  const refusal = Object.hasOwn(refusals, profile.mode) ? refusals[profile.mode] : undefined
  const meant = nearestMode(profile.mode) ?? suggestedMode(profile.fields)
  return Either.left({
    at: `profile ${quoted(profile.name)}: mode`,
    line: profile.line(),
    reason: refusal ?? `${quotedWord(profile.mode)} is not a mode`,
    hint: refusal === undefined ? configFile.modeAdvice("Write", meant) : `Run: ${profile.configure}`
  })
}

/** The profile whose credentials assume a role. @internal */
export interface Source {
  readonly profile: configFile.Profile
  readonly service: CredentialProvider.Service
}

/** The role that a profile assumes with the credentials of another profile. @internal */
export const roleOf = (
  profile: configFile.Profile
): Either.Either<(home: Home, source: Source) => Build, Issue> =>
  Either.map(
    decodeRole(profile),
    (fields) => (home, source) =>
      Effect.map(
        RamRoleArn.make({ ...home.sessions, ...roleOptions(fields), source: source.service }),
        located(home, profile, source.profile)
      )
  )

const decodeRole = configFile.decodeFields(Role)
