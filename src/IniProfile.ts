/**
 * A section of the INI file `~/.alibabacloud/credentials.ini`, where the official SDKs look for credentials.
 *
 * @since 0.1.0
 */

import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { ProfileOptions } from "./CliProfile.ts"
import type { CredentialsMisconfigured, CredentialsNotConfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as iniProfile from "./internal/profile/iniProfile.ts"
import * as names from "./internal/provider/names.ts"
import { orFail } from "./internal/provider/service.ts"
import { fromEnv } from "./internal/source.ts"
import * as variables from "./internal/variables.ts"
import type { SessionOptions } from "./RequestLimits.ts"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  ProfileOptions
} from "./CliProfile.ts"

const name = names.iniProfile

/**
 * A provider of what a section of the file describes: the section `default`, or the one named, of the file named, else
 * of `.alibabacloud/credentials.ini` or `.alibabacloud/credentials` in the home folder, whichever is there first. It
 * goes by the name of what it builds, for example `profile/ram_role_arn/static_ak`.
 *
 * `type` in a section is `access_key`, `sts`, `ram_role_arn`, `ecs_ram_role`, `oidc_role_arn`, `credentials_uri` or
 * `bearer`; the other keys are the parameters of the official `Config` object as Python spells them, such as
 * `role_session_expiration` (in seconds), `timeout` and `connect_timeout` (in milliseconds). The token file of an
 * `oidc_role_arn` may be left to `ALIBABA_CLOUD_OIDC_TOKEN_FILE`. A section with `enable=false` counts as absent.
 *
 * The file is read at the first `get`. While its credentials work it is looked at once a minute, else at every `get`:
 * a change is taken over without a restart, and the credentials at hand stay in use when what it says now does not work.
 *
 * `get` fails with `CredentialsNotConfigured` when there is no file or no such section at their default places, with
 * `CredentialsMisconfigured` when what an option names is not there or the section is not valid, with
 * `CredentialsUnavailable` when the file cannot be read, else as the source that the section describes. Errors name the
 * file, the section and every key that is missing or wrong, and show no value.
 *
 * The file is found with `HOME`, on Windows with `USERPROFILE`, `HOMEDRIVE` and `HOMEPATH` too.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { IniProfile } from "effect-alicloud-credentials"
 *
 * const provider = IniProfile.make({ profile: "client1" })
 * ```
 */
export const make = (
  options: ProfileOptions = {}
): Effect.Effect<
  CredentialProvider.Service,
  never,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | Scope.Scope
> => iniProfile.make(options).pipe(orFail(name))

/**
 * {@link make} as a layer. Of the environment it reads no more than where the home folder is: for the file and the
 * section that variables name there is {@link layerEnv}.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { IniProfile } from "effect-alicloud-credentials"
 *
 * const layer = IniProfile.layer({ file: "/etc/app/credentials.ini", profile: "billing" })
 * ```
 */
export const layer = (
  options: ProfileOptions = {}
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  never,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path
> => Layer.scoped(CredentialProvider.CredentialProvider, make(options))

/**
 * {@link layer} with options read from configuration of one's own.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { IniProfile } from "effect-alicloud-credentials"
 * import { Config } from "effect"
 *
 * const layer = IniProfile.layerConfig({ profile: Config.string("DEPLOY_PROFILE") })
 * ```
 */
export const layerConfig = (
  options: Config.Config.Wrap<ProfileOptions>
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  ConfigError.ConfigError,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path
> => Layer.scoped(CredentialProvider.CredentialProvider, Effect.flatMap(Config.unwrap(options), make))

/**
 * {@link layer} with the file of `ALIBABA_CLOUD_CREDENTIALS_FILE` and the section of `ALIBABA_CLOUD_PROFILE`, where they
 * are set. Fails to build with `CredentialsNotConfigured` when the home folder is needed and unknown.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider, IniProfile } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const program = Effect.provide(CredentialProvider.get, IniProfile.layerEnv)
 * ```
 */
export const layerEnv: Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path
> = Layer.suspend(() => layerEnvWith({}))

/**
 * {@link layerEnv} with other time limits and another policy of renewal for the source behind the profile.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { IniProfile } from "effect-alicloud-credentials"
 *
 * const layer = IniProfile.layerEnvWith({ refresh: { prefetch: "30 minutes" } })
 * ```
 */
export const layerEnvWith = (
  options: SessionOptions
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path
> =>
  fromEnv(
    name,
    Config.all({ file: variables.credentialsFile, profile: variables.profile }),
    ({ file, profile }) =>
      iniProfile.make({ ...options, file: Option.getOrUndefined(file), profile: Option.getOrUndefined(profile) })
  )
