/**
 * A profile of `config.json` as a provider: which file, which profile, and the sources that it is made of.
 */
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type { ProfileOptions } from "../../CliProfile.ts"
import { type CredentialError, CredentialsMisconfigured, CredentialsNotConfigured } from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import { inHome } from "../files/home.ts"
import * as names from "../provider/names.ts"
import * as variables from "../variables.ts"
import * as cliModes from "./cliModes.ts"
import * as configFile from "./configFile.ts"
import * as fileProvider from "./fileProvider.ts"
import type { Origins } from "./profileStore.ts"

const name = names.cliProfile

type Needs = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor

/** @internal */
export interface Options extends ProfileOptions {
  /** Whether a profile that is not there is no mistake, although it is named. */
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
    const path = yield* Path.Path
    const files = yield* FileSystem.FileSystem
    const origins: Origins = new Map()
    return yield* fileProvider.make({
      provider: name,
      module: "CliProfile",
      paths: [options.file || (yield* inHome(name, ".aliyun", "config.json"))],
      named: Boolean(options.file),
      hint: "Mend the path, or run: aliyun configure",
      isCutShort: configFile.isCutShort,
      plan: (file, text) => plan({ file, files, path, origins, named: options.file || undefined }, options, text)
    })
  })

const plan = (
  home: Omit<cliModes.Home, "rewritten">,
  options: Options,
  text: string
): Either.Either<fileProvider.Plan<Needs>, CredentialError> =>
  Either.gen(function*() {
    const config = yield* configFile.parse(text)
    const wanted = options.profile || undefined
    if (options.optional && wanted !== undefined && !configFile.hasProfile(config, wanted)) return undefined
    const { base, roles } = yield* configFile.pickChain(config, wanted)
    const source = yield* cliModes.recipeOf(base)
    const assumed = yield* Either.all(roles.map(cliModes.roleOf))
    return {
      identity: JSON.stringify([...roles, base].map(({ fields, mode, name }) => [name, mode, fields])),
      build: (rewritten: (text: string) => void) =>
        assumed.reduceRight(
          (below, role) => Effect.flatMap(below, (service) => role({ ...home, rewritten }, service)),
          source({ ...home, rewritten })
        )
    }
  }).pipe(
    Either.mapLeft(({ at, reason }): CredentialError =>
      new CredentialsMisconfigured({ provider: name, at: at === undefined ? home.file : `${home.file}: ${at}`, reason })
    ),
    Either.filterOrLeft(
      (plan) => plan !== undefined,
      () => new CredentialsNotConfigured({ provider: name, reason: `${home.file}: no such profile` })
    )
  )

const isEnabled = variables.notDisabled(
  name,
  variables.names.cliProfileDisabled,
  variables.orFalse(variables.cliProfileDisabled)
)
