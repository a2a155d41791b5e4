/**
 * Credentials from a section of `~/.alibabacloud/credentials.ini`, the INI file of the official SDKs.
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
   * The file, the section in it, and the options of the source that the section describes.
   *
   * @since 0.1.0
   * @category models
   */
  ProfileOptions
} from "./CliProfile.ts"

const name = names.iniProfile

/**
 * Makes a provider from a section of an INI file. Without options it uses the section `default` of
 * `.alibabacloud/credentials.ini` in the home folder, or of `.alibabacloud/credentials` if that does not exist. The
 * name of the provider includes the source of the section, for example `profile/ram_role_arn/static_ak`.
 *
 * `type` in a section is `access_key`, `sts`, `ram_role_arn`, `ecs_ram_role`, `oidc_role_arn`, `credentials_uri` or
 * `bearer`. The other keys are the parameters of the official `Config` object with their Python names, such as
 * `role_session_expiration` (in seconds) and `sts_region_id` (or `sts_region`). An `oidc_role_arn` without a token file
 * uses `ALIBABA_CLOUD_OIDC_TOKEN_FILE`. A section with `enable=false` counts as missing.
 *
 * `timeout` and `connect_timeout` are in milliseconds if they are whole numbers from 100, as the tools for Python and
 * Node.js write them. Smaller numbers, such as `0.2`, are seconds, as the tools for PHP write them. Everything else is
 * an error. `proxy`, `proxy_http` and `proxy_https` are an error for a type that sends requests, because they name a
 * route that the HTTP client of the program does not take; configure the client instead. The other types ignore them.
 *
 * Known keys that the type does not use are logged in one debug line. Keys that no official tool knows are ignored with
 * one warning for each version of the file, which suggests the nearest known key: `polciy (did you mean policy?)`.
 *
 * The first `get` reads the file. The provider then checks the file once a minute while its credentials work, otherwise
 * at every `get`. Changes take effect without a restart. If the changed section does not work, the cached credentials
 * stay in use.
 *
 * `get` fails with `CredentialsNotConfigured` if the default file or its default section does not exist, with
 * `CredentialsMisconfigured` if a named file or section does not exist or the section is not valid, with
 * `CredentialsUnavailable` if the file cannot be read, or with the errors of the source that the section describes.
 * Errors name the file, the section and every key that is missing or wrong, never a value.
 *
 * Reads `HOME` (on Windows also `USERPROFILE`, `HOMEDRIVE` and `HOMEPATH`), `ALIBABA_CLOUD_OIDC_TOKEN_FILE`, and the
 * endpoint variables of the source that the section describes.
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
 * A layer that provides the credentials of a section of an INI file: the section `default` of
 * `~/.alibabacloud/credentials.ini` or `~/.alibabacloud/credentials`, unless the options name another file or section.
 *
 * Needs an `HttpClient`, a `FileSystem` and a `Path`. Building it cannot fail. `get` fails with
 * `CredentialsNotConfigured` if the default file or its default section does not exist, with `CredentialsMisconfigured`
 * if a named file or section does not exist or the section is not valid, with `CredentialsUnavailable` if the file
 * cannot be read, or with the errors of the source that the section describes.
 *
 * Reads `HOME` (on Windows also `USERPROFILE`, `HOMEDRIVE` and `HOMEPATH`), `ALIBABA_CLOUD_OIDC_TOKEN_FILE`, and the
 * endpoint variables of the source that the section describes. See {@link make} for the keys of a section.
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
 * A layer that provides the credentials of a section of an INI file, with options read from `Config`.
 *
 * Needs an `HttpClient`, a `FileSystem` and a `Path`. Fails to build with `ConfigError` if an option is missing or not
 * valid. `get` fails, and variables are read, as for {@link layer}.
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
 * A layer that provides the credentials of a section of an INI file, with the file of `ALIBABA_CLOUD_CREDENTIALS_FILE`
 * and the section of `ALIBABA_CLOUD_PROFILE`. Without these variables it uses the section `default` of
 * `~/.alibabacloud/credentials.ini` or `~/.alibabacloud/credentials`.
 *
 * Needs an `HttpClient`, a `FileSystem` and a `Path`. Fails to build with `CredentialsNotConfigured` if the home folder
 * is needed and not known, and with `CredentialsMisconfigured` if a variable has no valid value. `get` fails, and more
 * variables are read, as for {@link layer}. `CredentialsNotConfigured` names variables of other tools that are set but
 * not read, such as `ALIBABACLOUD_PROFILE`.
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
 * A layer that provides the credentials of the section that environment variables name, as {@link layerEnv} does, with
 * time limits and a refresh policy for the source that the section describes. It needs, reads and fails with the same.
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
      iniProfile.make({
        ...options,
        file: Option.getOrUndefined(file),
        profile: Option.getOrUndefined(profile),
        fromVariables: true
      })
  )
