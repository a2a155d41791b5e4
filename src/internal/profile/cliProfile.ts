/**
 * A profile of `config.json` as a provider: which file, which profile, and its sources.
 */
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
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
import * as profileStore from "./profileStore.ts"

const name = names.cliProfile

type Needs = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor

/** @internal */
export interface Options extends ProfileOptions {
  /** Whether a missing profile counts as not configured, although an option names it. */
  readonly optional?: boolean | undefined
}

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
    const document = yield* Document.make({
      provider: name,
      paths: [options.file || (yield* inHome(name, ".aliyun", "config.json"))],
      named: Boolean(options.file),
      hint: "Fix the path, or run: aliyun configure",
      parse: configFile.parse,
      isCutShort: configFile.isCutShort
    })
    const stores = profileStore.make(document)
    return yield* fileProvider.make({
      provider: name,
      module: "CliProfile",
      document,
      plan: (version) => plan(version, stores, options)
    })
  })

const plan = (
  { content, path }: Document.Version<configFile.ConfigFile>,
  stores: profileStore.ProfileStores,
  options: Options
): Either.Either<fileProvider.Plan<Needs>, CredentialError> => {
  const wanted = options.profile || undefined
  if (options.optional && wanted !== undefined && !configFile.hasProfile(content, wanted)) {
    return Either.left(new CredentialsNotConfigured({ provider: name, reason: `${path}: no such profile` }))
  }
  const home: cliModes.Home = {
    file: path,
    named: options.file || undefined,
    stores,
    sessions: sessionOptions(options)
  }
  return Either.gen(function*() {
    const { base, roles } = yield* configFile.pickChain(content, wanted)
    const source = yield* cliModes.recipeOf(base)
    const assumed = yield* Either.all(roles.map(cliModes.roleOf))
    return {
      identity: JSON.stringify([...roles, base].map(({ fields, mode, name }) => [name, mode, fields])),
      build: assumed.reduceRight(
        (below, role) => Effect.flatMap(below, (service) => role(home, service)),
        source(home)
      ),
      remarks: []
    }
  }).pipe(Either.mapLeft((issue) => Document.misconfigured(name, path, issue)))
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
