/**
 * A profile of `config.json` as a provider: which file, which profile, and its sources.
 */
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as LogLevel from "effect/LogLevel"
import type * as Scope from "effect/Scope"
import type { ProfileOptions } from "../../CliProfile.ts"
import { type CredentialError, type CredentialsMisconfigured, CredentialsNotConfigured } from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import type { SessionOptions } from "../../RequestLimits.ts"
import { inHome } from "../files/home.ts"
import * as names from "../provider/names.ts"
import * as variables from "../variables.ts"
import * as cliModes from "./cliModes.ts"
import * as configFile from "./configFile.ts"
import * as Document from "./document.ts"
import * as fileProvider from "./fileProvider.ts"
import * as profileFields from "./profileFields.ts"
import * as profileStore from "./profileStore.ts"
import { quoted } from "./quoted.ts"
import * as SharedFile from "./sharedFile.ts"

const name = names.cliProfile

type Needs = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor

/** @internal */
export interface Options extends ProfileOptions {
  /** Whether a missing profile counts as not configured, although an option names it. */
  readonly optional?: boolean | undefined
  /** Whether the file and the profile come from variables. */
  readonly fromVariables?: boolean | undefined
  /** What the providers of one file share. */
  readonly shared?: Document.Shared<configFile.ConfigFile> | undefined
}

/** @internal */
export const makeShared = (): Document.Shared<configFile.ConfigFile> => SharedFile.make(configFile.parse)

/** @internal */
export const make = (
  options: Options
): Effect.Effect<
  Service,
  CredentialsNotConfigured | CredentialsMisconfigured,
  Needs | Scope.Scope
> =>
  Effect.gen(function*() {
    yield* isEnabled
    const variable = options.fromVariables ? variables.names.configFile : undefined
    const document = yield* Document.make({
      provider: name,
      ...(options.file ? { paths: [options.file] as const } : yield* defaultPaths(options)),
      named: Boolean(options.file),
      variable,
      hint: variable === undefined
        ? "Fix the path, or run: aliyun configure"
        : `Create or mount the file, or unset ${variable}`,
      parse: configFile.parse,
      isCutShort: configFile.isCutShort,
      shared: options.shared
    })
    const stores = profileStore.make(document)
    return yield* fileProvider.make({
      provider: name,
      module: "CliProfile",
      document,
      plan: (version) => plan(version, document, stores, options)
    })
  })

const defaultPaths = ({ fromVariables }: Options) =>
  Effect.gen(function*() {
    return {
      paths: [yield* inHome(name, ".aliyun", "config.json")] as const,
      neighbors: [yield* inHome(name, ".alibabacloud", "config.json")]
    }
  }).pipe(
    Effect.catchTag("CredentialsNotConfigured", ({ provider, reason }) => {
      // A laptop always has a home folder, so that this says nothing to those who have configured nothing there.
      const what = fromVariables ? `HOME, or ${variables.names.configFile}` : "HOME"
      const hint = `Set ${what}: services and cron jobs start with an empty environment`
      return new CredentialsNotConfigured({ provider, reason, hint })
    })
  )

const plan = (
  { content, path }: Document.Version<configFile.ConfigFile>,
  document: Document.Document<configFile.ConfigFile>,
  stores: profileStore.ProfileStores,
  options: Options
): Either.Either<fileProvider.Plan<Needs>, CredentialError> => {
  const wanted = options.profile || undefined
  if (options.optional && wanted !== undefined && !configFile.hasProfile(content, wanted)) {
    return Either.left(new CredentialsNotConfigured({ provider: name, reason: `${path}: no such profile` }))
  }
  const naming: configFile.Naming = {
    file: options.file || undefined,
    variable: options.fromVariables ? variables.names.profile : undefined
  }
  const unfinished = configFile.unfinished(content, wanted, naming)
  if (unfinished !== undefined && isOptional(content, options)) {
    const { hint, reason } = unfinished
    return Either.left(
      new CredentialsNotConfigured({ provider: name, reason: `${Document.placeOf(path, unfinished)}: ${reason}`, hint })
    )
  }
  const home: cliModes.Home = {
    file: path,
    placeOf: (profile) => placeOf(path, { ...profile, line: () => lineNow(document, profile) }),
    named: options.file || undefined,
    stores,
    sessions: sessionOptions(options)
  }
  return Either.gen(function*() {
    const { base, roles } = yield* configFile.pickChain(content, wanted, naming)
    const source = yield* cliModes.recipeOf(base)
    const assumed = yield* Either.all(roles.map(cliModes.roleOf))
    return {
      identity: JSON.stringify([...roles, base].map(({ fields, mode, name }) => [name, mode, fields])),
      build: assumed.reduceRight(
        (below, role, depth) =>
          Effect.flatMap(below, (service) => role(home, { profile: roles[depth + 1] ?? base, service })),
        source(home)
      ),
      remarks: [...roles, base].flatMap((profile) => remarksOf(path, profile))
    }
  }).pipe(Either.mapLeft((issue) => Document.misconfigured(name, path, issue)))
}

const placeOf = (path: string, { line, name }: configFile.Profile): string =>
  Document.placeOf(path, { line: line(), at: `profile ${quoted(name)}` })

/** A profile that stays as it is may move, since a change of another one moves it. */
const lineNow = (
  document: Document.Document<configFile.ConfigFile>,
  { line, name }: configFile.Profile
): number | undefined => {
  const last = document.last()
  return last === undefined ? line() : Either.match(configFile.pick(last.content, name), {
    onLeft: () => undefined,
    onRight: (profile) => profile.line()
  })
}

/** Whether nobody asked for this very profile. A file without profiles counts as a missing file. */
const isOptional = (content: configFile.ConfigFile, { file, optional, profile }: Options): boolean =>
  optional === true || (!file && (!profile || content.profiles.length === 0))

// Newer tools add fields, which is no reason for a warning. A typo is.
const remarksOf = (path: string, profile: configFile.Profile): ReadonlyArray<fileProvider.Remark> => {
  const { fields } = profile
  const misspelled = profileFields.misspelled(fields)
  const unknown = profileFields.unknown(fields)
  if (misspelled.length === 0 && unknown === "") return []
  const place = placeOf(path, profile)
  return [
    ...(misspelled.length === 0
      ? []
      : [{ level: LogLevel.Warning, text: `${place}: ${misspelled.join("; ")}, and ignored` }]),
    ...(unknown === "" ? [] : [{ level: LogLevel.Debug, text: `${place}: unknown fields are ignored: ${unknown}` }])
  ]
}

const sessionOptions = ({ connectTimeout, refresh, timeout }: Options): SessionOptions => ({
  connectTimeout,
  refresh,
  timeout
})

const isEnabled = variables.notDisabled(
  name,
  variables.names.cliProfileDisabled,
  variables.orFalse(variables.cliProfileDisabled)
)
