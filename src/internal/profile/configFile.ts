/**
 * The text of `config.json`: the selected profile, the profiles it builds on, and the fields that are written back.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { startsOf, withMembers } from "../files/jsonText.ts"
import { shellWord } from "../login/configureCommand.ts"
import { pasteHint, pasteIssue, trimmed } from "../pasted.ts"
import { describeIssues, ownWords } from "../wire/issues.ts"
import { parseJson } from "../wire/json.ts"
import { flawOf, linesOf } from "../wire/jsonSyntax.ts"
import type { Issue } from "./document.ts"
import {
  explainMisspelled,
  type Fields,
  isUntouched,
  type ModeName,
  modeNames,
  suggestedMode
} from "./profileFields.ts"
import { choiceFor, configure, listed, oneOf, quoted } from "./quoted.ts"

/** A profile of the file; `name` and `mode` have been checked. @internal */
export interface Profile {
  readonly name: string
  readonly mode: string
  /** Its index among the profiles of the file. */
  readonly index: number
  /** The line where it begins. Only an error or a remark needs it, and the whole text is searched for it. */
  readonly line: () => number | undefined
  /** The command that configures it. */
  readonly configure: string
  /** Without members that count as absent: null, empty text, and zero, which other tools write for an unset field. */
  readonly fields: Fields
}

/** @internal */
export interface ConfigFile {
  readonly current: string | undefined
  readonly profiles: ReadonlyArray<Fields>
  /** The index of the first profile of that name, or -1. */
  readonly indexOf: (name: string) => number
  /** The line where the profile of this index begins. */
  readonly lineOf: (index: number) => number | undefined
}

/** Where the name of a profile comes from, and which file it is looked up in, for hints. @internal */
export interface Naming {
  /** The variable that chooses the profile, if one can. */
  readonly variable?: string | undefined
  /** The file, if the CLI needs an option to find it. */
  readonly file?: string | undefined
}

const Profiles = Schema.Array(Schema.Record({ key: Schema.String, value: Schema.Unknown }))

const current = Schema.optional(Schema.NullOr(Schema.String))

const FileSchema = Schema.Struct({ current, profiles: Schema.NullOr(Profiles) })

/** As the CLI leaves it before the first profile. Anything else may hold profiles under another name. */
const NewFileSchema = Schema.Struct({ current, meta_path: Schema.optional(Schema.Unknown) })

const decodeFile = Schema.decodeUnknownEither(FileSchema, { errors: "all" })

const isNewFile = Schema.is(NewFileSchema, { onExcessProperty: "error" })

/** @internal */
export const parse = (text: string, path: string): Either.Either<ConfigFile, Issue> =>
  Option.match(parseJson(text.replace(/^\uFEFF/, "")), {
    onNone: () => Either.left(notJson(text, path)),
    onSome: (json) =>
      isNewFile(json)
        ? Either.right(fileOf(text, json.current, []))
        : Either.mapBoth(decodeFile(json), {
          onLeft: (error) => ({ reason: describeIssues(error, { whole: "the file" }).join("; ") }),
          onRight: ({ current, profiles }) => fileOf(text, current, profiles ?? [])
        })
  })

const fileOf = (
  text: string,
  current: string | null | undefined,
  profiles: ReadonlyArray<Fields>
): ConfigFile => {
  const indices = lazily(() => {
    const first = new Map<unknown, number>()
    profiles.forEach(({ name }, index) => {
      if (!first.has(name)) first.set(name, index)
    })
    return first
  })
  const lines = lazily(() => linesOf(text, startsOf(text, ["profiles"])))
  return {
    current: current || undefined,
    profiles,
    indexOf: (name) => indices().get(name) ?? -1,
    lineOf: (index) => lines()[index]
  }
}

const lazily = <A>(make: () => A): () => A => {
  let made: { readonly value: A } | undefined = undefined
  return () => (made ??= { value: make() }).value
}

const notJson = (text: string, path: string): Issue => {
  const flaw = flawOf(text)
  // Too deep for this library, which no other tool would complain about.
  if (flaw === undefined) return { reason: "not JSON" }
  const { column, line, what } = flaw
  return {
    reason: `not JSON at line ${line}, column ${column}${what === undefined ? "" : `: ${what}`}`,
    // The tool prints the text, and so every secret in it, if it is JSON.
    hint: `Correct line ${line}, and check it with: python3 -m json.tool ${shellWord(path)} >/dev/null`
  }
}

/** Whether the text may be incomplete because a program is writing it. @internal */
export const isCutShort = (text: string): boolean => !/[}\]]$/.test(text.trimEnd().slice(-1))

/** @internal */
export const hasProfile = (file: ConfigFile, name: string): boolean => file.indexOf(name) !== -1

