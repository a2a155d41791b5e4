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
import { type CredentialError, type CredentialsMisconfigured, CredentialsNotConfigured } from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import type { ProfileOptions } from "../../IniProfile.ts"
import { inHome } from "../files/home.ts"
import * as names from "../provider/names.ts"
import * as variables from "../variables.ts"
import * as Document from "./document.ts"
import * as fileProvider from "./fileProvider.ts"
import * as ini from "./ini.ts"
import * as parameterNames from "./parameterNames.ts"
import * as parameters from "./parameters.ts"
import * as parameterSource from "./parameterSource.ts"
import { choiceFor, isShowable, listed, quoted } from "./quoted.ts"
import * as SharedFile from "./sharedFile.ts"
import * as unknownKeys from "./unknownKeys.ts"

const name = names.iniProfile

/** @internal */
export interface Options extends ProfileOptions {
  /** Whether a missing section counts as not configured, although an option names it. */
  readonly optional?: boolean | undefined
  /** Whether the file and the section come from variables. */
  readonly fromVariables?: boolean | undefined
  /** What the providers of one file share. */
  readonly shared?: Document.Shared<ini.Ini> | undefined
}

const parse = (text: string): Either.Either<ini.Ini, Document.Issue> =>
  Either.mapLeft(ini.parse(text), ({ line, reason }) => ({ at: `line ${line}`, reason }))

/** @internal */
export const makeShared = (): Document.Shared<ini.Ini> => SharedFile.make(parse)

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
    const variable = options.fromVariables ? variables.names.credentialsFile : undefined
    const document = yield* Document.make({
      provider: name,
      ...(options.file ? { paths: [options.file] as const } : yield* defaultPaths),
      named: Boolean(options.file),
      variable,
      hint: variable === undefined
        ? "Fix the path, or create the file with a section [default]"
        : `Create or mount the file, or unset ${variable}`,
      parse,
      isCutShort: () => false,
      shared: options.shared
    })
    return yield* fileProvider.make({
      provider: name,
      module: "IniProfile",
      document,
      plan: (version) => plan(version, options, fallback)
    })
  })

const defaultPaths = Effect.gen(function*() {
  return {
    paths: [
      yield* inHome(name, ".alibabacloud", "credentials.ini"),
      yield* inHome(name, ".alibabacloud", "credentials")
    ] as const,
    neighbors: [
      yield* inHome(name, ".aliyun", "credentials.ini"),
      yield* inHome(name, ".aliyun", "credentials")
    ]
  }
})

const plan = (
  { content, path }: Document.Version<ini.Ini>,
  options: Options,
  fallback: parameters.Fallback
): Either.Either<
  fileProvider.Plan<HttpClient.HttpClient | FileSystem.FileSystem>,
  CredentialError
> =>
  Either.gen(function*() {
    const profile = options.profile || "default"
    const section = content.sections.get(profile)
    const place = { line: content.lines.get(profile), at: `section ${quoted(profile)}` }
    const absent = (issue: Document.Issue): CredentialError =>
      (options.file || options.profile) && options.optional !== true
        ? Document.misconfigured(name, path, issue)
        : new CredentialsNotConfigured({
          provider: name,
          reason: `${Document.placeOf(path, issue)}: ${issue.reason}`,
          hint: issue.hint
        })
    if (section === undefined) return yield* Either.left(absent(noSection(content, options)))
    const wrong = (reason: string, hint?: string) => Document.misconfigured(name, path, { ...place, reason, hint })
    const { enable = "true", ...keys } = Object.fromEntries(section)
    if (/^false$/i.test(enable)) return yield* Either.left(absent({ ...place, reason: "has enable=false" }))
    if (!/^(?:true)?$/i.test(enable)) return yield* Either.left(wrong("enable is neither true nor false"))
    const given = parameterNames.collect(keys)
    const decoded = yield* Either.mapLeft(
      parameters.decode(given, "file", fallback),
      ({ hint, issues }) => wrong(issues.join("; "), hint)
    )
    return {
      identity: JSON.stringify([...section]),
      build: parameterSource.make(decoded.parameters, options),
      remarks: remarksOf(Document.placeOf(path, place), given, decoded)
    }
  })

/** Why there is no section of the wanted name. */
const noSection = ({ loose, sections }: ini.Ini, { fromVariables, profile }: Options): Document.Issue => {
  const wanted = profile || "default"
  if (loose !== undefined) {
    return {
      line: loose,
      reason: `keys before the first section, and no section ${quoted(wanted)}`,
      hint: isShowable(wanted) ? `Add the line [${wanted}] above them` : undefined
    }
  }
  const found = [...sections.keys()]
  const isNamed = Boolean(profile)
  const variable = fromVariables ? variables.names.profile : undefined
  const choice = choiceFor(wanted, found)
  const verb = variable === undefined ? "Use" : `Set ${variable} to`
  const rename = isNamed ? "" : `, or rename ${found.length === 1 ? "the" : "a"} section to ${wanted}`
  return {
    reason: variable !== undefined && isNamed
      ? `no section ${quoted(wanted)}, which ${variable} names; ${listed(wanted, found)}`
      : `no section ${quoted(wanted)}; ${listed(wanted, found)}`,
    hint: choice === undefined ? undefined : `${verb} ${choice}${rename}`
  }
}

const remarksOf = (
  place: string,
  { unknown }: parameterNames.Given,
  { parameters: { type }, unused }: parameters.Decoded
): ReadonlyArray<fileProvider.Remark> => [
  ...(unused.length === 0
    ? []
    : [{ level: LogLevel.Debug, text: `${place}: type ${type} does not use: ${unused.join(", ")}` }]),
  ...(unknown.length === 0
    ? []
    : [{
      level: LogLevel.Warning,
      text: `${place}: unknown keys are ignored: ${unknownKeys.listed(unknown, parameterNames.knownIn("file"))}`
    }])
]
