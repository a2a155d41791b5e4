/**
 * Sessions of a RAM role, assumed with an OIDC token (`AssumeRoleWithOIDC` of STS). Pods of Container Service for
 * Kubernetes (RRSA) and CI systems use this.
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
import { pasteIssue, trimmed } from "./internal/pasted.ts"
import * as AssumedRole from "./internal/provider/assumedRole.ts"
import { amend } from "./internal/provider/errors.ts"
import * as names from "./internal/provider/names.ts"
import { orFail } from "./internal/provider/service.ts"
import { fromEnv } from "./internal/source.ts"
import * as Sts from "./internal/sts/client.ts"
import * as oidcHints from "./internal/sts/oidcHints.ts"
import * as role from "./internal/sts/role.ts"
import * as tokenFile from "./internal/sts/tokenFile.ts"
import * as variables from "./internal/variables.ts"
import type { RoleOptions } from "./RamRoleArn.ts"
import type { SessionOptions } from "./RequestLimits.ts"

const name = names.oidcRoleArn

/**
 * The role, and the file with its OIDC token.
 *
 * @since 0.1.0
 * @category models
 */
export interface OidcOptions extends Omit<RoleOptions, "externalId"> {
  /** The identity provider in RAM, as `acs:ram::<account>:oidc-provider/<name>`. */
  readonly oidcProviderArn: string
  /** The file with the token. It is read again for each session, because Kubernetes rotates it. */
  readonly oidcTokenFile: string
}

/**
 * The role, and an effect that returns its OIDC token.
 *
 * @since 0.1.0
 * @category models
 */
export interface TokenOptions extends Omit<OidcOptions, "oidcTokenFile"> {
  /** Returns the token. Runs for each session. */
  readonly token: Effect.Effect<Redacted.Redacted, CredentialError>
}

