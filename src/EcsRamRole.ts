/**
 * Sessions of the RAM role that is attached to an ECS or ECI instance, from the instance metadata service (IMDS).
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
import { orFail } from "./internal/provider/service.ts"
import { fromEnv } from "./internal/source.ts"
import * as variables from "./internal/variables.ts"
import type { SessionOptions } from "./RequestLimits.ts"

const name = names.ecsRamRole

const isEnabled = variables.notDisabled(
  name,
  variables.names.ecsMetadataDisabled,
  variables.orFalse(variables.ecsMetadataDisabled)
)
const isV1Disabled = variables.orFalse(variables.imdsV1Disabled)

/**
 * @since 0.1.0
 * @category models
 */
export interface EcsOptions extends SessionOptions {
  /** The role's name, which saves a request. Defaults to the one that is attached, asked for at each fetch. */
  readonly roleName?: string | undefined
  /**
   * Whether to give up where the service gives no IMDSv2 token, rather than to ask without one. Defaults to what
   * `ALIBABA_CLOUD_IMDSV1_DISABLED` says, else false.
   */
  readonly disableImdsV1?: boolean | undefined
}

/**
 * A provider of sessions of the instance's role. It asks with an IMDSv2 token, kept for its life of six hours. Where no
 * token is to be had it asks without one, unless that is disabled; where one was had, it never does, unlike the
 * official tools.
 *
 * `get` fails with `CredentialsNotConfigured` when no role is attached or `ALIBABA_CLOUD_ECS_METADATA_DISABLED` is
 * true, with `CredentialsUnavailable` when the service is out of reach, else with `CredentialsRejected`,
 * `CredentialsMalformed` or `CredentialsExpired`.
 *
 * The service lives at 100.100.100.200 and must not be asked through a proxy: where the HTTP client of the program has
 * one, provide this layer with a client that has none.
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
      guessing: false
    })
    return yield* CredentialProvider.make({ name, fetch, refresh: options.refresh })
  }).pipe(orFail(name))

/**
 * {@link make} as a layer. The variables are read when it is built.
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
 * {@link layer} with options read from configuration of one's own.
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
 * {@link layer} with the role of `ALIBABA_CLOUD_ECS_METADATA`. Without that variable it is a guess that this is an
 * instance at all: then a service out of reach is `CredentialsNotConfigured`, found out within two seconds and
 * remembered for a minute. Where there is a `FileSystem` in the context it is found out within 0.25 seconds on hardware
 * that does not call itself Alibaba Cloud's.
 *
 * Fails to build with `CredentialsNotConfigured` when `ALIBABA_CLOUD_ECS_METADATA_DISABLED` is true. Reads
 * `ALIBABA_CLOUD_IMDSV1_DISABLED` too.
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
 * {@link layerEnv} with other time limits and another policy of renewal. The limits apply once the service has answered,
 * or if `ALIBABA_CLOUD_ECS_METADATA` names the role; the guess before that keeps its own.
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
          disableImdsV1,
          guessing: Option.isNone(roleName)
        })
        return yield* CredentialProvider.make({ name, fetch, refresh: options.refresh })
      })
  )
