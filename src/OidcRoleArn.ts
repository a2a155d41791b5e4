/**
 * A RAM role, assumed with an OIDC token by `AssumeRoleWithOIDC` of STS: what pods of Container Service for Kubernetes
 * use (RRSA), and CI systems.
 *
 * @since 0.1.0
 */

import * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type CredentialError, CredentialsMisconfigured, CredentialsNotConfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as names from "./internal/provider/names.ts"
import { orFail } from "./internal/provider/service.ts"
import { fromEnv } from "./internal/source.ts"
import * as Sts from "./internal/sts/client.ts"
import * as role from "./internal/sts/role.ts"
import * as tokenFile from "./internal/sts/tokenFile.ts"
import * as variables from "./internal/variables.ts"
import { pasteIssue, trimmed } from "./internal/wire/pasted.ts"
import type { RoleOptions } from "./RamRoleArn.ts"
import type { SessionOptions } from "./RequestLimits.ts"

const name = names.oidcRoleArn

/**
 * The options of a role, and where its token comes from.
 *
 * @since 0.1.0
 * @category models
 */
export interface OidcOptions extends Omit<RoleOptions, "externalId"> {
  /** The identity provider in RAM, as `acs:ram::<account>:oidc-provider/<name>`. */
  readonly oidcProviderArn: string
  /** The file that holds the token. It is read again at each exchange, since whoever wrote it rotates it. */
  readonly oidcTokenFile: string
}

/**
 * The options of a role, and the token from anywhere.
 *
 * @since 0.1.0
 * @category models
 */
export interface TokenOptions extends Omit<OidcOptions, "oidcTokenFile"> {
  /** Run at each exchange. */
  readonly token: Effect.Effect<Redacted.Redacted, CredentialError>
}

/**
 * A provider of sessions of the role, each asked for with the token that the file holds at that moment. A file that is
 * absent, empty or cut short is looked at again a few times, since Kubernetes swaps it.
 *
 * Options that are not valid fail every `get` with `CredentialsMisconfigured`. Else `get` fails with
 * `CredentialsUnavailable` (also when the file cannot be read), `CredentialsRejected` (which has the code of STS),
 * `CredentialsMalformed` or `CredentialsExpired`.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { OidcRoleArn } from "effect-alicloud-credentials"
 *
 * const provider = OidcRoleArn.make({
 *   roleArn: "acs:ram::123456789012:role/pod",
 *   oidcProviderArn: "acs:ram::123456789012:oidc-provider/ack-rrsa",
 *   oidcTokenFile: "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token"
 * })
 * ```
 */
export const make = (
  options: OidcOptions
): Effect.Effect<
  CredentialProvider.Service,
  never,
  HttpClient.HttpClient | FileSystem.FileSystem | Scope.Scope
> =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    makeChecked(
      { ...options, token: tokenFile.read(files, tokenFileOf(trimmed(options.oidcTokenFile))) },
      { oidcProviderArn: options.oidcProviderArn, oidcTokenFile: options.oidcTokenFile }
    ))

/**
 * {@link make} with the token from anywhere.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { OidcRoleArn } from "effect-alicloud-credentials"
 * import { Effect, Redacted } from "effect"
 *
 * const provider = OidcRoleArn.makeToken({
 *   roleArn: "acs:ram::123456789012:role/ci",
 *   oidcProviderArn: "acs:ram::123456789012:oidc-provider/ci",
 *   token: Effect.succeed(Redacted.make("example-token"))
 * })
 * ```
 */
export const makeToken = (
  options: TokenOptions
): Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Scope.Scope> =>
  makeChecked(options, { oidcProviderArn: options.oidcProviderArn })

/**
 * {@link make} as a layer. Where STS is asked is read from the environment when the layer is built, unless `sts` says
 * it: `ALIBABA_CLOUD_STS_ENDPOINT`, else `ALIBABA_CLOUD_STS_REGION` with `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`, else
 * `sts.aliyuncs.com`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { OidcRoleArn } from "effect-alicloud-credentials"
 *
 * const layer = OidcRoleArn.layer({
 *   roleArn: "acs:ram::123456789012:role/pod",
 *   oidcProviderArn: "acs:ram::123456789012:oidc-provider/ack-rrsa",
 *   oidcTokenFile: "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token",
 *   sts: { region: "cn-hangzhou", vpc: true }
 * })
 * ```
 */
export const layer = (
  options: OidcOptions
): Layer.Layer<CredentialProvider.CredentialProvider, never, HttpClient.HttpClient | FileSystem.FileSystem> =>
  Layer.scoped(CredentialProvider.CredentialProvider, make(options))

/**
 * {@link makeToken} as a layer, for runtimes without files and for CI systems.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialError, OidcRoleArn } from "effect-alicloud-credentials"
 * import { Config, Effect } from "effect"
 *
 * const layer = OidcRoleArn.layerToken({
 *   roleArn: "acs:ram::123456789012:role/ci",
 *   oidcProviderArn: "acs:ram::123456789012:oidc-provider/ci",
 *   token: Effect.mapError(
 *     Config.redacted("CI_JOB_JWT"),
 *     () => new CredentialError.CredentialsMisconfigured({ provider: "ci", at: "CI_JOB_JWT", reason: "not set" })
 *   )
 * })
 * ```
 */
