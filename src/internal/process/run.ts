/**
 * An external program: how it is started, how long it may run, and how much of its output is read.
 */
import * as CommandExecutor from "@effect/platform/CommandExecutor"
import type { PlatformError } from "@effect/platform/Error"
import * as Path from "@effect/platform/Path"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
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
} from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import type { ProcessOptions } from "../../ExternalProcess.ts"
import { type Child, start } from "../compat/childProcess.ts"
import { unlessDry } from "../provider/dryRun.ts"
import type { Fetched } from "../provider/fetched.ts"
import * as names from "../provider/names.ts"
import { cachedFetched, orFail } from "../provider/service.ts"
import * as variables from "../variables.ts"
import { readWhole } from "../wire/bytes.ts"
import { within } from "../wire/limit.ts"
import { toEffect } from "../wire/result.ts"
import { durationWords } from "../wire/time.ts"
import * as commandLine from "./commandLine.ts"
import { interpret } from "./output.ts"

const name = names.external

type Run = Effect.Effect<Fetched, CredentialError>

/** `around` wraps the run of the program at each fetch. @internal */
export const make = (
  options: ProcessOptions,
  around: (run: Run) => Run = (run) => run
): Effect.Effect<Service, never, CommandExecutor.CommandExecutor | Scope.Scope> =>
  Effect.gen(function*() {
    yield* variables.externalAllowed(name, {
      reason: "external processes are disabled",
      hint: "Unset the variable, or use credentials that need no program"
    })
    const executor = yield* CommandExecutor.CommandExecutor
    const system = yield* platform
    const [program, ...args] = yield* Effect.mapError(
      toEffect(commandLine.split(Redacted.value(options.command), system)),
      (reason) => new CredentialsMisconfigured({ provider: name, at: "command", reason })
    )
    const shown: Shown = {
      name: commandLine.isPlainPath(program) ? program : "the program",
      missing: missingHint(program, system),
      rerun: `Run the command in a terminal to see why; hide its output, which may hold secrets: COMMAND >${
        system === "windows" ? "NUL" : "/dev/null"
      }`
    }
    const run = Effect.flatMap(
      unlessDry(
        output(start(executor, program, args), shown, Duration.decode(options.timeout ?? "1 minute")),
        ({ refuse }) => refuse(`run ${shown.name}`, shown.name)
      ),
      (text) => toEffect(interpret(name, shown.name, text))
    )
    return yield* cachedFetched({
      name,
      fetch: around(run),
      refresh: options.refresh,
      keep: options.keep ?? "1 minute"
    })
  }).pipe(orFail(name))

// A context with a command executor usually has paths too. If it has none, a variable identifies Windows.
const platform: Effect.Effect<commandLine.Platform> = Effect.gen(function*() {
  const path = yield* Effect.serviceOption(Path.Path)
  const windows = Option.isSome(path)
    ? path.value.sep === "\\"
    : yield* Effect.orElseSucceed(Effect.map(variables.operatingSystem, Option.contains("Windows_NT")), () => false)
  return windows ? "windows" : "unix"
})

/** How errors call the program, and how to fix what goes wrong with it. */
interface Shown {
  readonly name: string
  /** How to fix that there is no such program. */
  readonly missing: string
  /** How to see why it fails. */
  readonly rerun: string
}

const missingHint = (program: string, system: commandLine.Platform): string => {
  // A shell would replace these.
  if (program.startsWith("~")) return "Write the full path: nothing expands ~ here"
  if (/^[$%]/.test(program)) return "Write the full path: nothing expands variables here"
  if (!commandLine.isPlainPath(program)) return "Install it, or write its full path"
  if (/[\\/]/.test(program)) return `Install ${program}, or correct its path`
  const check = system === "windows" ? "where" : "command -v"
  return `Install ${program}, or write its full path; check: ${check} ${program}`
}

const maxOutput = 1024 * 1024

/** The whole output of the program, if it exits with code 0. */
const output = (
  starting: Effect.Effect<Child, PlatformError, Scope.Scope>,
  shown: Shown,
  timeout: Duration.Duration
): Effect.Effect<string, CredentialError> => {
  const unavailable = (reason: string, hint?: string) =>
    new CredentialsUnavailable({ provider: name, reason: `${shown.name} ${reason}`, hint })
  const started = starting.pipe(
    Effect.mapError((error) => startError(shown, error)),
    // Runtimes throw if they reject an argument, and quote it in the message.
    Effect.catchAllDefect(() => Effect.fail(unavailable("cannot be started"))),
    // A program can ignore the signal that the executor sends, so it is killed.
    Effect.tap((child) =>
      Effect.addFinalizer((exit) => Exit.isSuccess(exit) ? Effect.void : Effect.ignore(child.kill))
    ),
    Effect.uninterruptible
  )
  return Effect.gen(function*() {
    const child = yield* started
    // It may hold secrets, so it is dropped; it has to be read, because a full pipe would block the program.
    yield* Effect.forkScoped(Effect.ignore(Stream.runDrain(child.stderr)))
    const text = yield* printed(child.stdout, unavailable("failed while printing"))
    const code = yield* Effect.mapError(child.exitCode, () => unavailable("was killed"))
    return { code, text }
  }).pipe(
    Effect.scoped,
    // The program slept as long as this one did.
    within({
      millis: Duration.toMillis(timeout),
      ignoreJumps: true,
      onTimeout: () =>
        unavailable(
          `did not end within ${durationWords(Duration.toMillis(timeout))} and was killed`,
          "Run it in a terminal: it may ask for a login, and gets no input here"
        )
    }),
    Effect.flatMap(({ code, text }) =>
      code === 0
        ? Effect.succeed(text)
        : new CredentialsRejected({
          provider: name,
          reason: `${shown.name} exited with code ${code}`,
          hint: shown.rerun
        })
    )
  )
}

const startError = (shown: Shown, error: PlatformError): CredentialError => {
  const misconfigured = (reason: string, hint?: string) =>
    new CredentialsMisconfigured({ provider: name, at: "command", reason, hint })
  if (error._tag === "BadArgument") return misconfigured("not a command")
  switch (error.reason) {
    case "NotFound":
      return misconfigured(`${shown.name} was not found`, shown.missing)
    case "PermissionDenied":
      return misconfigured(`${shown.name} is not executable`)
    default:
      return new CredentialsUnavailable({ provider: name, reason: `${shown.name} cannot be started (${error.reason})` })
  }
}

const printed = (
  stdout: Stream.Stream<Uint8Array, PlatformError>,
  stopped: CredentialError
): Effect.Effect<string, CredentialError> =>
  Effect.flatMap(
    Effect.mapError(readWhole(stdout, maxOutput), () => stopped),
    Option.match({
      onNone: () =>
        Effect.fail(new CredentialsMalformed({ provider: name, issues: ["the output is larger than 1 MiB"] })),
      onSome: (bytes) => Effect.succeed(new TextDecoder().decode(bytes))
    })
  )
