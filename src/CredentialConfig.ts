/**
 * Credentials that the `Config` object of the official SDKs describes, for programs that already have one.
 *
 * @since 0.1.0
 */

import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as Record from "effect/Record"
import type * as Scope from "effect/Scope"
import * as CredentialChain from "./CredentialChain.ts"
import { CredentialsMisconfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as DefaultChain from "./DefaultChain.ts"
import * as parameterNames from "./internal/profile/parameterNames.ts"
import * as parameters from "./internal/profile/parameters.ts"
import * as parameterSource from "./internal/profile/parameterSource.ts"
import * as unknownKeys from "./internal/profile/unknownKeys.ts"
import * as names from "./internal/provider/names.ts"
import * as telemetry from "./internal/provider/telemetry.ts"
import * as variables from "./internal/variables.ts"
import { toEffect } from "./internal/wire/result.ts"

/**
 * Makes a provider from a config object. Its parameters are those of the official `Config`, with the names of Node.js
 * or of Python. Instances of the official class are accepted too.
 *
 * | `type` | required parameters; optional parameters |
 * | --- | --- |
 * | `access_key` | `accessKeyId`, `accessKeySecret` |
 * | `sts` | `accessKeyId`, `accessKeySecret`, `securityToken` |
 * | `bearer` | `bearerToken` |
 * | `ram_role_arn` | `accessKeyId`, `accessKeySecret`, `roleArn`; `securityToken`, `externalId`, role parameters |
 * | `oidc_role_arn` | `roleArn`, `oidcProviderArn`, `oidcTokenFilePath`; role parameters |
 * | `ecs_ram_role` | none; `roleName`, `disableIMDSv1`, request parameters |
 * | `credentials_uri` | `credentialsURI`; request parameters |
 *
 * Role parameters are `roleSessionName`, `roleSessionExpiration` (in seconds, 3600 by default), `policy`,
 * `stsEndpoint`, `stsRegionId` or `stsRegion`, `enableVpc`, and the request parameters. Request parameters are `timeout`
 * or `readTimeout`, and `connectTimeout` (in milliseconds, whole numbers from 100: smaller ones are an error, because
 * they are seconds that were meant for another tool). Numbers and booleans may be strings, and secrets may be
 * `Redacted`. Empty strings and null count as missing. Parameters that the type does not use and unknown names are
 * logged in one debug line, and unknown names that look like a typo of a known one also in a warning.
 *
 * Missing parameters are read from `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and
 * `ALIBABA_CLOUD_SECURITY_TOKEN` (only if the object has none of the three), `ALIBABA_CLOUD_ROLE_ARN`,
 * `ALIBABA_CLOUD_ROLE_SESSION_NAME`, `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`, `ALIBABA_CLOUD_OIDC_TOKEN_FILE`,
 * `ALIBABA_CLOUD_ECS_METADATA` and `ALIBABA_CLOUD_CREDENTIALS_URI`. For `undefined` and `null` it makes the default
 * chain.
 *
 * Fails with `CredentialsMisconfigured`, which names everything that is missing or wrong, without a value. The type
 * `rsa_key_pair` is not supported. Nor are the parameters `proxy`, `proxyHttp` and `proxyHttps` for a type that sends
 * requests, because they name a route that the HTTP client of the program does not take; other types ignore them. `get`
 * fails with the errors of the source that the object describes.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CredentialConfig } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const provider = yield* CredentialConfig.make({ type: "ecs_ram_role", role_name: "web", disable_imds_v1: true })
 *   return yield* provider.get
 * })
 * ```
 */
export const make = (
  config: unknown
): Effect.Effect<
  CredentialProvider.Service,
  CredentialsMisconfigured,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor | Scope.Scope
> => config === undefined || config === null ? CredentialChain.make(DefaultChain.links) : decodeAndMake(config)

/**
 * A layer that provides the credentials that a config object describes. See {@link make} for the parameters. For
 * `undefined` and `null` it is the default chain.
 *
 * Needs an `HttpClient`, a `FileSystem`, a `Path` and a `CommandExecutor`. Building it decodes the object, and fails
 * with `CredentialsMisconfigured`, which names everything that is missing or wrong. `get` fails with the errors of the
 * source that the object describes.
 *
 * When it is built, it reads missing parameters from `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET`
 * and `ALIBABA_CLOUD_SECURITY_TOKEN` (only if the object has none of the three), `ALIBABA_CLOUD_ROLE_ARN`,
 * `ALIBABA_CLOUD_ROLE_SESSION_NAME`, `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`, `ALIBABA_CLOUD_OIDC_TOKEN_FILE`,
 * `ALIBABA_CLOUD_ECS_METADATA` and `ALIBABA_CLOUD_CREDENTIALS_URI`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialConfig } from "effect-alicloud-credentials"
 * import { Config, Effect, Layer } from "effect"
 *
 * const layer = CredentialConfig.layer({
 *   type: "ram_role_arn",
 *   roleArn: "acs:ram::123456789012:role/app",
 *   roleSessionExpiration: 1800
 * })
 *
 * // secrets may be Redacted
 * const withSecret = Layer.unwrapEffect(
 *   Effect.map(Config.redacted("APP_SECRET"), (accessKeySecret) =>
 *     CredentialConfig.layer({ type: "access_key", accessKeyId: "LTAI5tExample", accessKeySecret }))
 * )
 * ```
 */
export const layer = (
  config: unknown
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsMisconfigured,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor
> => Layer.scoped(CredentialProvider.CredentialProvider, make(config))

const misconfigured = (reason: string, hint?: string) =>
  new CredentialsMisconfigured({ provider: names.config, reason, hint })

const decodeAndMake = (config: unknown) =>
  Effect.gen(function*() {
    if (typeof config !== "object" || config === null || Array.isArray(config)) {
      return yield* misconfigured("the config is not an object")
    }
    const given = parameterNames.collect(config as parameterNames.Values)
    const spelling = Object.keys(config).some((key) => key.includes("_")) ? "snake" : "camel"
    const decoded = yield* Effect.mapError(
      toEffect(parameters.decode(given, spelling, yield* fallbackOf(given))),
      ({ hint, issues }) => misconfigured(issues.join("; "), hint)
    )
    yield* telemetry.annotated("CredentialConfig", names.config)(logIgnored(given, decoded, spelling))
    return yield* parameterSource.make(decoded.parameters)
  })

/** A name that nobody knows is expected in an object that serves other tools too, unless it looks like a typo. */
const logIgnored = (
  { unknown }: parameterNames.Given,
  { parameters: { type }, unused }: parameters.Decoded,
  form: parameterNames.Form
): Effect.Effect<void> => {
  const suspects = unknownKeys.suspects(unknown, parameterNames.knownIn(form))
  const ignored = [...unused, ...unknown.map(unknownKeys.shownKey)]
  return Effect.zipRight(
    suspects.length === 0 ? Effect.void : Effect.logWarning(`${suspects.join("; ")}, and ignored`),
    ignored.length === 0 ? Effect.void : Effect.logDebug(`type ${type} does not use: ${ignored.join(", ")}`)
  )
}

interface Variable {
  readonly name: string
  readonly config: Config.Config<Option.Option<unknown>>
}

const variable = (name: keyof typeof variables.names, config: Config.Config<Option.Option<unknown>>): Variable => ({
  name: variables.names[name],
  config
})

const ofKey = {
  accessKeyId: variable("accessKeyId", variables.accessKeyId),
  accessKeySecret: variable("accessKeySecret", variables.accessKeySecret),
  securityToken: variable("securityToken", variables.securityToken)
}

const ofRest = {
  roleArn: variable("roleArn", variables.roleArn),
  roleSessionName: variable("roleSessionName", variables.roleSessionName),
  oidcProviderArn: variable("oidcProviderArn", variables.oidcProviderArn),
  oidcTokenFilePath: variable("oidcTokenFile", variables.oidcTokenFile),
  roleName: variable("ecsMetadata", variables.ecsMetadata),
  credentialsURI: variable("credentialsUri", variables.credentialsUri)
}

/** The variables for missing parameters: all of a key pair or none, because halves of two pairs do not match. */
const fallbackOf = (given: parameterNames.Given): Effect.Effect<parameters.Fallback, CredentialsMisconfigured> => {
  const partOfKey = Object.keys(ofKey).some((name) => name in given.values)
  const sources: Readonly<{ [name: string]: Variable }> = partOfKey ? ofRest : { ...ofKey, ...ofRest }
  return Effect.mapBoth(Config.all(Record.map(sources, (source) => source.config)), {
    onFailure: (error) => {
      const { hint, reason } = variables.toCredentialError(names.config)(error)
      return misconfigured(reason, hint)
    },
    onSuccess: (found) => ({
      values: parameterNames.collect(Record.getSomes(found)).values,
      variables: Record.map(sources, (source) => source.name)
    })
  })
}
