/** The command line: which subcommands and options there are, and what the help says. */
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Span from "@effect/cli/HelpDoc/Span"
import * as Options from "@effect/cli/Options"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { complaintOf, split } from "./argv.ts"
import { exitCodeOf, exitCodes, type Failure, meanings } from "./exitCodes.ts"
import { formats } from "./shells.ts"
import { tell, withConsole } from "./terminal.ts"

const name = "alicloud-credentials"

/** The exit code of a subcommand, if it is not 0. */
class ExitWith extends Data.TaggedError("ExitWith")<{ readonly code: number }> {}

type Subcommands = typeof import("./subcommands.ts").subcommands

const start = <E extends Failure>(
  run: (all: Subcommands) => Effect.Effect<number, E>
): Effect.Effect<void, ExitWith> =>
  Effect.promise(() => import("./subcommands.ts")).pipe(
    Effect.flatMap(({ subcommands }) => run(subcommands)),
    Effect.catchAll((error) => Effect.as(tell(`${name}: ${error.message}`), exitCodeOf(error))),
    Effect.flatMap((code) => code === exitCodes.ok ? Effect.void : new ExitWith({ code }))
  )

const text = (option: string, value: string, description: string) =>
  Options.text(option).pipe(
    Options.withPseudoName(value),
    Options.withDescription(description),
    Options.optional
  )

const selection = {
  profile: text(
    "profile",
    "NAME",
    "Use this profile of config.json, or else this section of the INI file, and nothing else. Without it, the default chain is used."
  ),
  role: text("role", "ARN", "Assume this role with the credentials that were found, and use its session.")
}

const json = Options.boolean("json").pipe(Options.withDescription("Print JSON, for programs."))

const explain = Command.make("explain", {
  ...selection,
  json,
  offline: Options.boolean("offline").pipe(
    Options.withDescription("Send no request: judge each source by what is configured.")
  ),
  strict: Options.boolean("strict").pipe(
    Options.withDescription("Stop at a configured source that fails, as the other subcommands do.")
  )
}, (options) => start((all) => all.explain(options))).pipe(Command.withDescription(
  "Show which source of the chain is used, what each of them looked at, and what to improve. Renews no login, runs no program and writes no file. Prints no secret."
))

const lint = Command.make("lint", { ...selection, json }, (options) => start((all) => all.lint(options))).pipe(
  Command.withDescription(
    "Check the variables, every profile of config.json and every section of the INI file, without the network. Ends with 1 if there is an error or a warning."
  )
)

const whoami = Command.make("whoami", { ...selection, json }, (options) => start((all) => all.whoami(options))).pipe(
  Command.withDescription("Ask STS whose the credentials are: account, ARN, and the source that gave them.")
)

const env = Command.make("env", {
  ...selection,
  format: Options.choice("format", formats).pipe(
    Options.withDescription(
      "The shell that reads the lines. Defaults to fish if SHELL is fish, to powershell on Windows, else to sh."
    ),
    Options.optional
  )
}, (options) => start((all) => all.env(options))).pipe(Command.withDescription(
  `Print the credentials as variables. What it prints is secret: let the shell read it, as in eval "$(${name} env)".`
))

const loginStatus = Command.make(
  "login-status",
  { ...selection, json },
  (options) => start((all) => all.loginStatus(options))
).pipe(Command.withDescription(
  "Show whether the logins of config.json (OAuth, CloudSSO) are valid, until when, and which command renews them. Asks no server. Ends with 1 if a login has expired."
))

const usageOfExec = `write the program after two dashes: ${name} exec -- terraform plan`

const exec = (program: ReadonlyArray<string> | undefined) =>
  Command.make("exec", {
    ...selection,
    serve: Options.boolean("serve").pipe(Options.withDescription(
      "Give the program an address that it asks for sessions, which are renewed (ALIBABA_CLOUD_CREDENTIALS_URI), for what runs longer than a session. It disables profiles and the metadata service for the program."
    ))
  }, (options) => {
    const [file, ...args] = program ?? []
    return file === undefined
      ? Effect.zipRight(tell(`${name}: ${usageOfExec}`), new ExitWith({ code: exitCodes.usage }))
      : start((all) => all.exec({ ...options, file, args }))
  }).pipe(Command.withDescription(
    `Run a program with the credentials in its variables: ${name} exec -- PROGRAM ARGUMENTS. Variables that name other credentials are removed. Without --serve, the session is not renewed while the program runs.`
  ))

const serve = Command.make("serve", selection, (options) => start((all) => all.serve(options))).pipe(
  Command.withDescription(
    "Serve sessions to other programs on this machine until it is stopped, and print the address for their ALIBABA_CLOUD_CREDENTIALS_URI. The address is a secret. AccessKeys are not served."
  )
)

const root = (program: ReadonlyArray<string> | undefined) =>
  Command.make(name).pipe(
    Command.withDescription(
      "Credentials of Alibaba Cloud: where they come from, whether they work, and how to pass them on."
    ),
    Command.withSubcommands([explain, lint, whoami, env, exec(program), serve, loginStatus])
  )

const footer = HelpDoc.blocks([
  HelpDoc.h1("ON EVERY SUBCOMMAND"),
  HelpDoc.p("--profile NAME, --role ARN, --help, --version, --log-level LEVEL, --completions sh|bash|fish|zsh"),
  HelpDoc.h1("EXIT CODES"),
  HelpDoc.p(meanings.map(([code, meaning]) => `${code.padEnd(6)} ${meaning}`).join("\n"))
])

const platform = Layer.mergeAll(
  NodeFileSystem.layer,
  NodePath.layer,
  NodeTerminal.layer,
  // What the parser adds to each help is in the footer.
  CliConfig.layer({ isCaseSensitive: true, showBuiltIns: false })
)

/** The parser would complain about the name of the program. */
const isWithoutProgram = (args: ReadonlyArray<string>, program: ReadonlyArray<string> | undefined): boolean =>
  args[0] === "exec" && program === undefined &&
  !args.some((arg) => /^(?:-h|--help|--version|--completions(?:=.*)?)$/.test(arg))

/** Runs the command line, and returns the exit code. */
export const run = (argv: ReadonlyArray<string>, version: string): Effect.Effect<number> => {
  const { args, program } = split(argv)
  const complaint = complaintOf(args) ?? (isWithoutProgram(args, program) ? usageOfExec : undefined)
  if (complaint !== undefined) {
    return Effect.as(tell(`${name}: ${complaint}\n  fix: see ${name} --help`), exitCodes.usage)
  }
  const parse = Command.run(root(program), {
    name,
    version,
    footer,
    executable: name,
    summary: Span.text("credentials of Alibaba Cloud")
  })
  return withConsole(name)(parse(["node", name, ...args])).pipe(
    Effect.as(exitCodes.ok),
    // The parser has said what is wrong.
    Effect.catchAll((error) => Effect.succeed(error._tag === "ExitWith" ? error.code : exitCodes.usage)),
    Effect.provide(platform)
  )
}
