/**
 * A profile of `config.json`, the file that the Alibaba Cloud CLI writes and the official SDKs read, in every mode that
 * it can have.
 *
 * @since 0.1.0
 */

import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Path from "@effect/platform/Path"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type CredentialError, CredentialsMisconfigured, CredentialsNotConfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import { inHome } from "./internal/files/home.ts"
import * as cliModes from "./internal/profile/cliModes.ts"
import * as configFile from "./internal/profile/configFile.ts"
import * as fileProvider from "./internal/profile/fileProvider.ts"
import type { ProfileOptions } from "./internal/profile/profileOptions.ts"
import type { Origins } from "./internal/profile/profileStore.ts"
import * as names from "./internal/provider/names.ts"
import * as variables from "./internal/variables.ts"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  ProfileOptions
} from "./internal/profile/profileOptions.ts"

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
): Effect.Effect<CredentialProvider.Service, never, Needs | Scope.Scope> =>
  Effect.zipRight(notSwitchedOff(), open(options)).pipe(CredentialProvider.orFail(name))

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
> = Layer.scoped(
  CredentialProvider.CredentialProvider,
  Effect.gen(function*() {
    yield* notSwitchedOff()
    const { file, profile } = yield* Effect.mapError(
      Config.all({ file: variables.configFile, profile: variables.profile }),
      variables.toCredentialError(name)
    )
    return yield* open({ file: Option.getOrUndefined(file), profile: Option.getOrUndefined(profile) })
  })
)

/** {@link make} for who has more than one place to look for a profile. @internal */
export const makeOptional = (
  options: ProfileOptions
): Effect.Effect<CredentialProvider.Service, never, Needs | Scope.Scope> =>
  Effect.zipRight(notSwitchedOff(), open({ ...options, optional: true })).pipe(CredentialProvider.orFail(name))

interface Options extends ProfileOptions {
  /** Whether a profile that is not there is no mistake, although it is named. */
  readonly optional?: boolean | undefined
}

const open = (
  options: Options
): Effect.Effect<
  CredentialProvider.Service,
  CredentialsNotConfigured | CredentialsMisconfigured,
  Needs | Scope.Scope
> =>
  Effect.gen(function*() {
    const path = yield* Path.Path
    const files = yield* FileSystem.FileSystem
    const origins: Origins = new Map()
    return yield* fileProvider.make({
      provider: name,
      module: "CliProfile",
      paths: [options.file || (yield* inHome(name, ".aliyun", "config.json"))],
      named: Boolean(options.file),
      hint: "Mend the path, or run: aliyun configure",
      isCutShort: configFile.isCutShort,
      plan: (file, text) => plan({ file, files, path, origins, named: options.file || undefined }, options, text)
    })
  })

const plan = (
  home: Omit<cliModes.Home, "rewritten">,
  options: Options,
  text: string
): Either.Either<fileProvider.Plan<Needs>, CredentialError> =>
  Either.gen(function*() {
    const config = yield* configFile.parse(text)
    const wanted = options.profile || undefined
    if (options.optional && wanted !== undefined && !configFile.hasProfile(config, wanted)) return undefined
    const { base, roles } = yield* configFile.pickChain(config, wanted)
    const source = yield* cliModes.recipeOf(base)
    const assumed = yield* Either.all(roles.map(cliModes.roleOf))
    return {
      identity: JSON.stringify([...roles, base].map(({ fields, mode, name }) => [name, mode, fields])),
      build: (rewritten: (text: string) => void) =>
        assumed.reduceRight(
          (below, role) => Effect.flatMap(below, (service) => role({ ...home, rewritten }, service)),
          source({ ...home, rewritten })
        )
    }
  }).pipe(
    Either.mapLeft(({ at, reason }): CredentialError =>
      new CredentialsMisconfigured({ provider: name, at: at === undefined ? home.file : `${home.file}: ${at}`, reason })
    ),
    Either.filterOrLeft(
      (plan) => plan !== undefined,
      () => new CredentialsNotConfigured({ provider: name, reason: `${home.file}: no such profile` })
    )
  )

const notSwitchedOff = (): Effect.Effect<void, CredentialsNotConfigured | CredentialsMisconfigured> =>
  Effect.flatMap(
    Effect.mapError(variables.cliProfileDisabled, variables.toCredentialError(name)),
    (disabled) =>
      Option.contains(disabled, true)
        ? new CredentialsNotConfigured({
          provider: name,
          reason: `switched off by ${variables.names.cliProfileDisabled}`
        })
        : Effect.void
  )
