/**
 * The parameters of the official `Config` object, which are also the keys of an INI section: which of them each kind of
 * credentials uses, and what can be wrong with them.
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { type DecodeError, eachIssue } from "../compat/schemaIssue.ts"
import { rules } from "../sts/role.ts"
import { isHost, isRegion } from "../wire/endpoint.ts"
import { isAddress } from "../wire/http.ts"
import {
  type Form,
  type Given,
  knownIn,
  leastMillis,
  type Name,
  notLimit,
  notMillis,
  shownIn,
  spellings
} from "./parameterNames.ts"
import { quotedWord } from "./quoted.ts"
import { explain, nearest, typosOf } from "./unknownKeys.ts"

const text = Schema.NonEmptyString
const secret = Schema.Redacted(text)
const textThat = (holds: (value: string) => boolean) => text.pipe(Schema.filter(holds))
const number = Schema.Union(Schema.Number, Schema.NumberFromString)

const limit = Schema.Union(
  Schema.DurationFromSelf,
  number.pipe(Schema.filter((value) => Number.isInteger(value) && value >= leastMillis))
)
const boolean = Schema.Union(
  Schema.Boolean,
  Schema.transform(textThat((value) => /^(?:true|false)$/i.test(value)), Schema.Boolean, {
    strict: true,
    decode: (value) => value.toLowerCase() === "true",
    encode: String
  })
)

const limits = { timeout: Schema.optional(limit), connectTimeout: Schema.optional(limit) }

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

const types = Object.keys(kinds) as ReadonlyArray<keyof typeof kinds>

/** @internal */
export interface Decoded {
  readonly parameters: SourceParameters
  /** The known names that have no effect, as they were spelled. */
  readonly unused: ReadonlyArray<string>
}

/** Values for parameters that were not given, and the variable that each of them comes from. @internal */
export interface Fallback {
  readonly values: Readonly<Partial<Record<Name, unknown>>>
  readonly variables: Readonly<Partial<Record<Name, string>>>
}

/** What is wrong, without quoting a value, and how to fix it. @internal */
export interface Findings {
  readonly issues: ReadonlyArray<string>
  readonly hint: string | undefined
}

/** The parameters of one kind, or everything that is missing or wrong. @internal */
export const decode = (given: Given, form: Form, fallback: Fallback): Either.Either<Decoded, Findings> => {
  const { type } = given.values
  const typos = typosOf(given.unknown, knownIn(form))
  if (!isKind(type)) {
    const found = explain(typos, type === undefined ? ["type"] : [])
    const issues = [typeIssue(type), ...given.issues, ...found.issues]
    return Either.left({ issues, hint: found.hint ?? typeHint(given, form) })
  }
  const refused = [...given.issues, ...routeIssues(given, kinds[type].uses)]
  const values = { ...fallback.values, ...(form === "file" ? withUnits(given.values) : given.values) }
  const decoded: Either.Either<SourceParameters, DecodeError> = kinds[type].decode(values)
  if (Either.isLeft(decoded)) {
    const missing = missingIn(decoded.left, form)
    const found = explain(typos, missing)
    return Either.left({
      issues: [...describe(decoded.left, given, form, fallback), ...refused, ...found.issues],
      hint: found.hint ?? addition(missing, form) ?? given.hint
    })
  }
  if (refused.length > 0) return Either.left({ issues: refused, hint: given.hint })
  const idle = (Object.keys(given.spelled) as ReadonlyArray<Name>).filter((name) => !kinds[type].uses.has(name))
  return Either.right({
    parameters: decoded.right,
    unused: [...idle.map((name) => given.spelled[name] ?? name), ...given.foreign]
  })
}

const missingIn = (error: DecodeError, form: Form): ReadonlyArray<string> => {
  const missing = new Set<string>()
  eachIssue(error, (path, issue) => {
    if (issue._tag === "Missing") missing.add(shownIn(form, path[0] as Name))
  })
  return [...missing]
}

const addition = (missing: ReadonlyArray<string>, form: Form): string | undefined => {
  const [first, ...more] = missing
  if (first === undefined) return undefined
  const all = missing.join(" and ")
  if (form !== "file") return `Add ${all} to the config`
  if (more.length > 0) return `Add lines for ${all}`
  return `Add the line ${first} = ${first === "role_arn" ? "acs:ram::<account>:role/<name>" : "<value>"}`
}

