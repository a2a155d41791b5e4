/**
 * Sessions of a RAM role, assumed with the credentials of another provider (`AssumeRole` of STS). Roles chain with
 * `Layer.provide`.
 *
 * @since 0.1.0
 */

import type * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type CredentialsMisconfigured, CredentialsNotConfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as AssumedRole from "./internal/provider/assumedRole.ts"
import * as names from "./internal/provider/names.ts"
import { orFail } from "./internal/provider/service.ts"
import { fromEnv } from "./internal/source.ts"
import * as assumeRole from "./internal/sts/assumeRole.ts"
import * as role from "./internal/sts/role.ts"
import * as variables from "./internal/variables.ts"
import type { SessionOptions } from "./RequestLimits.ts"

/**
 * The endpoint of STS. Missing fields come from the environment: `ALIBABA_CLOUD_STS_ENDPOINT`, else
 * `ALIBABA_CLOUD_STS_REGION` and `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`; otherwise it is `sts.aliyuncs.com`.
 *
 * @since 0.1.0
 * @category models
 */
export interface StsEndpoint {
  /**
   * A host such as `sts.cn-hangzhou.aliyuncs.com`. It is always used with https; a scheme and a final slash are
   * dropped.
   */
  readonly endpoint?: string | undefined
  /** A region such as `cn-hangzhou`, for `sts.cn-hangzhou.aliyuncs.com`. */
  readonly region?: string | undefined
  /** Whether to use the region's endpoint inside the VPC. Has no effect without a region. Defaults to false. */
  readonly vpc?: boolean | undefined
}

/**
 * The role, and how its sessions are requested. An empty string counts as missing.
 *
 * @since 0.1.0
 * @category models
 */
export interface RoleOptions extends SessionOptions {
  /** The role, as `acs:ram::<account>:role/<name>`. */
  readonly roleArn: string
  /**
   * The name of the session in audit logs: 2 to 64 letters, digits and `. @ - _`. Defaults to
   * `credentials-effect-<seconds>`, with the time when the provider was made.
   */
  readonly roleSessionName?: string | undefined
  /**
   * How long a session lasts, in whole seconds: at least 900, at most the maximum of the role. Defaults to 1 hour.
   */
  readonly duration?: Duration.DurationInput | undefined
  /** A JSON policy that restricts the permissions of the session. Defaults to none. */
  readonly policy?: string | undefined
  /** The external id that the role's trust policy requires of third parties: 2 to 1224 characters. Defaults to none. */
  readonly externalId?: string | undefined
  /** The endpoint of STS. Defaults to the environment, see {@link StsEndpoint}. */
  readonly sts?: StsEndpoint | undefined
}

/**
 * Makes a provider of sessions of the role, each requested with the current credentials of `source`. If STS answers
 * that the key of `source` has expired or is unknown, `source` is invalidated and asked once more.
 *
 * `get` fails with `CredentialsMisconfigured`, which names every option that is not valid, with the errors of `source`,
 * or with `CredentialsUnavailable`, `CredentialsRejected` (with the code of STS), `CredentialsMalformed` or
 * `CredentialsExpired`.
 *
 * The endpoint of STS comes from the option `sts`, else from `ALIBABA_CLOUD_STS_ENDPOINT`, else from
 * `ALIBABA_CLOUD_STS_REGION` and `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`; otherwise it is `sts.aliyuncs.com`.
 *
 * A redirect of STS is refused. An `HttpClient` that follows redirects by itself sends the signed form, with the
 * security token of `source`, to the other host, and its answer is taken for that of STS. Provide one that does not:
 * see "Redirects" in docs/how-it-works.md.
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
  options: RoleOptions & {
    /** The provider whose credentials assume the role. */
    readonly source: CredentialProvider.Service
  }
): Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Scope.Scope> => {
  const name = names.within(names.ramRoleArn, options.source.name)
  return assumeRole.make(name, options).pipe(
    Effect.flatMap((fetch) => CredentialProvider.make({ name, fetch, refresh: options.refresh })),
    Effect.map((service) => AssumedRole.attach(service, role.assumedRole(options))),
    orFail(name)
  )
}

/**
 * A layer that provides sessions of a RAM role, assumed with the credentials of the provider below it.
 *
 * Needs a `CredentialProvider` and an `HttpClient`. Building it cannot fail. `get` fails with
 * `CredentialsMisconfigured` if an option is not valid, with the errors of the provider below, or with
 * `CredentialsUnavailable`, `CredentialsRejected` (with the code of STS), `CredentialsMalformed` or
 * `CredentialsExpired`.
 *
 * The endpoint of STS comes from the option `sts`, else from `ALIBABA_CLOUD_STS_ENDPOINT`, else from
 * `ALIBABA_CLOUD_STS_REGION` and `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`; otherwise it is `sts.aliyuncs.com`. The
 * variables are read when the layer is built.
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
 * A layer that provides sessions of a RAM role, assumed with the credentials of the provider below it, with options
 * read from `Config`.
 *
 * Needs a `CredentialProvider` and an `HttpClient`. Fails to build with `ConfigError` if an option is missing or not
 * valid. `get` fails, and variables are read, as for {@link layer}.
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
 * A layer that provides sessions of the role of `ALIBABA_CLOUD_ROLE_ARN`, with the optional session name of
 * `ALIBABA_CLOUD_ROLE_SESSION_NAME`, assumed with the credentials of the provider below it.
 *
 * Needs a `CredentialProvider` and an `HttpClient`. Fails to build with `CredentialsNotConfigured` if
 * `ALIBABA_CLOUD_ROLE_ARN` is not set, and with `CredentialsMisconfigured` if a variable cannot be read. `get` fails,
 * and the endpoint of STS is read, as for {@link layer}.
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
 * A layer that provides sessions of the role of `ALIBABA_CLOUD_ROLE_ARN`, as {@link layerEnv} does, with time limits
 * and a refresh policy. It needs, reads and fails with the same.
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
