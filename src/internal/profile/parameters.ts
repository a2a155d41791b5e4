/**
 * The parameters of the official `Config` object, which are also the keys of an INI section: their names in two
 * languages, which of them each kind of credentials uses, and what can be wrong with them.
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { pasteIssue, trimmed } from "../pasted.ts"
import { rules } from "../sts/role.ts"
import { isHost, isRegion } from "../wire/endpoint.ts"
import { isAddress } from "../wire/http.ts"
import { isWord } from "../wire/word.ts"
import { quotedWord } from "./quoted.ts"

/** @internal */
export type Values = Readonly<Record<string, unknown>>

const text = Schema.NonEmptyString
const secret = Schema.Redacted(text)
const textThat = (holds: (value: string) => boolean) => text.pipe(Schema.filter(holds))
const number = Schema.Union(Schema.Number, Schema.NumberFromString)
const millis = number.pipe(Schema.filter((value) => Number.isFinite(value) && value > 0))
const boolean = Schema.Union(
  Schema.Boolean,
  Schema.transform(textThat((value) => /^(?:true|false)$/i.test(value)), Schema.Boolean, {
    strict: true,
    decode: (value) => value.toLowerCase() === "true",
    encode: String
  })
)

const limits = { timeout: Schema.optional(millis), connectTimeout: Schema.optional(millis) }

const role = {
  roleArn: textThat(rules.roleArn.holds),
  roleSessionName: Schema.optional(textThat(rules.roleSessionName.holds)),
  roleSessionExpiration: Schema.optional(number.pipe(Schema.filter(rules.duration.holds))),
  policy: Schema.optional(textThat(rules.policy.holds)),
  stsEndpoint: Schema.optional(textThat(isHost)),
  stsRegionId: Schema.optional(textThat(isRegion)),
  enableVpc: Schema.optional(boolean),
  ...limits
}

const key = { accessKeyId: text, accessKeySecret: secret }

const kind = <A, I>(schema: Schema.Schema<A, I> & { readonly fields: object }) => ({
  uses: new Set(Object.keys(schema.fields)),
  decode: Schema.decodeUnknownEither(schema, { errors: "all" })
})

const kinds = {
  access_key: kind(Schema.Struct({ type: Schema.Literal("access_key"), ...key })),
  sts: kind(Schema.Struct({ type: Schema.Literal("sts"), ...key, securityToken: secret })),
  bearer: kind(Schema.Struct({ type: Schema.Literal("bearer"), bearerToken: secret })),
  ecs_ram_role: kind(Schema.Struct({
    type: Schema.Literal("ecs_ram_role"),
    roleName: Schema.optional(text),
    disableIMDSv1: Schema.optional(boolean),
    ...limits
  })),
  ram_role_arn: kind(Schema.Struct({
    type: Schema.Literal("ram_role_arn"),
    ...key,
    securityToken: Schema.optional(secret),
    externalId: Schema.optional(textThat(rules.externalId.holds)),
    ...role
  })),
  oidc_role_arn: kind(Schema.Struct({
    type: Schema.Literal("oidc_role_arn"),
    oidcProviderArn: text,
    oidcTokenFilePath: text,
    ...role
  })),
  credentials_uri: kind(Schema.Struct({
    type: Schema.Literal("credentials_uri"),
    credentialsURI: Schema.Redacted(textThat(isAddress)),
    ...limits
  }))
}

/** The parameters of one source, distinguished by `type`. @internal */
export type SourceParameters = Either.Either.Right<ReturnType<(typeof kinds)[keyof typeof kinds]["decode"]>>

const types = Object.keys(kinds).join(", ")

const notText = "is not text"
const notBoolean = "is neither true nor false"
const notMillis = "takes milliseconds, more than 0"

/** The names of each parameter: in Node, in Python and in files, and variants; and what is wrong with a bad value. */
const spellings = {
  type: [["type", "type"], notText],
  accessKeyId: [["accessKeyId", "access_key_id"], notText],
  accessKeySecret: [["accessKeySecret", "access_key_secret"], notText],
  securityToken: [["securityToken", "security_token"], notText],
  bearerToken: [["bearerToken", "bearer_token"], notText],
  roleArn: [["roleArn", "role_arn"], rules.roleArn.otherwise],
  roleSessionName: [["roleSessionName", "role_session_name"], rules.roleSessionName.otherwise],
  roleSessionExpiration: [["roleSessionExpiration", "role_session_expiration"], rules.duration.otherwise],
  policy: [["policy", "policy"], rules.policy.otherwise],
  externalId: [["externalId", "external_id"], rules.externalId.otherwise],
  stsEndpoint: [["stsEndpoint", "sts_endpoint"], "is not a host name"],
  stsRegionId: [["stsRegionId", "sts_region_id"], "is not a region id"],
  enableVpc: [["enableVpc", "enable_vpc"], notBoolean],
  oidcProviderArn: [["oidcProviderArn", "oidc_provider_arn"], notText],
  oidcTokenFilePath: [["oidcTokenFilePath", "oidc_token_file_path"], notText],
  roleName: [["roleName", "role_name"], notText],
  disableIMDSv1: [["disableIMDSv1", "disable_imds_v1"], notBoolean],
  credentialsURI: [["credentialsURI", "credentials_uri", "credentialsUri"], "is not an http or https address"],
  timeout: [["timeout", "timeout", "readTimeout", "read_timeout"], notMillis],
  connectTimeout: [["connectTimeout", "connect_timeout"], notMillis],
  proxy: [["proxy", "proxy"], notText]
} as const satisfies Record<string, readonly [readonly [camel: string, snake: string, ...Array<string>], string]>

