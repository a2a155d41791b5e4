/**
 * Credentials from a profile of `config.json`, the file that the Alibaba Cloud CLI writes and the official SDKs read.
 * Supports every mode of a profile.
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
 * The file, the profile in it, and the options of the source that the profile describes.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProfileOptions extends SessionOptions {
  /** The path of the file. Defaults to the standard path in the home folder. */
  readonly file?: string | undefined
  /** The name of the profile. Defaults to `current` in `config.json`, and to the section `default` of an INI file. */
  readonly profile?: string | undefined
}

const name = names.cliProfile

type Needs = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor

/**
 * Makes a provider from a profile. The modes are `AK`, `StsToken`, `RamRoleArn`, `ChainableRamRoleArn` (on top of a
 * profile of any mode), `RamRoleArnWithRoleName`, `EcsRamRole`, `OIDC`, `CloudSSO`, `OAuth`, `External`,
 * `CredentialsURI` and `BearerToken`. Without options it uses the profile that the file names as `current`.
 *
 * The first `get` reads the file. The provider then checks the file once a minute, and immediately if it has no usable
 * credentials or a server refused them. Changes take effect without a restart. If the changed profile does not work,
 * the cached credentials stay in use and a warning is logged.
 *
 * In the modes `OAuth`, `CloudSSO` and `External` the session is stored in the file, as the CLI does: the provider uses
 * a session that another program stored, and stores the sessions that it renews. It changes only these fields of the
 * profile, under a lock, replaces the file atomically, and keeps its mode. A failed write is logged as a warning.
 *
 * An `OIDC` profile without `oidc_token_file` uses `ALIBABA_CLOUD_OIDC_TOKEN_FILE`. A `CloudSSO` profile whose
 * `cloud_sso_access_token_expire` is 0 needs a new login, as in the CLI; without that field, the server decides. A
 * profile without `mode` is an error that names the mode that the fields suggest, or all of them.
 *
 * A field that looks like a typo of a known one is ignored with one warning for each version of the file:
 * `polciy is unknown (did you mean policy?)`. Other unknown fields are logged in a debug line, because newer versions of
 * the CLI and other tools add fields.
 *
 * `get` fails with `CredentialsNotConfigured` if the file is not at its default path, or is there as the CLI leaves it
 * before a login: `{}`, without profiles, or with a current profile that has neither a mode nor keys. It fails with
 * `CredentialsMisconfigured` if a named file or profile does not exist or is not finished or the profile is not valid,
 * with `ReauthenticationRequired` if a person has to log in again, or with the errors of the source behind the profile.
 * Errors show the names of profiles, modes and fields of the file, never a value.
 *
 * Reads `HOME` (on Windows also `USERPROFILE`, `HOMEDRIVE` and `HOMEPATH`), `ALIBABA_CLOUD_CLI_PROFILE_DISABLED`,
 * `ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS` (which also disables the mode `CredentialsURI`),
 * `ALIBABA_CLOUD_OIDC_TOKEN_FILE`, and the endpoint variables of the source behind the profile.
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
 * A layer that provides the credentials of a profile of `config.json`: the profile `current` of
 * `~/.aliyun/config.json`, unless the options name another file or profile.
 *
 * Needs an `HttpClient`, a `FileSystem`, a `Path` and a `CommandExecutor`. Building it cannot fail. `get` fails with
 * `CredentialsNotConfigured` if the file is not at its default path, or is there without a finished profile, or
 * `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` is true, with `CredentialsMisconfigured` if a named file or profile does not exist or the profile is not valid, with
 * `ReauthenticationRequired` if a person has to log in again, or with the errors of the source behind the profile.
 *
 * Reads `HOME` (on Windows also `USERPROFILE`, `HOMEDRIVE` and `HOMEPATH`), `ALIBABA_CLOUD_CLI_PROFILE_DISABLED`,
 * `ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS`, `ALIBABA_CLOUD_OIDC_TOKEN_FILE`, and the endpoint variables of the source
 * behind the profile. See {@link make} for when the file is read and written.
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
 * A layer that provides the credentials of a profile of `config.json`, with options read from `Config`.
 *
 * Needs an `HttpClient`, a `FileSystem`, a `Path` and a `CommandExecutor`. Fails to build with `ConfigError` if an
 * option is missing or not valid. `get` fails, and variables are read, as for {@link layer}.
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
 * A layer that provides the credentials of a profile of `config.json`, with the file of `ALIBABA_CLOUD_CONFIG_FILE` and
 * the profile of `ALIBABA_CLOUD_PROFILE`. Without these variables it uses the profile `current` of
 * `~/.aliyun/config.json`.
 *
 * Needs an `HttpClient`, a `FileSystem`, a `Path` and a `CommandExecutor`. Fails to build with
 * `CredentialsNotConfigured` if `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` is true or the home folder is needed and not
 * known, and with `CredentialsMisconfigured` if a variable has no valid value. `get` fails, and more variables are
 * read, as for {@link layer}. `CredentialsNotConfigured` names variables of other tools that are set but not read, such
 * as `ALIBABACLOUD_PROFILE`.
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
 * A layer that provides the credentials of the profile that environment variables name, as {@link layerEnv} does, with
 * time limits and a refresh policy for the source behind the profile. It needs, reads and fails with the same.
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
      cliProfile.make({
        ...options,
        file: Option.getOrUndefined(file),
        profile: Option.getOrUndefined(profile),
        fromVariables: true
      })
  )
