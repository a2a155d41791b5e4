/**
 * The chain that the official tools use by default.
 *
 * @since 0.1.0
 */

import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as CliProfile from "./CliProfile.ts"
import * as CredentialChain from "./CredentialChain.ts"
import { CredentialProvider, type Service } from "./CredentialProvider.ts"
import * as CredentialsUri from "./CredentialsUri.ts"
import * as EcsRamRole from "./EcsRamRole.ts"
import * as Environment from "./Environment.ts"
import * as IniProfile from "./IniProfile.ts"
import * as names from "./internal/provider/names.ts"
import * as OidcRoleArn from "./OidcRoleArn.ts"
import type { SessionOptions } from "./RequestLimits.ts"

/**
 * The requirements of all links. On runtimes without files or processes, remove the links that need them.
 */
type Platform = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor

/**
 * Options of the chain, and time limits and a refresh policy for every link that asks a server.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends SessionOptions, CredentialChain.ChainOptions {}

/**
 * The type of {@link links}.
 *
 * @since 0.1.0
 * @category models
 */
export type Links = readonly [
  CredentialChain.Named<never, "env">,
  CredentialChain.Named<HttpClient.HttpClient | FileSystem.FileSystem, "oidc_role_arn">,
  CredentialChain.Named<Platform, "cli_profile">,
  CredentialChain.Named<HttpClient.HttpClient | FileSystem.FileSystem | Path.Path, "profile">,
  CredentialChain.Named<HttpClient.HttpClient, "ecs_ram_role">,
  CredentialChain.Named<HttpClient.HttpClient, "credential_uri">
]

/**
 * The {@link links} with time limits and a refresh policy for all of them.
 *
 * @since 0.1.0
 * @category links
 * @example
 * ```ts
 * import { CredentialChain, DefaultChain } from "effect-alicloud-credentials"
 *
 * const links = DefaultChain.linksWith({ timeout: "2 seconds" })
 * const layer = CredentialChain.layer(CredentialChain.remove(links, "credential_uri"))
 * ```
 */
export const linksWith = (options: SessionOptions): Links => [
  CredentialChain.link(names.environment, Environment.layer),
  CredentialChain.link(names.oidcRoleArn, OidcRoleArn.layerEnvWith(options)),
  CredentialChain.link(names.cliProfile, CliProfile.layerEnvWith(options)),
  CredentialChain.link(names.iniProfile, IniProfile.layerEnvWith(options)),
  CredentialChain.link(names.ecsRamRole, EcsRamRole.layerEnvWith(options)),
  CredentialChain.link(names.credentialsUri, CredentialsUri.layerEnvWith(options))
]

/**
 * The links, in order: `env`, `oidc_role_arn`, `cli_profile`, `profile`, `ecs_ram_role`, `credential_uri`. Change them
 * with the combinators of `CredentialChain`.
 *
 * @since 0.1.0
 * @category links
 * @example
 * ```ts
 * import { CredentialChain, DefaultChain } from "effect-alicloud-credentials"
 *
 * const layer = CredentialChain.layer(CredentialChain.remove(DefaultChain.links, "credential_uri"))
 * ```
 */
export const links: Links = linksWith({})

/**
 * Makes a provider that asks the {@link links} in order, with the given options. `get` fails with
 * `CredentialChainError`.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CredentialChain, DefaultChain } from "effect-alicloud-credentials"
 *
 * const provider = DefaultChain.make({
 *   timeout: "2 seconds",
 *   refresh: { prefetch: "30 minutes" },
 *   stopWhen: CredentialChain.stopWhenConfigured
 * })
 * ```
 */
export const make = (
  options: Options = {}
): Effect.Effect<Service, never, Platform | Scope.Scope> => CredentialChain.make(linksWith(options), options)

/**
 * A layer that provides the credentials of the first source that works: environment variables, the OIDC role of a pod,
 * a profile of `config.json`, a section of the INI file, the role of the instance, a credentials URI. Like the official
 * tools, it skips a configured source that fails, but it logs a warning. Use {@link layerStrict} in production.
 *
 * Needs an `HttpClient`, a `FileSystem`, a `Path` and a `CommandExecutor`. Building it cannot fail. `get` fails with
 * `CredentialChainError`, which has the error of each source. The first `get` reads the variables and files of the
 * sources, see `Environment.layer` and `layerEnv` of `OidcRoleArn`, `CliProfile`, `IniProfile`, `EcsRamRole` and
 * `CredentialsUri`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider, DefaultChain } from "effect-alicloud-credentials"
 * import { NodeContext, NodeHttpClient } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 *
 * const program = CredentialProvider.get.pipe(
 *   Effect.provide(DefaultChain.layer),
 *   Effect.provide(Layer.merge(NodeContext.layer, NodeHttpClient.layer))
 * )
 * ```
 */
export const layer: Layer.Layer<
  CredentialProvider,
  never,
  Platform
> = CredentialChain.layer(links)

/**
 * A layer that provides the credentials of the first source of the default chain that works, as {@link layer} does,
 * with options for the chain, time limits and a refresh policy. It needs, reads and fails with the same.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { DefaultChain } from "effect-alicloud-credentials"
 *
 * const layer = DefaultChain.layerWith({ connectTimeout: "3 seconds", interval: "5 minutes" })
 * ```
 */
export const layerWith = (options: Options): Layer.Layer<CredentialProvider, never, Platform> =>
  Layer.scoped(CredentialProvider, make(options))

/**
 * A layer that provides the credentials of the first configured source of the default chain, for production. A
 * configured source that fails ends the search (`CredentialChain.stopWhenConfigured`), so the program never continues
 * with another identity.
 *
 * Needs an `HttpClient`, a `FileSystem`, a `Path` and a `CommandExecutor`. Building it cannot fail. `get` fails with
 * `CredentialChainError`. The first `get` reads the same variables and files as for {@link layer}.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider, DefaultChain } from "effect-alicloud-credentials"
 *
 * // fails to build if the configured credentials do not work, so the application does not start
 * const layer = CredentialProvider.eager(DefaultChain.layerStrict)
 * ```
 */
export const layerStrict: Layer.Layer<
  CredentialProvider,
  never,
  Platform
> = CredentialChain.layer(links, { stopWhen: CredentialChain.stopWhenConfigured })
