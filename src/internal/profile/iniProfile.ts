/**
 * A section of the INI file as a provider: which file, which section, and the source that it describes.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type CredentialError, CredentialsMisconfigured, CredentialsNotConfigured } from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import type { ProfileOptions } from "../../IniProfile.ts"
import { inHome } from "../files/home.ts"
import * as names from "../provider/names.ts"
import * as variables from "../variables.ts"
import * as Document from "./document.ts"
import * as fileProvider from "./fileProvider.ts"
import * as ini from "./ini.ts"
import * as parameters from "./parameters.ts"
import * as parameterSource from "./parameterSource.ts"
import { listed, quoted } from "./quoted.ts"
import * as unknownKeys from "./unknownKeys.ts"

const name = names.iniProfile

/** @internal */
export interface Options extends ProfileOptions {
  /** Whether a missing section counts as not configured, although an option names it. */
  readonly optional?: boolean | undefined
}

/** @internal */
export const make = (
  options: Options
): Effect.Effect<
  Service,
  CredentialsNotConfigured | CredentialsMisconfigured,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | Scope.Scope
> =>
  Effect.gen(function*() {
    const tokenFile = yield* Effect.mapError(variables.oidcTokenFile, variables.toCredentialError(name))
    const fallback: parameters.Fallback = {
      values: Option.match(tokenFile, { onNone: () => ({}), onSome: (oidcTokenFilePath) => ({ oidcTokenFilePath }) }),
      variables: { oidcTokenFilePath: variables.names.oidcTokenFile }
    }
    const document = yield* Document.make({
      provider: name,
      paths: options.file ? [options.file] : [
        yield* inHome(name, ".alibabacloud", "credentials.ini"),
        yield* inHome(name, ".alibabacloud", "credentials")
      ],
      named: Boolean(options.file),
      hint: "Fix the path, or create the file with a section [default]",
      parse: (text) => Either.mapLeft(ini.parse(text), ({ line, reason }) => ({ at: `line ${line}`, reason })),
      isCutShort: () => false
    })
    return yield* fileProvider.make({
      provider: name,
      module: "IniProfile",
      document,
      plan: (version) => plan(version, options, fallback)
    })
  })

const plan = (
  { content, path }: Document.Version<ini.Sections>,
  options: Options,
  fallback: parameters.Fallback
): Either.Either<
  fileProvider.Plan<HttpClient.HttpClient | FileSystem.FileSystem>,
  CredentialError
> =>
  Either.gen(function*() {
    const profile = options.profile || "default"
    const section = content.get(profile)
    const absent = (reason: string): CredentialError =>
      (options.file || options.profile) && options.optional !== true
        ? new CredentialsMisconfigured({ provider: name, at: path, reason })
        : new CredentialsNotConfigured({ provider: name, reason: `${path}: ${reason}` })
    if (section === undefined) {
      return yield* Either.left(absent(`no section ${quoted(profile)}; ${listed([...content.keys()])}`))
    }
    const wrong = (reason: string) =>
      new CredentialsMisconfigured({ provider: name, at: `${path}: section ${quoted(profile)}`, reason })
    const { enable = "true", ...keys } = Object.fromEntries(section)
    if (/^false$/i.test(enable)) return yield* Either.left(absent(`section ${quoted(profile)} has enable=false`))
    if (!/^(?:true)?$/i.test(enable)) return yield* Either.left(wrong("enable is neither true nor false"))
    const given = parameters.collect(keys)
    const decoded = yield* Either.mapLeft(
      parameters.decode(given, "file", fallback),
      (issues) => wrong(issues.join("; "))
    )
    return {
      identity: JSON.stringify([...section]),
      build: parameterSource.make(decoded.parameters, options),
      remarks: remarksOf(`${path}: section ${quoted(profile)}`, given, decoded)
    }
  })

const remarksOf = (
  place: string,
  { unknown }: parameters.Given,
  { parameters: { type }, unused }: parameters.Decoded
): ReadonlyArray<fileProvider.Remark> => [
  ...(unused.length === 0
    ? []
    : [{ level: LogLevel.Debug, text: `${place}: type ${type} does not use: ${unused.join(", ")}` }]),
  ...(unknown.length === 0
    ? []
    : [{
      level: LogLevel.Warning,
      text: `${place}: unknown keys are ignored: ${unknownKeys.listed(unknown, parameters.knownIn("file"))}`
    }])
]
