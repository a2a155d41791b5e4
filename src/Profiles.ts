/**
 * Providers by the name of their profile, for programs that switch accounts while they run. The official Python SDK
 * does this with `client_type`, but for the whole process.
 *
 * @since 0.1.0
 */

import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LayerMap from "effect/LayerMap"
import * as RcRef from "effect/RcRef"
import type * as Scope from "effect/Scope"
import * as CredentialChain from "./CredentialChain.ts"
import { type CredentialError, CredentialsMisconfigured, isNotConfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as cliProfile from "./internal/profile/cliProfile.ts"
import * as iniProfile from "./internal/profile/iniProfile.ts"
import { configure, quoted } from "./internal/profile/quoted.ts"
import { DryRun } from "./internal/provider/dryRun.ts"
import { inOneLine } from "./internal/provider/errors.ts"
import * as names from "./internal/provider/names.ts"
import { fail, mapService, orFail } from "./internal/provider/service.ts"
import type { SessionOptions } from "./RequestLimits.ts"

/**
 * Providers by the name of their profile. A provider is made when it is first used, and shared by all uses of the name.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** A layer with the provider of a profile. Building it cannot fail. */
  readonly get: (profile: string) => Layer.Layer<CredentialProvider.CredentialProvider>
  /** Drops the provider of a profile. The next use reads the profile and requests a session again. */
  readonly invalidate: (profile: string) => Effect.Effect<void>
}

/**
 * The tag of {@link Service}.
 *
 * @since 0.1.0
 * @category tags
 * @example
 * ```ts
 * import { Profiles } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * // the next use reads the profile and requests a session again
 * const forget = Effect.flatMap(Profiles.Profiles, (profiles) => profiles.invalidate("client1"))
 * ```
 */
export class Profiles extends Context.Tag("effect-alicloud-credentials/Profiles")<Profiles, Service>() {}

/**
 * The files with the profiles, and options for their sources.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends SessionOptions {
  /** The path of `config.json`. Defaults to the file in the home folder. */
  readonly configFile?: string | undefined
  /** The path of the INI file. Defaults to the file in the home folder. */
  readonly credentialsFile?: string | undefined
  /** How long an unused provider and its session are kept. Defaults to 10 minutes. */
  readonly idleTimeToLive?: Duration.DurationInput | undefined
}

type Needs = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor

/**
 * Makes a map of providers. A profile is read from `config.json`, as with `CliProfile`, or else from the INI file, as
 * with `IniProfile`. The first file that has the profile is used, even if its profile does not work. A provider is made
 * when it is first used, is shared by all uses of the name, and closes with the map or after `idleTimeToLive` without
 * use.
 *
 * The `get` of a provider fails with `CredentialsMisconfigured` if neither file has the profile, or with the errors of
 * `CliProfile` or `IniProfile`.
 *
 * Reads `HOME` (on Windows also `USERPROFILE`, `HOMEDRIVE` and `HOMEPATH`), `ALIBABA_CLOUD_CLI_PROFILE_DISABLED`,
 * `ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS` and the other variables of `CliProfile.make` and `IniProfile.make`, but no
 * variable that names a file or a profile.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Profiles } from "effect-alicloud-credentials"
 *
 * const profiles = Profiles.make({ idleTimeToLive: "1 hour" })
 * ```
 */
export const make = (options: Options = {}): Effect.Effect<Service, never, Needs | Scope.Scope> =>
  Effect.gen(function*() {
    const context = yield* Effect.context<Needs>()
    const files = yield* sharedFiles
    const map = yield* LayerMap.make((profile: string) => layerOf(options, profile, files), {
      idleTimeToLive: options.idleTimeToLive ?? "10 minutes"
    })
    return {
      get: (profile) =>
        Layer.unwrapEffect(Effect.map(DryRun, (observer) =>
          // A dry run gets a provider of its own: that of the program must stay as it is.
          observer === undefined
            ? map.get(profile)
            : Layer.provide(layerOf(options, profile, alone), Layer.succeedContext(observer.watch(context))))),
      invalidate: (profile) => map.invalidate(profile)
    } satisfies Service
  })

