/**
 * A profile of `config.json`, the file that the Alibaba Cloud CLI writes and the official SDKs read, in every mode that
 * it can have.
 *
 * @since 0.1.0
 */

import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { CredentialsMisconfigured, CredentialsNotConfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as cliProfile from "./internal/profile/cliProfile.ts"
import * as names from "./internal/provider/names.ts"
import { orFail } from "./internal/provider/service.ts"
import { fromEnv } from "./internal/source.ts"
import * as variables from "./internal/variables.ts"
import type { SessionOptions } from "./RequestLimits.ts"

/**
 * Which file, which profile in it, and the options of the source that the profile describes.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProfileOptions extends SessionOptions {
  /** The path of the file. Defaults to its place in the home folder. */
  readonly file?: string | undefined
  /** The name of the profile. Defaults to the one that the file says, or that is called `default`. */
  readonly profile?: string | undefined
}

const name = names.cliProfile

type Needs = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor

/**
 * A provider of what the profile says: `AK`, `StsToken`, `RamRoleArn`, `ChainableRamRoleArn` (on top of a profile of any
 * mode), `RamRoleArnWithRoleName`, `EcsRamRole`, `OIDC`, `CloudSSO`, `OAuth`, `External`, `CredentialsURI` and
 * `BearerToken`. Without options it is the profile that the file calls `current`.
 *
 * The file is first read at a `get`. Afterwards it is looked at once a minute, and at once when there are no usable
 * credentials or a server refused them; a change takes effect without a restart, and one that does not work leaves the
 * credentials at hand in use, with a warning in the log.
 *
 * With the modes `OAuth`, `CloudSSO` and `External` the session is kept in the file, as the CLI does: what another
 * program stored is used, and what was renewed is stored. Of a profile only these fields change, under a lock, in one
 * step, and no permissions are added. A write that fails is a warning.
 *
 * `get` fails with `CredentialsNotConfigured` when the file is not at its default place, with
 * `CredentialsMisconfigured` when a file or profile that was named is absent or anything in it is wrong, with
 * `ReauthenticationRequired` when a person has to log in again, or with what the source behind the profile fails with.
 * Of the file, errors show the names of profiles, modes and fields, never a value.
 *
 * Reads `HOME` (on Windows also `USERPROFILE`, `HOMEDRIVE` and `HOMEPATH`), `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` and
 * `ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS`, and the variables of the source behind the profile that say where to ask.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CliProfile, RamRoleArn } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const admin = Effect.flatMap(
 *   CliProfile.make({ profile: "work" }),
 *   (source) => RamRoleArn.make({ source, roleArn: "acs:ram::123456789012:role/admin" })
 * )
 * ```
 */
export const make = (
  options: ProfileOptions = {}
): Effect.Effect<CredentialProvider.Service, never, Needs | Scope.Scope> => cliProfile.make(options).pipe(orFail(name))

/**
 * {@link make} as a layer.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CliProfile, CredentialProvider } from "effect-alicloud-credentials"
 * import { NodeContext, NodeHttpClient } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 *
 * const program = CredentialProvider.get.pipe(
 *   Effect.provide(CliProfile.layer({ profile: "work" })),
 *   Effect.provide(Layer.merge(NodeContext.layer, NodeHttpClient.layer))
 * )
 * ```
 */
export const layer = (
  options: ProfileOptions = {}
): Layer.Layer<CredentialProvider.CredentialProvider, never, Needs> =>
  Layer.scoped(CredentialProvider.CredentialProvider, make(options))

/**
 * {@link layer} with options read from configuration of one's own.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CliProfile } from "effect-alicloud-credentials"
 * import { Config } from "effect"
 *
 * const layer = CliProfile.layerConfig({ profile: Config.string("DEPLOY_PROFILE") })
 * ```
 */
export const layerConfig = (
  options: Config.Config.Wrap<ProfileOptions>
): Layer.Layer<CredentialProvider.CredentialProvider, ConfigError.ConfigError, Needs> =>
  Layer.scoped(CredentialProvider.CredentialProvider, Effect.flatMap(Config.unwrap(options), make))

/**
 * {@link layer} with the file of `ALIBABA_CLOUD_CONFIG_FILE` and the profile of `ALIBABA_CLOUD_PROFILE`, where these are
 * set. Fails to build with `CredentialsNotConfigured` when `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` is true or there is no
 * home folder to look in.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CliProfile, CredentialProvider } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const program = Effect.provide(CredentialProvider.get, CliProfile.layerEnv)
 * ```
 */
export const layerEnv: Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured,
  Needs
> = Layer.suspend(() => layerEnvWith({}))

/**
 * {@link layerEnv} with other time limits and another policy of renewal for the source behind the profile.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CliProfile } from "effect-alicloud-credentials"
 *
 * const layer = CliProfile.layerEnvWith({ refresh: { prefetch: "30 minutes" } })
 * ```
 */
export const layerEnvWith = (
  options: SessionOptions
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured,
  Needs
> =>
  fromEnv(
    name,
    Config.all({ file: variables.configFile, profile: variables.profile }),
    ({ file, profile }) =>
      cliProfile.make({ ...options, file: Option.getOrUndefined(file), profile: Option.getOrUndefined(profile) })
  )
