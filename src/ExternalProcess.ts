/**
 * Credentials that a program of one's own prints, as mode `External` of `config.json` has them: for password managers,
 * hardware keys and sign-in tools that no other source knows.
 *
 * @since 0.1.0
 */

import * as Command from "@effect/platform/Command"
import * as CommandExecutor from "@effect/platform/CommandExecutor"
import type { PlatformError } from "@effect/platform/Error"
import * as Path from "@effect/platform/Path"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import {
  type CredentialError,
  CredentialsMalformed,
  CredentialsMisconfigured,
  CredentialsRejected,
  CredentialsUnavailable
} from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import type { Credentials } from "./Credentials.ts"
import * as commandLine from "./internal/process/commandLine.ts"
import { expirationOf, interpret } from "./internal/process/output.ts"
import * as names from "./internal/provider/names.ts"
import * as variables from "./internal/variables.ts"
import type { RefreshPolicy } from "./RefreshPolicy.ts"

const name = names.external

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
): Effect.Effect<CredentialProvider.Service, never, CommandExecutor.CommandExecutor | Scope.Scope> =>
  makeAround(options, identity)

/** {@link make} with something around each run of the program. @internal */
export const makeAround = (
  options: ProcessOptions,
  around: (run: Effect.Effect<Credentials, CredentialError>) => Effect.Effect<Credentials, CredentialError>
): Effect.Effect<CredentialProvider.Service, never, CommandExecutor.CommandExecutor | Scope.Scope> =>
  Effect.gen(function*() {
    const executor = yield* CommandExecutor.CommandExecutor
    if (yield* Effect.mapError(variables.disableExternalProcess, variables.toCredentialError(name))) {
      return yield* new CredentialsMisconfigured({
        provider: name,
        at: variables.names.disableExternalProcess,
        reason: "no external process may be run",
        hint: "Unset the variable, or use credentials that need no program"
      })
    }
    const [program, ...args] = yield* Effect.mapError(
      commandLine.split(Redacted.value(options.command), yield* platform),
      (reason) => new CredentialsMisconfigured({ provider: name, at: "command", reason })
    )
    const shown = isPlainPath(program) ? program : "the program"
    // An empty input, since a program that waits for one would wait until it is killed.
    const command = Command.make(program, ...args).pipe(Command.stdin(Stream.empty))
    const fetch = output(executor, command, shown, Duration.decode(options.timeout ?? "1 minute")).pipe(
      Effect.flatMap((text) => interpret(name, text))
    )
    return yield* CredentialProvider.makeCached({
      name,
      fetch: around(fetch),
      refresh: options.refresh,
      keep: options.keep ?? "1 minute",
      expirationOf
    })
  }).pipe(CredentialProvider.orFail(name))

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

// A context with a command executor has paths too, as a rule; where it has none, Windows tells by a variable.
const platform: Effect.Effect<commandLine.Platform> = Effect.gen(function*() {
  const path = yield* Effect.serviceOption(Path.Path)
  const windows = Option.isSome(path)
    ? path.value.sep === "\\"
    : yield* Effect.orElseSucceed(Config.map(Config.string("OS"), (os) => os === "Windows_NT"), () => false)
  return windows ? "windows" : "unix"
})

// A secret that stands where the program should is longer, or holds something else than file names do. A name alone
// that is long and has digits could be a key.
const isPlainPath = (program: string): boolean =>
  /^(?:[a-z]:)?[\w .\\/+-]{1,64}$/i.test(program) &&
  (/[\\/]/.test(program) || program.length < 20 || !/\d/.test(program))

const maxOutput = 1024 * 1024

/** Everything the program prints until it ends by itself with exit code 0. */
const output = (
  executor: CommandExecutor.CommandExecutor,
  command: Command.Command,
  shown: string,
  timeout: Duration.Duration
): Effect.Effect<string, CredentialError> => {
  const unavailable = (reason: string) => new CredentialsUnavailable({ provider: name, reason: `${shown} ${reason}` })
  const start = executor.start(command).pipe(
    Effect.mapError((error) => startError(shown, error)),
    // Runtimes throw at some arguments, with a message that quotes them.
    Effect.catchAllDefect(() => Effect.fail(unavailable("cannot be started"))),
    // The process ends in any way, also when it does not listen to the polite signal that the executor sends.
    Effect.tap((child) =>
      Effect.addFinalizer((exit) => Exit.isSuccess(exit) ? Effect.void : Effect.ignore(child.kill("SIGKILL")))
    ),
    Effect.uninterruptible
  )
  return Effect.gen(function*() {
    const child = yield* start
    // Nobody may see it, and a full pipe would stop the program.
    yield* Effect.forkScoped(Effect.ignore(Stream.runDrain(child.stderr)))
    const text = yield* collect(child.stdout, unavailable("stopped printing"))
    const code = yield* Effect.mapError(child.exitCode, () => unavailable("was killed"))
    return { code, text }
  }).pipe(
    Effect.scoped,
    Effect.timeoutFail({
      duration: timeout,
      onTimeout: () => unavailable(`did not end within ${Duration.toMillis(timeout)} ms and was killed`)
    }),
    Effect.flatMap(({ code, text }) =>
      code === 0
        ? Effect.succeed(text)
        : new CredentialsRejected({
          provider: name,
          reason: `${shown} ended with exit code ${code}`,
          hint: "Run the command by hand to see why"
        })
    )
  )
}

const startError = (shown: string, error: PlatformError): CredentialError => {
  const misconfigured = (reason: string) => new CredentialsMisconfigured({ provider: name, at: "command", reason })
  if (error._tag === "BadArgument") return misconfigured("not a command")
  switch (error.reason) {
    case "NotFound":
      return misconfigured(`${shown} is not there`)
    case "PermissionDenied":
      return misconfigured(`${shown} may not be run`)
    default:
      return new CredentialsUnavailable({ provider: name, reason: `${shown} cannot be started (${error.reason})` })
  }
}

const collect = (
  stdout: Stream.Stream<Uint8Array, PlatformError>,
  stopped: CredentialError
): Effect.Effect<string, CredentialError> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    let size = 0
    return stdout.pipe(
      Stream.mapError(() => stopped),
      Stream.runFoldEffect("", (text, bytes) => {
        size += bytes.length
        return size > maxOutput
          ? new CredentialsMalformed({ provider: name, issues: ["the output is larger than 1 MiB"] })
          : Effect.succeed(text + decoder.decode(bytes, { stream: true }))
      })
    )
  })