export const layerToken = (
  options: TokenOptions
): Layer.Layer<CredentialProvider.CredentialProvider, never, HttpClient.HttpClient> =>
  Layer.scoped(CredentialProvider.CredentialProvider, makeToken(options))

/**
 * {@link layer} with options read from configuration of one's own.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { OidcRoleArn } from "effect-alicloud-credentials"
 * import { Config } from "effect"
 *
 * const layer = OidcRoleArn.layerConfig({
 *   roleArn: Config.string("CI_ROLE"),
 *   oidcProviderArn: Config.string("CI_PROVIDER"),
 *   oidcTokenFile: Config.string("CI_TOKEN_FILE")
 * })
 * ```
 */
export const layerConfig = (
  options: Config.Config.Wrap<OidcOptions>
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  ConfigError.ConfigError,
  HttpClient.HttpClient | FileSystem.FileSystem
> => Layer.scoped(CredentialProvider.CredentialProvider, Effect.flatMap(Config.unwrap(options), make))

/**
 * {@link layer} with the options that Kubernetes puts into the environment of a pod: `ALIBABA_CLOUD_ROLE_ARN`,
 * `ALIBABA_CLOUD_OIDC_PROVIDER_ARN` and `ALIBABA_CLOUD_OIDC_TOKEN_FILE`, and `ALIBABA_CLOUD_ROLE_SESSION_NAME` where it
 * is set.
 *
 * Fails to build with `CredentialsNotConfigured` when none of the three is set, and with `CredentialsMisconfigured` when
 * one or two of them are.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider, OidcRoleArn } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const program = Effect.provide(CredentialProvider.get, OidcRoleArn.layerEnv)
 * ```
 */
export const layerEnv: Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured,
  HttpClient.HttpClient | FileSystem.FileSystem
> = Layer.suspend(() => layerEnvWith({}))

/**
 * {@link layerEnv} with other time limits and another policy of renewal.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { OidcRoleArn } from "effect-alicloud-credentials"
 *
 * const layer = OidcRoleArn.layerEnvWith({ connectTimeout: "3 seconds" })
 * ```
 */
export const layerEnvWith = (
  options: SessionOptions
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured,
  HttpClient.HttpClient | FileSystem.FileSystem
> =>
  fromEnv(
    name,
    Config.all({
      role: variables.roleArn,
      provider: variables.oidcProviderArn,
      file: variables.oidcTokenFile,
      session: variables.roleSessionName
    }),
    ({ file, provider, role, session }) =>
      Option.isNone(role) || Option.isNone(provider) || Option.isNone(file)
        ? Effect.fail(incomplete(role, provider, file))
        : make({
          ...options,
          roleArn: role.value,
          oidcProviderArn: provider.value,
          oidcTokenFile: file.value,
          roleSessionName: Option.getOrUndefined(session)
        })
  )

// STS takes at most 20 000 characters.
const maxTokenBytes = 64 * 1024

const tokenFileOf = (path: string): tokenFile.TokenFile => ({
  provider: name,
  path,
  option: "oidcTokenFile",
  variable: variables.names.oidcTokenFile,
  maxBytes: maxTokenBytes,
  isCutShort: (token) => token.startsWith("eyJ") && !/^[^.]+\.[^.]+\.[^.]+$/.test(token)
})

const makeChecked = (
  options: TokenOptions,
  required: Readonly<Record<string, string>>
): Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const empty = Object.keys(required).filter((option) => trimmed(required[option] ?? "") === "")
    const pasted = Object.entries(required).flatMap(([option, value]) => {
      const issue = pasteIssue(trimmed(value))
      return issue === undefined ? [] : [`${option} ${issue}`]
    })
    const sts = yield* Sts.make({
      ...options,
      name,
      role: {
        ...role.parameters(options),
        ...role.sessionName(options, now),
        OIDCProviderArn: trimmed(options.oidcProviderArn)
      },
      issues: [...role.issues(options), ...pasted, ...(empty.length === 0 ? [] : [`${empty.join(", ")}: empty`])]
    })
    const assume = (token: Redacted.Redacted) =>
      sts.assume({
        provider: name,
        action: "AssumeRoleWithOIDC",
        parameters: { OIDCToken: Redacted.value(token) },
        secrets: [Redacted.value(token)]
      })
    return yield* CredentialProvider.make({
      name,
      fetch: Effect.flatMap(options.token, assume),
      refresh: options.refresh
    })
  }).pipe(orFail(name))

const incomplete = (
  role: Option.Option<string>,
  provider: Option.Option<string>,
  file: Option.Option<string>
): CredentialsNotConfigured | CredentialsMisconfigured => {
  const all = [
    [variables.names.roleArn, role],
    [variables.names.oidcProviderArn, provider],
    [variables.names.oidcTokenFile, file]
  ] as const
  const missing = all.flatMap(([variable, value]) => (Option.isNone(value) ? [variable] : []))
  return missing.length === all.length
    ? new CredentialsNotConfigured({ provider: name, reason: `${missing.join(", ")} not set` })
    : new CredentialsMisconfigured({
      provider: name,
      at: missing.join(", "),
      reason: "not set, while another variable of the set is",
      hint: "Is RRSA enabled for the service account of this pod?"
    })
}
