/**
 * A RAM role, assumed with the credentials of another provider by `AssumeRole` of STS. Roles chain by `Layer.provide`.
 *
 * @since 0.1.0
 */

import type * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type CredentialError, CredentialsMisconfigured, CredentialsNotConfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import type { Credentials, StsToken } from "./Credentials.ts"
import { isSame } from "./internal/provider/credentials.ts"
import * as names from "./internal/provider/names.ts"
import { orFail } from "./internal/provider/service.ts"
import { fromEnv } from "./internal/source.ts"
import * as Sts from "./internal/sts/client.ts"
import * as role from "./internal/sts/role.ts"
import * as variables from "./internal/variables.ts"
import { isRefused } from "./internal/wire/codes.ts"
import type { SessionOptions } from "./RequestLimits.ts"

/**
 * Where a role's requests to STS go. What is not given comes from the environment: `ALIBABA_CLOUD_STS_ENDPOINT`, else
 * `ALIBABA_CLOUD_STS_REGION` with `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`, else `sts.aliyuncs.com`.
 *
 * @since 0.1.0
 * @category models
 */
export interface StsEndpoint {
  /** A host such as `sts.cn-hangzhou.aliyuncs.com`. A scheme and a slash at the end are dropped: it is always https. */
  readonly endpoint?: string | undefined
  /** A region such as `cn-hangzhou`, for `sts.cn-hangzhou.aliyuncs.com`. */
  readonly region?: string | undefined
  /** Whether to use the region's endpoint inside the VPC. Has no effect without a region. Defaults to false. */
  readonly vpc?: boolean | undefined
}

/**
 * An empty text counts as an absent one, throughout.
 *
 * @since 0.1.0
 * @category models
 */
export interface RoleOptions extends SessionOptions {
  /** The role, as `acs:ram::<account>:role/<name>`. */
  readonly roleArn: string
  /**
   * What audit logs call the session: 2 to 64 letters, digits and `. @ - _`. Defaults to `credentials-effect-<seconds>`
   * with the time at which the provider was made.
   */
  readonly roleSessionName?: string | undefined
  /**
   * How long a session lasts: whole seconds, at least 900 of them, at most what the role allows. Defaults to 1 hour.
   */
  readonly duration?: Duration.DurationInput | undefined
  /** A policy in JSON that narrows what the session may do. */
  readonly policy?: string | undefined
  /** What the role's trust policy asks of callers from other companies: 2 to 1224 characters. */
  readonly externalId?: string | undefined
  /** Where STS is asked. Defaults to what the environment says, see {@link layer}. */
  readonly sts?: StsEndpoint | undefined
}

/**
 * A provider of sessions of the role, each asked for with what `source` gives at that moment. When STS says that the
 * key of `source` ended or is unknown, `source` is told, and asked once more.
 *
 * Options that are not valid fail every `get` with `CredentialsMisconfigured`, all of them named. Else `get` fails with
 * what `source` fails with, or with `CredentialsUnavailable`, `CredentialsRejected` (which has the code of STS),
 * `CredentialsMalformed` or `CredentialsExpired`.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Environment, RamRoleArn } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const admin = Effect.flatMap(Environment.make, (source) =>
 *   RamRoleArn.make({ source, roleArn: "acs:ram::123456789012:role/admin" }))
 * ```
 */
export const make = (
  options: RoleOptions & { readonly source: CredentialProvider.Service }
): Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Scope.Scope> => {
  const { source } = options
  const name = names.within(names.ramRoleArn, source.name)
  return Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const sts = yield* Sts.make({
      ...options,
      name,
      role: { ...role.parameters(options), ...role.sessionName(options, now), ...role.externalId(options) },
      issues: role.issues(options)
    })
    const assume = (base: Credentials): Effect.Effect<StsToken, CredentialError> =>
      base._tag === "BearerToken"
        ? Effect.fail(new CredentialsMisconfigured({ provider: name, reason: "a bearer token cannot assume a role" }))
        : sts.assume({
          provider: names.within(names.ramRoleArn, base.provider),
          action: "AssumeRole",
          signedBy: base
        })
    const again = (refused: Credentials, error: CredentialError): Effect.Effect<StsToken, CredentialError> =>
      source.invalidate(refused).pipe(
        Effect.zipRight(source.get),
        Effect.flatMap((base) => isSame(base, refused) ? Effect.fail(error) : assume(base))
      )
    const fetch = Effect.flatMap(
      source.get,
      (base) => Effect.catchIf(assume(base), isBaseRefused, (error) => again(base, error))
    )
    return yield* CredentialProvider.make({ name, fetch, refresh: options.refresh })
  }).pipe(orFail(name))
}