/** The name of a parameter in camel case. @internal */
export type Name = keyof typeof spellings

/** @internal */
export type Spelling = "camel" | "snake"

const nameOf: ReadonlyMap<string, Name> = new Map(
  (Object.keys(spellings) as ReadonlyArray<Name>).flatMap((name) =>
    spellings[name][0].map((spelling) => [spelling, name] as const)
  )
)

/** The given parameters, each under its name in camel case. @internal */
export interface Given {
  readonly values: Readonly<Partial<Record<Name, unknown>>>
  /** The given spelling of each name. */
  readonly spelled: Readonly<Partial<Record<Name, string>>>
  readonly unknown: ReadonlyArray<string>
  readonly issues: ReadonlyArray<string>
}

// A policy is JSON, and a bearer token loses its line breaks where it is used.
const takenAsIs: ReadonlySet<Name> = new Set(["policy", "bearerToken"])

/** Empty means absent, and so do blanks. @internal */
export const collect = (entries: Values): Given => {
  const values: Partial<Record<Name, unknown>> = {}
  const spelled: Partial<Record<Name, string>> = {}
  const unknown: Array<string> = []
  const issues: Array<string> = []
  for (const [spelling, given] of Object.entries(entries)) {
    const plain: unknown = Redacted.isRedacted(given) ? Redacted.value(given) : given
    const value = typeof plain === "string" ? trimmed(plain) : plain
    if (value === undefined || value === null || value === "") continue
    const name = nameOf.get(spelling)
    if (name === undefined) unknown.push(isWord(spelling) ? spelling : "a name that cannot be shown")
    else if (name in values && values[name] !== value) issues.push(`${spelled[name]} and ${spelling} differ`)
    else {
      const issue = typeof value === "string" && !takenAsIs.has(name) ? pasteIssue(value) : undefined
      if (issue !== undefined) issues.push(`${spelling} ${issue}`)
      values[name] = value
      spelled[name] = spelling
    }
  }
  return { values, spelled, unknown, issues }
}

/** @internal */
export interface Decoded {
  readonly parameters: SourceParameters
  /** The given names that have no effect, as they were spelled. */
  readonly unused: ReadonlyArray<string>
}

/** Values for parameters that were not given, and the variable that each of them comes from. @internal */
export interface Fallback {
  readonly values: Readonly<Partial<Record<Name, unknown>>>
  readonly variables: Readonly<Partial<Record<Name, string>>>
}

/** The parameters of one kind, or everything that is missing or wrong, without quoting a value. @internal */
export const decode = (
  given: Given,
  spelling: Spelling,
  fallback: Fallback
): Either.Either<Decoded, ReadonlyArray<string>> => {
  const refused = [
    ...given.issues,
    ...("proxy" in given.values ? ["proxy is not supported: configure it in the HTTP client of the program"] : [])
  ]
  const { type } = given.values
  if (!isKind(type)) return Either.left([typeIssue(type), ...refused])
  const values = { ...fallback.values, ...given.values }
  const decoded: Either.Either<SourceParameters, ParseResult.ParseError> = kinds[type].decode(values)
  if (Either.isLeft(decoded)) return Either.left([...describe(decoded.left, given, spelling, fallback), ...refused])
  if (refused.length > 0) return Either.left(refused)
  const idle = (Object.keys(given.spelled) as ReadonlyArray<Name>).filter((name) => !kinds[type].uses.has(name))
  return Either.right({
    parameters: decoded.right,
    unused: [...idle.map((name) => given.spelled[name] ?? name), ...given.unknown]
  })
}

const isKind = (type: unknown): type is keyof typeof kinds => typeof type === "string" && Object.hasOwn(kinds, type)

const typeIssue = (type: unknown): string => {
  if (type === undefined) return `type is missing: use one of ${types}`
  if (type === "rsa_key_pair") return "type rsa_key_pair is not supported: use an AccessKey or a role"
  if (typeof type !== "string") return "type is not text"
  // Where a line break got lost, the next key and its value stand here.
  return `type ${quotedWord(type)} is not one of ${types}`
}

// A union reports an issue for each of its members, all with the same text here.
const describe = (
  error: ParseResult.ParseError,
  given: Given,
  spelling: Spelling,
  fallback: Fallback
): ReadonlyArray<string> => [
  ...new Set(
    ParseResult.ArrayFormatter.formatErrorSync(error).map((issue) => {
      const name = issue.path[0] as Name
      const shown = spellings[name][0][spelling === "camel" ? 0 : 1]
      const variable = fallback.variables[name]
      if (issue._tag === "Missing") {
        return variable === undefined ? `${shown} is missing` : `${shown} is missing, and ${variable} is not set`
      }
      return `${variable === undefined || name in given.values ? shown : variable} ${spellings[name][1]}`
    })
  )
]
