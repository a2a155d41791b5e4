/**
 * The chain that the official tools walk when they are given nothing.
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
 * What the sources of a program on Node.js need. On other runtimes, remove the links that need files or processes.
 */
type Platform = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor

/**
 * Options of the chain, and of every link that asks a server.
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
 * The {@link links} with other time limits and another policy of renewal for all of them.
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
 * The links, in their order: `env`, `oidc_role_arn`, `cli_profile`, `profile`, `ecs_ram_role`, `credential_uri`. Change
 * them with the combinators of `CredentialChain`.
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
 * A provider that walks the {@link links} with the given options. `get` fails with `CredentialChainError`.
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
 * The chain of {@link links}: environment variables, the OIDC role of a pod, a profile of `config.json`, a section of the
 * INI file, the role of the instance, a credentials URI. A link that is set up but fails is passed over, with a warning
 * in the log, as the official tools do silently.
 *
 * The variables are those of the sources, read at the first `get`; so is everything else. `get` fails with
 * `CredentialChainError`.
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
 * {@link make} as a layer.
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
 * {@link layer} with the rule for production, `CredentialChain.stopWhenConfigured`: a link that is set up and fails
 * ends the search, so that the program never goes on under another identity.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider, DefaultChain } from "effect-alicloud-credentials"
 *
 * // fails to build, and the application to start, when the credentials that were set up do not work
 * const layer = CredentialProvider.eager(DefaultChain.layerStrict)
 * ```
 */
export const layerStrict: Layer.Layer<
  CredentialProvider,
  never,
  Platform
> = CredentialChain.layer(links, { stopWhen: CredentialChain.stopWhenConfigured })
