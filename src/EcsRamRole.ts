/**
 * Sessions of the RAM role that is attached to an ECS or ECI instance, from its metadata service (IMDS).
 *
 * @since 0.1.0
 */

import type * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { CredentialsMisconfigured, CredentialsNotConfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as imdsSession from "./internal/imds/session.ts"
import * as names from "./internal/provider/names.ts"
import { cached, orFail } from "./internal/provider/service.ts"
import { fromEnv } from "./internal/source.ts"
import * as variables from "./internal/variables.ts"
import * as RefreshPolicy from "./RefreshPolicy.ts"
import type { SessionOptions } from "./RequestLimits.ts"

const name = names.ecsRamRole

const isEnabled = variables.notDisabled(
  name,
  variables.names.ecsMetadataDisabled,
  variables.orFalse(variables.ecsMetadataDisabled)
)
const isV1Disabled = variables.orFalse(variables.imdsV1Disabled)

/**
 * The role, and how to ask the metadata service for it.
 *
 * @since 0.1.0
 * @category models
 */
export interface EcsOptions extends SessionOptions {
  /** The name of the role, which saves one request. Defaults to the attached role, requested at each fetch. */
  readonly roleName?: string | undefined
  /**
   * Whether to fail if the service issues no IMDSv2 token, instead of asking without one. Defaults to
   * `ALIBABA_CLOUD_IMDSV1_DISABLED`, otherwise false.
   */
  readonly disableImdsV1?: boolean | undefined
}

/**
 * Makes a provider of sessions of the instance's role. It asks with an IMDSv2 token, which it keeps for its lifetime of
 * six hours. If the service issues no token, it asks without one, unless that is disabled. Once the service has issued
 * a token, it never asks without one, unlike the official tools.
 *
 * `get` fails with `CredentialsNotConfigured` if no role is attached or `ALIBABA_CLOUD_ECS_METADATA_DISABLED` is true,
 * with `CredentialsUnavailable` if the service does not answer, or with `CredentialsRejected`, `CredentialsMalformed`
 * or `CredentialsExpired`.
 *
 * Requests to the service (100.100.100.200) must not go through a proxy. If the program's HTTP client uses one, provide
 * a client without a proxy here. A redirect of the service is refused. An `HttpClient` that follows redirects by itself
 * sends the IMDSv2 token to the other host, and its answer is taken for that of the service. Provide one that does not:
 * see "Redirects" in docs/how-it-works.md.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { EcsRamRole } from "effect-alicloud-credentials"
 *
 * const provider = EcsRamRole.make({ roleName: "web", disableImdsV1: true })
 * ```
 */
export const make = (
  options: EcsOptions = {}
): Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function*() {
    yield* isEnabled
    const v1Disabled = yield* variables.read(name, isV1Disabled)
    const fetch = yield* imdsSession.make({
      ...options,
      name,
      disableImdsV1: options.disableImdsV1 ?? v1Disabled,
      imdsV1At: options.disableImdsV1 === undefined ? variables.names.imdsV1Disabled : "disableImdsV1",
      guessing: false
    })
    return yield* cached({ name, fetch, refresh: options.refresh, defaults: RefreshPolicy.instanceDefaults })
  }).pipe(orFail(name))

/**
 * A layer that provides sessions of the RAM role that is attached to the instance. It asks the metadata service with an
 * IMDSv2 token, and without one only if the service never issued a token.
 *
 * Needs an `HttpClient` that does not send requests to 100.100.100.200 through a proxy. Building it cannot fail. `get`
 * fails with `CredentialsNotConfigured` if no role is attached or `ALIBABA_CLOUD_ECS_METADATA_DISABLED` is true, with
 * `CredentialsUnavailable` if the service does not answer, or with `CredentialsRejected`, `CredentialsMalformed` or
 * `CredentialsExpired`.
 *
 * Reads `ALIBABA_CLOUD_ECS_METADATA_DISABLED` and `ALIBABA_CLOUD_IMDSV1_DISABLED` when it is built.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { EcsRamRole } from "effect-alicloud-credentials"
 *
 * const layer = EcsRamRole.layer({ roleName: "web" })
 * ```
 */
export const layer = (
  options: EcsOptions = {}
): Layer.Layer<CredentialProvider.CredentialProvider, never, HttpClient.HttpClient> =>
  Layer.scoped(CredentialProvider.CredentialProvider, make(options))

/**
 * A layer that provides sessions of the RAM role that is attached to the instance, with options read from `Config`.
 *
 * Needs an `HttpClient`. Fails to build with `ConfigError` if an option is missing or not valid. `get` fails, and
 * variables are read, as for {@link layer}.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { EcsRamRole } from "effect-alicloud-credentials"
 * import { Config } from "effect"
 *
 * const layer = EcsRamRole.layerConfig({ roleName: Config.string("INSTANCE_ROLE") })
 * ```
 */
export const layerConfig = (
  options: Config.Config.Wrap<EcsOptions>
): Layer.Layer<CredentialProvider.CredentialProvider, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.scoped(CredentialProvider.CredentialProvider, Effect.flatMap(Config.unwrap(options), make))

/**
 * A layer that provides sessions of the role that `ALIBABA_CLOUD_ECS_METADATA` names, or else of the role that is
 * attached to the instance.
 *
 * Without the variable, the library can't know whether this machine is an instance. If the service does not answer,
 * `get` then fails with `CredentialsNotConfigured` within 2 seconds, and the result is cached for a minute. With a
 * `FileSystem` in the context, it reads the hardware vendor and fails within 0.25 seconds if that is not Alibaba Cloud,
 * and within 4 seconds if it is.
 *
 * Needs an `HttpClient` that does not send requests to 100.100.100.200 through a proxy. Fails to build with
 * `CredentialsNotConfigured` if `ALIBABA_CLOUD_ECS_METADATA_DISABLED` is true, and with `CredentialsMisconfigured` if a
 * variable has no valid value. `get` fails as for {@link layer}. Also reads `ALIBABA_CLOUD_IMDSV1_DISABLED`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider, EcsRamRole } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const program = Effect.provide(CredentialProvider.get, EcsRamRole.layerEnv)
 * ```
 */
export const layerEnv: Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured,
  HttpClient.HttpClient
> = Layer.suspend(() => layerEnvWith({}))

/**
 * A layer that provides sessions of the instance's role, as {@link layerEnv} does, with time limits and a refresh
 * policy. It needs, reads and fails with the same. The limits apply if `ALIBABA_CLOUD_ECS_METADATA` names the role, or
 * once the service has answered. Until then the shorter limits of {@link layerEnv} apply.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { EcsRamRole } from "effect-alicloud-credentials"
 *
 * const layer = EcsRamRole.layerEnvWith({ timeout: "3 seconds", refresh: { prefetch: "30 minutes" } })
 * ```
 */
export const layerEnvWith = (
  options: SessionOptions
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured,
  HttpClient.HttpClient
> =>
  fromEnv(
    name,
    Config.all({ roleName: variables.ecsMetadata, disableImdsV1: isV1Disabled }),
    ({ disableImdsV1, roleName }) =>
      Effect.gen(function*() {
        yield* isEnabled
        const fetch = yield* imdsSession.make({
          ...options,
          name,
          roleName: Option.getOrUndefined(roleName),
          roleAt: Option.isSome(roleName) ? variables.names.ecsMetadata : undefined,
          disableImdsV1,
          imdsV1At: variables.names.imdsV1Disabled,
          guessing: Option.isNone(roleName)
        })
        return yield* cached({ name, fetch, refresh: options.refresh, defaults: RefreshPolicy.instanceDefaults })
      })
  )
