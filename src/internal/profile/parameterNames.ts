/**
 * The names of the parameters of the official `Config` object and of an INI section, in two languages, and the given
 * values under one name each.
 */
import * as Redacted from "effect/Redacted"
import { pasteHint, pasteIssue, trimmed } from "../pasted.ts"
import { rules } from "../sts/role.ts"

/** @internal */
export type Values = Readonly<Record<string, unknown>>

/** Nobody waits for less, so that a smaller number means another unit. @internal */
export const leastMillis = 100

const notText = "is not text"
const notBoolean = "is neither true nor false"
/** @internal */
export const notMillis = "takes milliseconds, a whole number from 100"
/** @internal */
export const notLimit = `${notMillis}, or seconds, less than 100`

/**
 * The names of each parameter: in Node, in Python and in files, and variants; and what is wrong with a bad value.
 *
 * @internal
 */
export const spellings = {
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
  stsRegionId: [["stsRegionId", "sts_region_id", "stsRegion", "sts_region"], "is not a region id"],
  enableVpc: [["enableVpc", "enable_vpc"], notBoolean],
  oidcProviderArn: [["oidcProviderArn", "oidc_provider_arn"], notText],
  oidcTokenFilePath: [["oidcTokenFilePath", "oidc_token_file_path"], notText],
  roleName: [["roleName", "role_name"], notText],
  disableIMDSv1: [["disableIMDSv1", "disable_imds_v1"], notBoolean],
  credentialsURI: [["credentialsURI", "credentials_uri", "credentialsUri"], "is not an http or https address"],
  timeout: [["timeout", "timeout", "readTimeout", "read_timeout"], notMillis],
  connectTimeout: [["connectTimeout", "connect_timeout"], notMillis],
  proxy: [["proxy", "proxy"], notText],
  proxyHttp: [["proxyHttp", "proxy_http"], notText],
  proxyHttps: [["proxyHttps", "proxy_https"], notText]
} as const satisfies Record<string, readonly [readonly [camel: string, snake: string, ...Array<string>], string]>

/** The name of a parameter in camel case. @internal */
export type Name = keyof typeof spellings

/** Where parameters stand: in a file, or in an object with one of the two spellings of names. @internal */
export type Form = "file" | "camel" | "snake"

const nameOf: ReadonlyMap<string, Name> = new Map(
  (Object.keys(spellings) as ReadonlyArray<Name>).flatMap((name) =>
    spellings[name][0].map((spelling) => [spelling, name] as const)
  )
)

/** Names that official tools know and that have no meaning here. */
const knownElsewhere: ReadonlySet<string> = new Set([
  "asyncCredentialUpdateEnabled",
  "async_credential_update_enabled",
  "cert_file",
  "cert_password",
  "debug",
  "durationSeconds",
  "duration_seconds",
  "enable",
  "enableIMDSv2",
  "enable_imds_v2",
  "host",
  "inAdvanceScale",
  "metadataTokenDuration",
  "metadata_token_duration",
  "privateKeyFile",
  "private_key_file",
  "proxy_no",
  "publicKeyId",
  "public_key_id",
  "regionId",
  "region_id",
  "sessionExpiration",
  "session_expiration"
])

const known: ReadonlyArray<string> = [...nameOf.keys(), ...knownElsewhere]

// The keys of a file are folded to lower case.
const knownInFiles = known.filter((name) => name === name.toLowerCase())

/** Every name that is known, for suggestions. @internal */
export const knownIn = (form: Form): ReadonlyArray<string> => form === "file" ? knownInFiles : known

/** The given parameters, each under its name in camel case. @internal */
export interface Given {
  readonly values: Readonly<Partial<Record<Name, unknown>>>
  /** The given spelling of each name. */
  readonly spelled: Readonly<Partial<Record<Name, string>>>
  /** Names that only other tools know. */
  readonly foreign: ReadonlyArray<string>
  /** Names that nobody knows. A secret can stand in the place of one. */
  readonly unknown: ReadonlyArray<string>
  readonly issues: ReadonlyArray<string>
  /** How to fix the first of the issues. */
  readonly hint: string | undefined
}

// A policy is JSON, and a bearer token loses its line breaks where it is used.
const takenAsIs: ReadonlySet<Name> = new Set(["policy", "bearerToken"])

/** Empty means absent, and so do blanks. @internal */
export const collect = (entries: Values): Given => {
  const values: Partial<Record<Name, unknown>> = {}
  const spelled: Partial<Record<Name, string>> = {}
  const foreign: Array<string> = []
  const unknown: Array<string> = []
  const issues: Array<string> = []
  let hint: string | undefined = undefined
  for (const [spelling, given] of Object.entries(entries)) {
    const plain: unknown = Redacted.isRedacted(given) ? Redacted.value(given) : given
    const value = typeof plain === "string" ? trimmed(plain) : plain
    if (value === undefined || value === null || value === "") continue
    const name = nameOf.get(spelling)
    if (name === undefined) (knownElsewhere.has(spelling) ? foreign : unknown).push(spelling)
    else if (name in values && values[name] !== value) issues.push(`${spelled[name]} and ${spelling} differ`)
    else {
      const issue = typeof value === "string" && !takenAsIs.has(name) ? pasteIssue(value) : undefined
      if (issue !== undefined) {
        issues.push(`${spelling} ${issue}`)
        hint ??= pasteHint(issue)
      }
      values[name] = value
      spelled[name] = spelling
    }
  }
  return { values, spelled, foreign, unknown, issues, hint }
}

/** @internal */
export const shownIn = (form: Form, name: Name): string => spellings[name][0][form === "camel" ? 0 : 1]