const routes = ["proxy", "proxyHttp", "proxyHttps"] as const satisfies ReadonlyArray<Name>

/** A request that does not take the route which the user named may not arrive, or arrive where it should not. */
const routeIssues = ({ spelled }: Given, uses: ReadonlySet<string>): ReadonlyArray<string> =>
  uses.has("timeout")
    ? routes.flatMap((name) =>
      spelled[name] === undefined
        ? []
        : [`${spelled[name]} is not supported: configure it in the HTTP client of the program`]
    )
    : []

/** The tools for Python and Node.js write milliseconds into the file, and those for PHP seconds. */
const withUnits = (values: Given["values"]): Given["values"] => ({
  ...values,
  ...limitIn(values, "timeout"),
  ...limitIn(values, "connectTimeout")
})

const limitIn = (values: Given["values"], name: "timeout" | "connectTimeout"): Given["values"] => {
  const value = values[name]
  const amount = typeof value === "string" ? Number(value) : NaN
  return amount > 0 && amount < leastMillis ? { [name]: Duration.seconds(amount) } : {}
}

const isKind = (type: unknown): type is keyof typeof kinds => typeof type === "string" && Object.hasOwn(kinds, type)

const typeIssue = (type: unknown): string => {
  if (type === undefined) return "type is missing"
  if (type === "rsa_key_pair") return "type rsa_key_pair is not supported"
  if (typeof type !== "string") return "type is not text"
  // Where a line break got lost, the next key and its value stand here.
  return `type: ${quotedWord(type)} is not a type`
}

const typeHint = ({ values }: Given, form: Form): string => {
  const { type } = values
  if (type === "rsa_key_pair") return "Use an AccessKey or a role"
  const meant = (typeof type === "string" ? nearestType(type) : undefined) ?? suggestedType(values)
  const right = meant ?? `one of ${types.join(", ")}`
  if (form !== "file") return `Set type to ${meant === undefined ? right : JSON.stringify(right)}`
  return type === undefined ? `Add the line type = ${right}` : `Write type = ${right}`
}

/** Other words for types, without capitals and separators. */
const synonyms: Readonly<Record<string, keyof typeof kinds>> = {
  ak: "access_key",
  ststoken: "sts",
  bearertoken: "bearer",
  oidc: "oidc_role_arn",
  uri: "credentials_uri"
}

const plain = (word: string): string => word.toLowerCase().replace(/[-_ ]/g, "")

/** The type that was probably meant by an unknown word. @internal */
export const nearestType = (word: string): keyof typeof kinds | undefined => {
  const wanted = plain(word)
  if (Object.hasOwn(synonyms, wanted)) return synonyms[wanted]
  const near = nearest(wanted, types.map(plain))
  return types.find((type) => plain(type) === near)
}

/** The parameters of which each type has all, the most telling first. */
const signs: ReadonlyArray<readonly [type: keyof typeof kinds, names: ReadonlyArray<Name>]> = [
  ["oidc_role_arn", ["oidcProviderArn"]],
  ["oidc_role_arn", ["oidcTokenFilePath"]],
  ["credentials_uri", ["credentialsURI"]],
  ["bearer", ["bearerToken"]],
  ["ram_role_arn", ["roleArn", "accessKeyId"]],
  ["ecs_ram_role", ["roleName"]],
  ["sts", ["securityToken"]],
  ["access_key", ["accessKeyId"]],
  ["access_key", ["accessKeySecret"]]
]

/** The type that the given parameters suggest. @internal */
export const suggestedType = (values: Given["values"]): keyof typeof kinds | undefined =>
  signs.find(([, names]) => names.every((name) => name in values))?.[0]

// A union reports an issue for each of its members, all with the same text here.
const describe = (
  error: DecodeError,
  given: Given,
  form: Form,
  fallback: Fallback
): ReadonlyArray<string> => {
  const lines = new Set<string>()
  eachIssue(error, (path, issue) => {
    const name = path[0] as Name
    const shown = shownIn(form, name)
    const variable = fallback.variables[name]
    if (issue._tag === "Missing") {
      lines.add(variable === undefined ? `${shown} is missing` : `${shown} is missing, and ${variable} is not set`)
      return
    }
    const otherwise = spellings[name][1]
    const reason = otherwise === notMillis && form === "file" ? notLimit : otherwise
    lines.add(`${variable === undefined || name in given.values ? shown : variable} ${reason}`)
  })
  return [...lines]
}
