/**
 * Credentials that a program of one's own prints, as mode `External` of `config.json` has them: for password managers,
 * hardware keys and sign-in tools that no other source knows.
 *
 * @since 0.1.0
 */

import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as run from "./internal/process/run.ts"
import type { RefreshPolicy } from "./RefreshPolicy.ts"

/**
 * @since 0.1.0
 * @category models
 */
export interface ProcessOptions {
  /**
   * The program and its arguments. They are split as a shell splits them, with quotes and backslashes, and nothing else
   * of a shell: no variables, no `~`, no patterns. On Windows a backslash is itself, except in `\"`.
   */
  readonly command: Redacted.Redacted
  /** How long the program may take before it and its children are killed. Defaults to 1 minute. */
  readonly timeout?: Duration.DurationInput | undefined
  /** When sessions are renewed. Defaults to `RefreshPolicy.defaults`. */
  readonly refresh?: Partial<RefreshPolicy> | undefined
  /** After how long the program is run again when it gave no `expiration`. Defaults to 1 minute. */
  readonly keep?: Duration.DurationInput | undefined
}

/**
 * A provider of what the program prints: JSON with `access_key_id`, `access_key_secret`, for a session `sts_token`, and
 * optionally `mode` (`AK` or `StsToken`) and `expiration` (such as `2030-01-01T00:00:00Z`). It is run without a shell,
 * with the environment of this process and nothing to read, once for however many ask. At most 1 MiB is read.
 *
 * `get` fails with `CredentialsMisconfigured` when the command cannot be split or started, or prints credentials of mode
 * `External`, or when `ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS` was `1` or `true` as the provider was made; with
 * `CredentialsUnavailable` when the program runs out of time or is killed; with `CredentialsRejected` when it ends with
 * another exit code than 0; else with `CredentialsMalformed` or `CredentialsExpired`. Neither the arguments nor what
 * the program prints or complains of is in an error: run it by hand to see that.
 *
 * Time limits kill the process group of the program, on Windows its process tree.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { ExternalProcess } from "effect-alicloud-credentials"
 * import { Redacted } from "effect"
 *
 * const provider = ExternalProcess.make({
 *   command: Redacted.make("/usr/local/bin/keys --account 'big data'"),
 *   timeout: "10 seconds"
 * })
 * ```
 */
export const make = (
  options: ProcessOptions
): Effect.Effect<CredentialProvider.Service, never, CommandExecutor.CommandExecutor | Scope.Scope> => run.make(options)

/**
 * {@link make} as a layer.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { ExternalProcess } from "effect-alicloud-credentials"
 * import { NodeContext } from "@effect/platform-node"
 * import { Layer, Redacted } from "effect"
 *
 * const layer = ExternalProcess.layer({ command: Redacted.make("keys --json") }).pipe(Layer.provide(NodeContext.layer))
 * ```
 */
export const layer = (
  options: ProcessOptions
): Layer.Layer<CredentialProvider.CredentialProvider, never, CommandExecutor.CommandExecutor> =>
  Layer.scoped(CredentialProvider.CredentialProvider, make(options))

/**
 * {@link layer} with options read from configuration of one's own.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { ExternalProcess } from "effect-alicloud-credentials"
 * import { Config } from "effect"
 *
 * const layer = ExternalProcess.layerConfig({ command: Config.redacted("KEY_COMMAND") })
 * ```
 */
export const layerConfig = (
  options: Config.Config.Wrap<ProcessOptions>
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  ConfigError.ConfigError,
  CommandExecutor.CommandExecutor
> => Layer.scoped(CredentialProvider.CredentialProvider, Effect.flatMap(Config.unwrap(options), make))