/**
 * A layer that provides a map of providers by the name of their profile, from `config.json` or else from the INI file.
 *
 * Needs an `HttpClient`, a `FileSystem`, a `Path` and a `CommandExecutor`. Building it cannot fail. The `get` of a
 * provider fails with `CredentialsMisconfigured` if neither file has the profile, or with the errors of `CliProfile` or
 * `IniProfile`. Reads `HOME` (on Windows also `USERPROFILE`, `HOMEDRIVE` and `HOMEPATH`),
 * `ALIBABA_CLOUD_CLI_PROFILE_DISABLED`, `ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS` and the other variables of
 * `CliProfile.make` and `IniProfile.make`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider, Profiles } from "effect-alicloud-credentials"
 * import { NodeContext, NodeHttpClient } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 *
 * const bill = CredentialProvider.get.pipe(Effect.map((credentials) => credentials.provider))
 *
 * const program = Effect.gen(function*() {
 *   const one = yield* Effect.provide(bill, Profiles.get("client1"))
 *   const other = yield* Effect.provide(bill, Profiles.get("client2"))
 *   return [one, other]
 * }).pipe(
 *   Effect.provide(Profiles.layer()),
 *   Effect.provide(Layer.merge(NodeContext.layer, NodeHttpClient.layer))
 * )
 * ```
 */
export const layer = (options: Options = {}): Layer.Layer<Profiles, never, Needs> =>
  Layer.scoped(Profiles, make(options))

/**
 * A layer that provides the credentials of a profile, from the map in the context.
 *
 * Needs `Profiles`. Building it cannot fail. `get` fails with `CredentialsMisconfigured` if neither file has the
 * profile, or with the errors of `CliProfile` or `IniProfile`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider, Profiles } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const credentialsOf = (client: string) => Effect.provide(CredentialProvider.get, Profiles.get(client))
 * ```
 */
export const get = (profile: string): Layer.Layer<CredentialProvider.CredentialProvider, never, Profiles> =>
  Layer.unwrapEffect(Effect.map(Profiles, (profiles) => profiles.get(profile)))

/** What the providers of the map share of each file, until the last of them closes. */
interface Files {
  readonly config: Effect.Effect<ReturnType<typeof cliProfile.makeShared>, never, Scope.Scope>
  readonly ini: Effect.Effect<ReturnType<typeof iniProfile.makeShared>, never, Scope.Scope>
}

const sharedFiles: Effect.Effect<Files, never, Scope.Scope> = Effect.gen(function*() {
  const config = yield* RcRef.make({ acquire: Effect.sync(cliProfile.makeShared) })
  const ini = yield* RcRef.make({ acquire: Effect.sync(iniProfile.makeShared) })
  return { config: RcRef.get(config), ini: RcRef.get(ini) }
})

const alone: Files = { config: Effect.sync(cliProfile.makeShared), ini: Effect.sync(iniProfile.makeShared) }

const layerOf = (
  { configFile, connectTimeout, credentialsFile, refresh, timeout }: Options,
  profile: string,
  files: Files
): Layer.Layer<CredentialProvider.CredentialProvider, never, Needs> => {
  const common = { connectTimeout, refresh, timeout, profile, optional: true }
  const links = [
    CredentialChain.link(
      names.cliProfile,
      optional(
        names.cliProfile,
        Effect.flatMap(files.config, (shared) => cliProfile.make({ ...common, file: configFile, shared }))
      )
    ),
    CredentialChain.link(
      names.iniProfile,
      optional(
        names.iniProfile,
        Effect.flatMap(files.ini, (shared) => iniProfile.make({ ...common, file: credentialsFile, shared }))
      )
    )
  ] as const
  return scoped(
    profile === ""
      ? Effect.succeed(unnamed)
      : Effect.map(
        CredentialChain.make(links, { stopWhen: CredentialChain.stopWhenConfigured }),
        (chain) => withOneError(chain, profile)
      )
  )
}

const optional = <R>(name: string, make: Effect.Effect<CredentialProvider.Service, CredentialError, R>) =>
  scoped(orFail(name)(make))

const scoped = <R>(make: Effect.Effect<CredentialProvider.Service, never, R>) =>
  Layer.scoped(CredentialProvider.CredentialProvider, make)

const unnamed = fail(
  names.profiles,
  new CredentialsMisconfigured({ provider: names.profiles, at: "profile", reason: "empty" })
)

/** Either one of the files has failed, or neither has the profile. A named profile that does not exist is an error. */
const withOneError = (chain: CredentialProvider.Service, profile: string): CredentialProvider.Service => {
  const simplify = (error: CredentialError): CredentialError => {
    if (error._tag !== "CredentialChainError") return error
    const failed = error.attempts.find((attempt) => !isNotConfigured(attempt))
    return failed ?? new CredentialsMisconfigured({
      provider: names.profiles,
      at: "profile",
      reason: `${quoted(profile)} is in neither file: ${error.attempts.map(inOneLine).join("; ")}`,
      hint: `Correct the name, or run: ${configure(profile)}`
    })
  }
  return mapService(chain, { error: simplify })
}