/** Why the file configures nothing yet, as the CLI leaves it before a login. @internal */
export const unfinished = (
  file: ConfigFile,
  name: string | undefined,
  naming: Naming = {}
): Issue | undefined => {
  const wanted = name ?? file.current
  const hint = `Run: ${configure(wanted ?? "default", naming.file)}`
  if (file.profiles.length === 0) return { reason: "no profiles", hint }
  if (wanted === undefined) return undefined
  const index = file.indexOf(wanted)
  const found = file.profiles[index]
  if (found === undefined) return undefined
  const fields = present(found)
  return fields["mode"] === undefined && isUntouched(fields)
    ? { at: `profile ${quoted(wanted)}`, line: file.lineOf(index), reason: "no mode", hint }
    : undefined
}

/** The first profile of that name; without a name, the one that `current` names. @internal */
export const pick = (
  file: ConfigFile,
  name: string | undefined,
  naming: Naming = {}
): Either.Either<Profile, Issue> => {
  const wanted = name ?? file.current
  if (wanted === undefined || wanted === "") {
    return Either.left({
      at: "current",
      reason: "names no profile",
      hint: toCurrent(oneOf(profileNames(file)), naming)
    })
  }
  const index = file.indexOf(wanted)
  const found = file.profiles[index]
  if (found === undefined) {
    return Either.left(name === undefined ? absentCurrent(file, wanted, naming) : absent(file, wanted, naming))
  }
  const fields = present(found)
  const line = () => file.lineOf(index)
  const { mode } = fields
  return typeof mode === "string"
    ? Either.right({ name: wanted, mode, index, line, configure: configure(wanted, naming.file), fields })
    : Either.left({
      at: `profile ${quoted(wanted)}: mode`,
      line: line(),
      reason: mode === undefined ? "missing" : "not text",
      hint: explainMisspelled(fields, ["mode"]).hint ??
        modeAdvice(mode === undefined ? "Add" : "Write", suggestedMode(fields))
    })
}

const absentCurrent = (file: ConfigFile, wanted: string, naming: Naming): Issue => ({
  reason: `current names profile ${quoted(wanted)}, which does not exist; ${listed(wanted, profileNames(file))}`,
  hint: toCurrent(choiceFor(wanted, profileNames(file)), naming)
})

const absent = (file: ConfigFile, wanted: string, { file: path, variable }: Naming): Issue => {
  const names = profileNames(file)
  const choice = choiceFor(wanted, names)
  const command = configure(wanted, path)
  const verb = variable === undefined ? "Use" : `Set ${variable} to`
  const chosenBy = variable === undefined ? "" : `, which ${variable} names`
  return {
    reason: `no profile ${quoted(wanted)}${chosenBy}; ${listed(wanted, names)}`,
    hint: choice === undefined ? `Run: ${command}` : `${verb} ${choice}, or run: ${command}`
  }
}

const toCurrent = (choice = "the name of a profile", { variable }: Naming): string =>
  `Set "current" to ${choice}${variable === undefined ? "" : `, or set ${variable}`}`

/** @internal */
export const modeAdvice = (verb: "Add" | "Write", mode: ModeName | undefined): string =>
  `${verb} "mode": ${mode === undefined ? `one of ${modeNames.join(", ")}` : JSON.stringify(mode)}`

const profileNames = ({ profiles }: ConfigFile): ReadonlyArray<string> =>
  profiles.map((profile) => profile["name"]).filter(Predicate.isString)

// To the CLI, a login without an expiration is over.
const zeroCounts = new Set(["cloud_sso_access_token_expire"])

const present = (profile: Fields): Fields =>
  Object.fromEntries(
    Object.entries(profile)
      .map(([name, value]) => [name, typeof value === "string" ? trimmed(value) : value] as const)
      .filter(([name, value]) => value !== null && value !== "" && (value !== 0 || zeroCounts.has(name)))
  )

/** The mode that takes its credentials from another profile. @internal */
export const chained = "ChainableRamRoleArn" satisfies ModeName

// No real chain of roles is longer.
const maxDepth = 32

/** The profiles of the roles, outermost first, and the profile whose credentials the innermost role uses. @internal */
export interface Chain {
  readonly roles: ReadonlyArray<Profile>
  readonly base: Profile
}

/** The selected profile, the one whose credentials it uses, and so on. @internal */
export const pickChain = (
  file: ConfigFile,
  name: string | undefined,
  naming: Naming = {}
): Either.Either<Chain, Issue> =>
  Either.gen(function*() {
    const roles: Array<Profile> = []
    let base = yield* pick(file, name, naming)
    while (base.mode === chained) {
      roles.push(base)
      base = yield* pickSource(file, roles, base, naming)
    }
    return { roles, base }
  })

