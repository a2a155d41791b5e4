/**
 * The text of `config.json`: the selected profile, the profiles it builds on, and the fields that are written back.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { withMembers } from "../files/jsonText.ts"
import { pasteIssue, trimmed } from "../pasted.ts"
import { describeIssues, ownWords } from "../wire/issues.ts"
import { parseJson } from "../wire/json.ts"
import type { Issue } from "./document.ts"
import { type Fields, isUntouched, misspelled, type ModeName, modeNames, suggestedMode } from "./profileFields.ts"
import { listed, quoted } from "./quoted.ts"

/** A profile of the file; `name` and `mode` have been checked. @internal */
export interface Profile {
  readonly name: string
  readonly mode: string
  /** Its index among the profiles of the file. */
  readonly index: number
  /** Without members that count as absent: null, empty text, and zero, which other tools write for an unset field. */
  readonly fields: Fields
}

/** @internal */
export interface ConfigFile {
  readonly current: string | undefined
  readonly profiles: ReadonlyArray<Fields>
}

const Profiles = Schema.Array(Schema.Record({ key: Schema.String, value: Schema.Unknown }))

const current = Schema.optional(Schema.NullOr(Schema.String))

const FileSchema = Schema.Struct({ current, profiles: Schema.NullOr(Profiles) })

/** As the CLI leaves it before the first profile. Anything else may hold profiles under another name. */
const NewFileSchema = Schema.Struct({ current, meta_path: Schema.optional(Schema.Unknown) })

const decodeFile = Schema.decodeUnknownEither(FileSchema, { errors: "all" })

const isNewFile = Schema.is(NewFileSchema, { onExcessProperty: "error" })

/** @internal */
export const parse = (text: string): Either.Either<ConfigFile, Issue> =>
  Option.match(parseJson(text.replace(/^\uFEFF/, "")), {
    onNone: () => Either.left({ reason: "not JSON" }),
    onSome: (json) =>
      isNewFile(json)
        ? Either.right({ current: json.current || undefined, profiles: [] })
        : Either.mapBoth(decodeFile(json), {
          onLeft: (error) => ({ reason: describeIssues(error, { whole: "the file" }).join("; ") }),
          onRight: ({ current, profiles }) => ({ current: current || undefined, profiles: profiles ?? [] })
        })
  })

/** Whether the text may be incomplete because a program is writing it. @internal */
export const isCutShort = (text: string): boolean => !/[}\]]\s*$/.test(text)

/** @internal */
export const hasProfile = (file: ConfigFile, name: string): boolean =>
  file.profiles.some((profile) => profile["name"] === name)

/** Why the file configures nothing yet, as the CLI leaves it before a login. @internal */
export const unfinished = (file: ConfigFile, name: string | undefined): string | undefined => {
  if (file.profiles.length === 0) return "no profiles"
  const wanted = name ?? file.current
  const found = file.profiles.find((profile) => profile["name"] === wanted)
  if (wanted === undefined || found === undefined) return undefined
  const fields = present(found)
  return fields["mode"] === undefined && isUntouched(fields) ? `profile ${quoted(wanted)} has no mode` : undefined
}

/** The first profile of that name; without a name, the one that `current` names. @internal */
export const pick = (file: ConfigFile, name: string | undefined): Either.Either<Profile, Issue> => {
  const wanted = name ?? file.current
  if (wanted === undefined || wanted === "") {
    return Either.left({ at: "current", reason: "names no profile" })
  }
  const index = file.profiles.findIndex((profile) => profile["name"] === wanted)
  const found = file.profiles[index]
  if (found === undefined) {
    const missing = name === undefined
      ? `current names profile ${quoted(wanted)}, which does not exist`
      : `no profile ${quoted(wanted)}`
    return Either.left({ reason: `${missing}; ${listed(profileNames(file))}` })
  }
  const fields = present(found)
  const { mode } = fields
  return typeof mode === "string"
    ? Either.right({ name: wanted, mode, index, fields })
    : Either.left({
      at: `profile ${quoted(wanted)}: mode`,
      reason: `${mode === undefined ? "missing" : "not text"}: ${advice(fields)}`
    })
}

const advice = (fields: Fields): string => {
  const suggested = suggestedMode(fields)
  const modes = `use one of ${modeNames.join(", ")}`
  return suggested === undefined ? modes : `${modes}; the fields of the profile suggest ${suggested}`
}

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
export const pickChain = (file: ConfigFile, name: string | undefined): Either.Either<Chain, Issue> =>
  Either.gen(function*() {
    const roles: Array<Profile> = []
    let base = yield* pick(file, name)
    while (base.mode === chained) {
      roles.push(base)
      base = yield* pickSource(file, roles, base)
    }
    return { roles, base }
  })

const pickSource = (
  file: ConfigFile,
  roles: ReadonlyArray<Profile>,
  profile: Profile
): Either.Either<Profile, Issue> => {
  const source = profile.fields["source_profile"]
  const wrong = (reason: string) =>
    Either.left<Issue>({ at: `profile ${quoted(profile.name)}: source_profile`, reason })
  if (typeof source !== "string") return wrong(source === undefined ? "is missing" : "is not text")
  if (roles.some((role) => role.name === source)) {
    return wrong(`a cycle: ${[...roles.map((role) => role.name), source].map(quoted).join(" -> ")}`)
  }
  if (roles.length >= maxDepth) return wrong(`more than ${maxDepth} chained profiles`)
  if (!hasProfile(file, source)) return wrong(`no profile ${quoted(source)}; ${listed(profileNames(file))}`)
  return pick(file, source)
}

// A command line may be all in quotes, a policy is JSON, and a bearer token is cleaned as the CLI cleans it.
const takenAsIs = new Set(["process_command", "policy", "bearer_token"])

const pasteIssuesOf = (fields: Readonly<Record<string, unknown>>): ReadonlyArray<string> =>
  Object.entries(fields).flatMap(([name, value]) => {
    const issue = typeof value === "string" && !takenAsIs.has(name) ? pasteIssue(value) : undefined
    return issue === undefined ? [] : [`${name} ${issue}`]
  })

/** The fields of a profile, or every one that is missing or of the wrong kind. @internal */
export const decodeFields = <A extends Readonly<Record<string, unknown>>, I>(
  schema: Schema.Schema<A, I>
): (profile: Profile) => Either.Either<A, Issue> => {
  const decode = Schema.decodeUnknownEither(schema, { errors: "all" })
  return (profile) => {
    const wrong = (issues: ReadonlyArray<string>) =>
      Either.left<Issue>({
        at: `profile ${quoted(profile.name)}`,
        reason: [...issues, ...misspelled(profile.fields)].join("; ")
      })
    return Either.match(decode(profile.fields), {
      onLeft: (error) => wrong(describeIssues(error, { words: ownWords })),
      onRight: (fields) => {
        const issues = pasteIssuesOf(fields)
        return issues.length === 0 ? Either.right(fields) : wrong(issues)
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
