/**
 * Profiles by their name, for programs that switch accounts while they run: what `client_type` is in the official
 * Python SDK, without a switch that the whole process shares.
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
import type * as Scope from "effect/Scope"
import * as CredentialChain from "./CredentialChain.ts"
import { type CredentialError, CredentialsMisconfigured, isNotConfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as cliProfile from "./internal/profile/cliProfile.ts"
import * as iniProfile from "./internal/profile/iniProfile.ts"
import { quoted } from "./internal/profile/quoted.ts"
import * as names from "./internal/provider/names.ts"
import { fail, mapService, orFail } from "./internal/provider/service.ts"
import type { SessionOptions } from "./RequestLimits.ts"

/**
 * Providers by the name of their profile. Each is made when it is first used, and shared by all who use the same name.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The provider of a profile as a layer. Building it cannot fail. */
  readonly get: (profile: string) => Layer.Layer<CredentialProvider.CredentialProvider>
  /** Forgets the provider of a profile. The next use reads the profile and requests its session again. */
  readonly invalidate: (profile: string) => Effect.Effect<void>
}

/**
 * The tag of the service.
 *
 * @since 0.1.0
 * @category tags
 * @example
 * ```ts
 * import { Profiles } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * // the profile is read anew, and its session asked for anew, by whoever asks next
 * const forget = Effect.flatMap(Profiles.Profiles, (profiles) => profiles.invalidate("client1"))
 * ```
 */
export class Profiles extends Context.Tag("effect-alicloud-credentials/Profiles")<Profiles, Service>() {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options extends SessionOptions {
  /** The `config.json` to look in. Defaults to the one in the home folder. */
  readonly configFile?: string | undefined
  /** The INI file to look in. Defaults to the one in the home folder. */
  readonly credentialsFile?: string | undefined
  /** How long a provider that nobody uses is kept, with its session. Defaults to 10 minutes. */
  readonly idleTimeToLive?: Duration.DurationInput | undefined
}

type Needs = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor

/**
 * A map of providers. A profile is looked for in `config.json` first, as `CliProfile` reads it, and then in the INI file,
 * as `IniProfile` does; the first of them that has it counts, even if it does not work. Each provider is made when it is
 * first asked for, is shared by all who ask for the same name, and ends with the map or when it has been idle.
 *
 * The `get` of a provider fails with `CredentialsMisconfigured` when neither file has the profile, else as the one that
 * has it.
 *
 * Reads `HOME` (on Windows also `USERPROFILE`, `HOMEDRIVE` and `HOMEPATH`), `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` and
 * `ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS`, and no variable that names a file or a profile.
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
  Effect.map(
    LayerMap.make((profile: string) => layerOf(options, profile), {
      idleTimeToLive: options.idleTimeToLive ?? "10 minutes"
    }),
    (map): Service => ({ get: (profile) => map.get(profile), invalidate: (profile) => map.invalidate(profile) })
  )

/**
 * {@link make} as a layer.
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
 * The provider of a profile as a layer, from the map in the context. Building it cannot fail; how `get` fails is told at
 * {@link make}.
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

const layerOf = (
  { configFile, connectTimeout, credentialsFile, refresh, timeout }: Options,
  profile: string
): Layer.Layer<CredentialProvider.CredentialProvider, never, Needs> => {
  const sessions: SessionOptions = { connectTimeout, refresh, timeout }
  const links = [
    CredentialChain.link(
      names.cliProfile,
      optional(names.cliProfile, cliProfile.make({ ...sessions, file: configFile, profile, optional: true }))
    ),
    CredentialChain.link(
      names.iniProfile,
      optional(names.iniProfile, iniProfile.make({ ...sessions, file: credentialsFile, profile, optional: true }))
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

/** Only one of the files can have failed, or neither has the profile; who asks for one takes it for set up. */
const withOneError = (chain: CredentialProvider.Service, profile: string): CredentialProvider.Service => {
  const simplify = (error: CredentialError): CredentialError => {
    if (error._tag !== "CredentialChainError") return error
    const failed = error.attempts.find((attempt) => !isNotConfigured(attempt))
    return failed ?? new CredentialsMisconfigured({
      provider: names.profiles,
      at: "profile",
      reason: `${quoted(profile)} is in no file: ${error.attempts.map((attempt) => attempt.message).join("; ")}`
    })
  }
  return mapService(chain, { error: simplify })
}