/**
 * Takes one provider and gives another: sessions of the role, assumed with the credentials of the provider below.
 *
 * Where STS is asked is read from the environment when the layer is built, unless `sts` says it:
 * `ALIBABA_CLOUD_STS_ENDPOINT`, else `ALIBABA_CLOUD_STS_REGION` with `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`, else
 * `sts.aliyuncs.com`. How `get` fails is told at {@link make}.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { EcsRamRole, RamRoleArn } from "effect-alicloud-credentials"
 * import { Layer } from "effect"
 *
 * // role b, assumed by role a, which the role of the instance assumed
 * const layer = RamRoleArn.layer({ roleArn: "acs:ram::210987654321:role/b" }).pipe(
 *   Layer.provide(RamRoleArn.layer({ roleArn: "acs:ram::123456789012:role/a" })),
 *   Layer.provide(EcsRamRole.layer())
 * )
 * ```
 */
export const layer = (
  options: RoleOptions
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  never,
  CredentialProvider.CredentialProvider | HttpClient.HttpClient
> => Layer.scoped(CredentialProvider.CredentialProvider, makeOverContext(options))

/**
 * {@link layer} with options read from configuration of one's own.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { RamRoleArn } from "effect-alicloud-credentials"
 * import { Config } from "effect"
 *
 * const layer = RamRoleArn.layerConfig({
 *   roleArn: Config.string("BILLING_ROLE"),
 *   duration: Config.duration("BILLING_SESSION").pipe(Config.withDefault("1 hour"))
 * })
 * ```
 */
export const layerConfig = (
  options: Config.Config.Wrap<RoleOptions>
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  ConfigError.ConfigError,
  CredentialProvider.CredentialProvider | HttpClient.HttpClient
> => Layer.scoped(CredentialProvider.CredentialProvider, Effect.flatMap(Config.unwrap(options), makeOverContext))

/**
 * {@link layer} with the role of `ALIBABA_CLOUD_ROLE_ARN` and the session name of `ALIBABA_CLOUD_ROLE_SESSION_NAME`.
 * Fails to build with `CredentialsNotConfigured` when no role is set.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Environment, RamRoleArn } from "effect-alicloud-credentials"
 * import { Layer } from "effect"
 *
 * const layer = RamRoleArn.layerEnv.pipe(Layer.provide(Environment.layer))
 * ```
 */
export const layerEnv: Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured,
  CredentialProvider.CredentialProvider | HttpClient.HttpClient
> = Layer.suspend(() => layerEnvWith({}))

/**
 * {@link layerEnv} with other time limits and another policy of renewal.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Environment, RamRoleArn } from "effect-alicloud-credentials"
 * import { Layer } from "effect"
 *
 * const layer = RamRoleArn.layerEnvWith({ timeout: "2 seconds" }).pipe(Layer.provide(Environment.layer))
 * ```
 */
export const layerEnvWith = (
  options: SessionOptions
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured,
  CredentialProvider.CredentialProvider | HttpClient.HttpClient
> =>
  fromEnv(
    names.ramRoleArn,
    Config.all({ roleArn: variables.roleArn, roleSessionName: variables.roleSessionName }),
    ({ roleArn, roleSessionName }) =>
      Option.isNone(roleArn)
        ? new CredentialsNotConfigured({ provider: names.ramRoleArn, reason: `${variables.names.roleArn} not set` })
        : makeOverContext({
          ...options,
          roleArn: roleArn.value,
          roleSessionName: Option.getOrUndefined(roleSessionName)
        })
  )

const makeOverContext = (options: RoleOptions) =>
  Effect.flatMap(CredentialProvider.CredentialProvider, (source) => make({ ...options, source }))

const isBaseRefused = (error: CredentialError): boolean => error._tag === "CredentialsRejected" && isRefused(error.code)
