/**
 * Credentials that your own program prints, as in mode `External` of `config.json`: for password managers, hardware
 * keys and sign-in tools that have no source of their own.
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
 * The program, and when it runs.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProcessOptions {
  /**
   * The program and its arguments, split as in a shell, with quotes and backslashes. Variables, `~` and patterns are
   * not expanded. On Windows a backslash is literal, except in `\"`.
   */
  readonly command: Redacted.Redacted
  /** How long the program may run before it and its children are killed. Defaults to 1 minute. */
  readonly timeout?: Duration.DurationInput | undefined
  /** When sessions are renewed. Defaults to `RefreshPolicy.defaults`. */
  readonly refresh?: Partial<RefreshPolicy> | undefined
  /** After how long the program runs again if it printed no `expiration`. Defaults to 1 minute. */
  readonly keep?: Duration.DurationInput | undefined
}

/**
 * Makes a provider from the output of a program. The program must print JSON with `access_key_id`, `access_key_secret`
 * and, for a session, `sts_token`. `mode` (`AK` or `StsToken`) and `expiration` (such as `2030-01-01T00:00:00Z`) are
 * optional. It runs without a shell, with the environment of this process and an empty input, once for all concurrent
 * callers. At most 1 MiB of its output is read.
 *
 * With a `Path` in the context, it splits the command as on Windows if the separator of paths is a backslash. Without
 * one, it does so if the variable `OS` is `Windows_NT`.
 *
 * `get` fails with `CredentialsMisconfigured` if the command cannot be split or started, if the program prints
 * a profile of another mode, such as `RamRoleArn` or `External`, or one with a `ram_role_arn` and neither mode nor token
 * (its key pair is not the credentials that it describes), or if `ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS` was `1` or `true` when the provider
 * was made; with `CredentialsUnavailable` if the program times out or is killed; with `CredentialsRejected` if its exit
 * code is not 0; or with `CredentialsMalformed` or `CredentialsExpired`. Errors contain neither the arguments nor the
 * output nor the error output of the program: run it in a terminal to see them.
 *
 * After the timeout, the process group of the program is killed; on Windows, its process tree.
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
 * A layer that provides the credentials that a program prints: JSON with `access_key_id`, `access_key_secret` and, for
 * a session, `sts_token`; see {@link make}. The program runs without a shell, once for all concurrent callers.
 *
 * With a `Path` in the context, it splits the command as on Windows if the separator of paths is a backslash. Without
 * one, it does so if the variable `OS` is `Windows_NT`.
 *
 * Needs a `CommandExecutor`. Building it cannot fail; it reads `ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS` and, without a
 * `Path`, `OS`. `get` fails with `CredentialsMisconfigured` if the command cannot be split or started or the first
 * variable disables it, with `CredentialsUnavailable` if the program times out or is killed, with `CredentialsRejected`
 * if its exit code is not 0, or with `CredentialsMalformed` or `CredentialsExpired`.
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
 * A layer that provides the credentials that a program prints, with options read from `Config`.
 *
 * Needs a `CommandExecutor`. Fails to build with `ConfigError` if an option is missing or not valid. `get` fails, and
 * variables are read, as for {@link layer}.
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
