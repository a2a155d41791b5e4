/**
 * The chain that the official tools walk when they are given nothing.
 *
 * @since 0.1.0
 */

import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import type * as Layer from "effect/Layer"
import * as CliProfile from "./CliProfile.ts"
import * as CredentialChain from "./CredentialChain.ts"
import type { CredentialProvider } from "./CredentialProvider.ts"
import * as CredentialsUri from "./CredentialsUri.ts"
import * as EcsRamRole from "./EcsRamRole.ts"
import * as Environment from "./Environment.ts"
import * as IniProfile from "./IniProfile.ts"
import * as names from "./internal/provider/names.ts"
import * as OidcRoleArn from "./OidcRoleArn.ts"

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
export const links: readonly [
  CredentialChain.Named<never, "env">,
  CredentialChain.Named<HttpClient.HttpClient | FileSystem.FileSystem, "oidc_role_arn">,
  CredentialChain.Named<
    HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor,
    "cli_profile"
  >,
  CredentialChain.Named<HttpClient.HttpClient | FileSystem.FileSystem | Path.Path, "profile">,
  CredentialChain.Named<HttpClient.HttpClient, "ecs_ram_role">,
  CredentialChain.Named<HttpClient.HttpClient, "credential_uri">
] = [
  CredentialChain.link(names.environment, Environment.layer),
  CredentialChain.link(names.oidcRoleArn, OidcRoleArn.layerEnv),
  CredentialChain.link(names.cliProfile, CliProfile.layerEnv),
  CredentialChain.link(names.iniProfile, IniProfile.layerEnv),
  CredentialChain.link(names.ecsRamRole, EcsRamRole.layerEnv),
  CredentialChain.link(names.credentialsUri, CredentialsUri.layerEnv)
]

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
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor
> = CredentialChain.layer(links)

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
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor
> = CredentialChain.layer(links, { stopWhen: CredentialChain.stopWhenConfigured })