/**
 * Makes a provider of sessions of the role, each requested with the current token of the file. If the file is missing,
 * empty or truncated, it is read again a few times, because Kubernetes swaps it.
 *
 * `get` fails with `CredentialsMisconfigured` if an option is not valid, or with `CredentialsUnavailable` (also if the
 * file cannot be read), `CredentialsRejected` (with the code of STS), `CredentialsMalformed` or `CredentialsExpired`.
 *
 * The endpoint of STS comes from the option `sts`, else from `ALIBABA_CLOUD_STS_ENDPOINT`, else from
 * `ALIBABA_CLOUD_STS_REGION` and `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`; otherwise it is `sts.aliyuncs.com`.
 *
 * A redirect of STS is refused. An `HttpClient` that follows redirects by itself sends the OIDC token to the other host,
 * and its answer is taken for that of STS. Provide one that does not: see "Redirects" in docs/how-it-works.md.
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
      { oidcProviderArn: options.oidcProviderArn, oidcTokenFile: options.oidcTokenFile },
      tokenFile.describe(files, trimmed(options.oidcTokenFile))
    ))

/**
 * Makes a provider of sessions of the role, each requested with the token that the effect `token` returns, for runtimes
 * without files and for CI systems. `get` fails with the errors of `token`, or as for {@link make}, which also says what
 * happens with redirects.
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
 * A layer that provides sessions of a RAM role, each requested with the current OIDC token of a file.
 *
 * Needs an `HttpClient` and a `FileSystem`. Building it cannot fail. `get` fails with `CredentialsMisconfigured` if an
 * option is not valid, or with `CredentialsUnavailable` (also if the file cannot be read), `CredentialsRejected` (with
 * the code of STS), `CredentialsMalformed` or `CredentialsExpired`.
 *
 * The endpoint of STS comes from the option `sts`, else from `ALIBABA_CLOUD_STS_ENDPOINT`, else from
 * `ALIBABA_CLOUD_STS_REGION` and `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`; otherwise it is `sts.aliyuncs.com`. The
 * variables are read when the layer is built.
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
 * A layer that provides sessions of a RAM role, each requested with the OIDC token that the effect `token` returns, for
 * runtimes without files and for CI systems.
 *
 * Needs an `HttpClient`. Building it cannot fail. `get` fails with the errors of `token`, with
 * `CredentialsMisconfigured` if an option is not valid, or with `CredentialsUnavailable`, `CredentialsRejected` (with
 * the code of STS), `CredentialsMalformed` or `CredentialsExpired`. Reads the variables of {@link layer}.
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
 * A layer that provides sessions of a RAM role, each requested with the current OIDC token of a file, with options read
 * from `Config`.
 *
 * Needs an `HttpClient` and a `FileSystem`. Fails to build with `ConfigError` if an option is missing or not valid.
 * `get` fails, and variables are read, as for {@link layer}.
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
 * A layer that provides sessions of the RAM role of a pod, with the variables that Kubernetes sets:
 * `ALIBABA_CLOUD_ROLE_ARN`, `ALIBABA_CLOUD_OIDC_PROVIDER_ARN` and `ALIBABA_CLOUD_OIDC_TOKEN_FILE`, and optionally
 * `ALIBABA_CLOUD_ROLE_SESSION_NAME`.
 *
 * Needs an `HttpClient` and a `FileSystem`. Fails to build with `CredentialsNotConfigured` if none of the first three
 * variables is set, and with `CredentialsMisconfigured` if only some of them are. `get` fails, and the endpoint of STS
 * is read, as for {@link layer}.
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
 * A layer that provides sessions of the RAM role of a pod, as {@link layerEnv} does, with time limits and a refresh
 * policy. It needs, reads and fails with the same.
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
        : !isRoleArn(role.value)
        ? Effect.fail(notAnArn())
        : make({
          ...options,
          roleArn: role.value,
          oidcProviderArn: provider.value,
          oidcTokenFile: file.value,
          roleSessionName: Option.getOrUndefined(session)
        })
  )

// STS accepts at most 20 000 characters.
const maxTokenBytes = 64 * 1024

const tokenFileOf = (path: string): tokenFile.TokenFile => ({
  provider: name,
  path,
  option: "oidcTokenFile",
  variable: variables.names.oidcTokenFile,
  mount: "Enable RRSA for the service account and recreate the pod",
  maxBytes: maxTokenBytes,
  isCutShort: (token) => token.startsWith("eyJ") && !/^[^.]+\.[^.]+\.[^.]+$/.test(token)
})

const makeChecked = (
  options: TokenOptions,
  required: Readonly<Record<string, string>>,
  origin: Effect.Effect<string | undefined> = Effect.succeed(undefined)
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
      issues: [...role.issues(options), ...pasted, ...(empty.length === 0 ? [] : [`${empty.join(", ")}: empty`])],
      hint: role.hint(options)
    })
    const assume = (token: Redacted.Redacted) =>
      sts.assume({
        provider: name,
        action: "AssumeRoleWithOIDC",
        parameters: { OIDCToken: Redacted.value(token) },
        secrets: [Redacted.value(token)]
      })
    const explain = (token: Redacted.Redacted, error: CredentialError) =>
      error._tag === "CredentialsRejected"
        ? Effect.zipWith(oidcHints.isExpired(error) ? origin : Effect.succeed(undefined), Clock.currentTimeMillis, (
          origin,
          now
        ) =>
          amend(error, {
            hint: oidcHints.hintOf(error, {
              token: Redacted.value(token),
              roleArn: trimmed(options.roleArn),
              providerArn: trimmed(options.oidcProviderArn),
              now,
              origin
            }) ?? error.hint
          }))
        : Effect.succeed(error)
    const explained = (token: Redacted.Redacted) =>
      Effect.catchAll(assume(token), (error) => Effect.flatMap(explain(token, error), Effect.fail))
    const service = yield* CredentialProvider.make({
      name,
      fetch: Effect.flatMap(options.token, explained),
      refresh: options.refresh
    })
    return AssumedRole.attach(service, role.assumedRole(options))
  }).pipe(orFail(name))

const isRoleArn = (arn: string): boolean => role.rules.roleArn.holds(arn)

const notAnArn = () =>
  new CredentialsMisconfigured({
    provider: name,
    at: variables.names.roleArn,
    reason: role.rules.roleArn.otherwise,
    hint: "Set it to the whole ARN, for example acs:ram::1234567890123456:role/deploy"
  })

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
  const set = all.flatMap(([variable, value]) => (Option.isSome(value) ? [variable] : []))
  return missing.length === all.length
    ? new CredentialsNotConfigured({ provider: name, reason: `${missing.join(", ")} not set` })
    : new CredentialsMisconfigured({
      provider: name,
      at: missing.join(", "),
      reason: `not set, although ${set.join(" and ")} ${set.length === 1 ? "is" : "are"}`,
      hint: `Set ${missing.join(" and ")} too, or enable RRSA for the service account and recreate the pod`
    })
}