const pickSource = (
  file: ConfigFile,
  roles: ReadonlyArray<Profile>,
  profile: Profile,
  naming: Naming
): Either.Either<Profile, Issue> => {
  const source = profile.fields["source_profile"]
  const wrong = (reason: string, hint?: string) =>
    Either.left<Issue>({ at: `profile ${quoted(profile.name)}: source_profile`, line: profile.line(), reason, hint })
  const others = profileNames(file).filter((name) => roles.every((role) => role.name !== name))
  const another = "the name of another profile"
  if (typeof source !== "string") {
    const choice = oneOf(others) ?? another
    return source === undefined
      ? wrong("is missing", `Add "source_profile": ${choice}`)
      : wrong("is not text", `Set source_profile to ${choice}`)
  }
  if (roles.some((role) => role.name === source)) {
    return wrong(
      `a cycle: ${[...roles.map((role) => role.name), source].map(quoted).join(" -> ")}`,
      `Set source_profile of ${quoted(profile.name)} to a profile outside of the cycle, ` +
        "or replace it with credentials of its own, such as mode AK"
    )
  }
  if (roles.length >= maxDepth) return wrong(`more than ${maxDepth} chained profiles`)
  if (!hasProfile(file, source)) {
    const command = configure(source, naming.file)
    return wrong(
      `no profile ${quoted(source)}; ${listed(source, profileNames(file))}`,
      others.length === 0
        ? `Run: ${command}`
        : `Set source_profile to ${choiceFor(source, others) ?? another}, or run: ${command}`
    )
  }
  return pick(file, source, naming)
}

// A command line may be all in quotes, a policy is JSON, and a bearer token is cleaned as the CLI cleans it.
const takenAsIs = new Set(["process_command", "policy", "bearer_token"])

interface Findings {
  readonly issues: ReadonlyArray<string>
  readonly hint: string | undefined
}

const pasteFindings = (fields: Readonly<Record<string, unknown>>): Findings => {
  const found = Object.entries(fields).flatMap(([name, value]) => {
    const issue = typeof value === "string" && !takenAsIs.has(name) ? pasteIssue(value) : undefined
    return issue === undefined ? [] : [{ name, issue }]
  })
  const [first] = found
  return {
    issues: found.map(({ issue, name }) => `${name} ${issue}`),
    hint: first === undefined ? undefined : pasteHint(first.issue, " inside of the value")
  }
}

/** What is missing, wrong or misspelled in a profile. */
const findingsOf = (profile: Profile, found: ReadonlyArray<string>): Findings => {
  const missing = found.flatMap((issue) => /^([\w.]+) is missing$/.exec(issue)?.[1] ?? [])
  const { hint, issues } = explainMisspelled(profile.fields, missing)
  return { issues: [...found, ...issues], hint: hint ?? additions(profile, missing) }
}

/** The fields that `aliyun configure` asks for in every mode that has them. */
const asked = new Set(["access_key_id", "access_key_secret", "sts_token"])

const additions = ({ configure }: Profile, missing: ReadonlyArray<string>): string | undefined => {
  const [first, ...more] = missing
  if (first === undefined) return undefined
  if (missing.some((field) => asked.has(field))) return `Run: ${configure}`
  if (more.length > 0) return `Add ${missing.map((field) => JSON.stringify(field)).join(" and ")} to the profile`
  return `Add "${first}": "${samples.get(first) ?? "<value>"}"`
}

const samples: ReadonlyMap<string, string> = new Map([
  ["ram_role_arn", "acs:ram::<account>:role/<name>"],
  ["oidc_provider_arn", "acs:ram::<account>:oidc-provider/<name>"],
  ["credentials_uri", "http://<host>/<path>"],
  ["process_command", "<command>"]
])

/** The fields of a profile, or every one that is missing or of the wrong kind. @internal */
export const decodeFields = <A extends Readonly<Record<string, unknown>>, I>(
  schema: Schema.Schema<A, I>
): (profile: Profile) => Either.Either<A, Issue> => {
  const decode = Schema.decodeUnknownEither(schema, { errors: "all" })
  return (profile) => {
    const wrong = ({ hint, issues }: Findings) =>
      Either.left<Issue>({
        at: `profile ${quoted(profile.name)}`,
        line: profile.line(),
        reason: issues.join("; "),
        hint
      })
    return Either.match(decode(profile.fields), {
      onLeft: (error) => wrong(findingsOf(profile, describeIssues(error, { words: ownWords }))),
      onRight: (fields) => {
        const findings = pasteFindings(fields)
        return findings.issues.length === 0 ? Either.right(fields) : wrong(findings)
      }
    })
  }
}

/** The fields that are written back. No other field of the file is changed. @internal */
export interface Stored {
  readonly access_key_id?: string
  readonly access_key_secret?: string
  readonly sts_token?: string
  /** In seconds. */
  readonly sts_expiration?: number
  readonly oauth_access_token?: string
  readonly oauth_refresh_token?: string
  /** In seconds. */
  readonly oauth_access_token_expire?: number
}

/** The text with these fields of a profile. @internal */
export const withStored = (text: string, profile: Profile, stored: Stored): string | undefined =>
  withMembers(text, ["profiles", profile.index], { ...stored })
