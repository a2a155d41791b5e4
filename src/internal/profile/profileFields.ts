/**
 * The modes and fields of a profile of `config.json`: those of the CLI, and those that only other official tools know.
 */
import { explain, nearest, shownKey, suspects, typosOf } from "./unknownKeys.ts"

/** The fields of a profile, without those that are empty. @internal */
export type Fields = Readonly<Record<string, unknown>>

/** The modes that give credentials. @internal */
export const modeNames = [
  "AK",
  "StsToken",
  "RamRoleArn",
  "RamRoleArnWithRoleName",
  "EcsRamRole",
  "OIDC",
  "CredentialsURI",
  "BearerToken",
  "CloudSSO",
  "OAuth",
  "External",
  "ChainableRamRoleArn"
] as const

/** @internal */
export type ModeName = (typeof modeNames)[number]

/** Fields that say nothing about credentials, with which the CLI begins a profile. */
const settings: ReadonlyArray<string> = [
  "name",
  "mode",
  "region_id",
  "output_format",
  "language",
  "site",
  "verified",
  "read_timeout",
  "retry_timeout",
  "connect_timeout",
  "retry_count",
  "endpoint",
  "endpoint_type",
  "external_account_type",
  "auto_plugin_install",
  "auto_plugin_install_enable_pre",
  "sts_region",
  "sts_endpoint"
]

/** The fields of which each mode has all, the most telling first: logins also store a key pair. */
const signs: ReadonlyArray<readonly [mode: ModeName, fields: ReadonlyArray<string>]> = [
  ["ChainableRamRoleArn", ["source_profile"]],
  ["OIDC", ["oidc_provider_arn"]],
  ["OIDC", ["oidc_token_file"]],
  ["CloudSSO", ["cloud_sso_sign_in_url"]],
  ["CloudSSO", ["cloud_sso_account_id"]],
  ["CloudSSO", ["cloud_sso_access_config"]],
  ["CloudSSO", ["access_token"]],
  ["OAuth", ["oauth_refresh_token"]],
  ["OAuth", ["oauth_access_token"]],
  ["OAuth", ["oauth_site_type"]],
  ["External", ["process_command"]],
  ["CredentialsURI", ["credentials_uri"]],
  ["BearerToken", ["bearer_token"]],
  ["RamRoleArn", ["ram_role_arn", "access_key_id"]],
  ["RamRoleArn", ["ram_role_arn", "access_key_secret"]],
  ["RamRoleArnWithRoleName", ["ram_role_arn", "ram_role_name"]],
  ["EcsRamRole", ["ram_role_name"]],
  ["StsToken", ["sts_token"]],
  ["AK", ["access_key_id"]],
  ["AK", ["access_key_secret"]]
]

const known: ReadonlySet<string> = new Set([
  ...settings,
  ...signs.flatMap(([, fields]) => fields),
  "sts_expiration",
  "ram_session_name",
  "expired_seconds",
  "external_id",
  "private_key",
  "key_pair_name",
  "cloud_sso_access_token_expire",
  "oauth_access_token_expire",
  "oauth_refresh_token_expire",
  "bearer_token_header_key",
  "enable_vpc",
  "policy",
  "role_session_name",
  "duration_seconds"
])

const isText = (value: unknown): boolean => typeof value === "string"

/** Whether the profile is as the CLI begins it. Some tools write numbers and flags for every field. @internal */
export const isUntouched = (fields: Fields): boolean =>
  Object.entries(fields).every(([name, value]) => !isText(value) || settings.includes(name))

/** The mode that the fields of a profile suggest. @internal */
export const suggestedMode = (fields: Fields): ModeName | undefined =>
  signs.find(([, names]) => names.every((name) => isText(fields[name])))?.[0]

/** Other words for modes, without capitals and hyphens. */
const synonyms: Readonly<Record<string, ModeName>> = {
  accesskey: "AK",
  sts: "StsToken",
  bearer: "BearerToken",
  oidcrolearn: "OIDC",
  sso: "CloudSSO"
}

/** The mode that was probably meant by an unknown word. @internal */
export const nearestMode = (word: string): ModeName | undefined => {
  const plain = word.toLowerCase().replace(/[-_ ]/g, "")
  const same = modeNames.find((mode) => mode.toLowerCase() === plain)
  if (same !== undefined) return same
  if (Object.hasOwn(synonyms, plain)) return synonyms[plain]
  const near = nearest(plain, modeNames.map((mode) => mode.toLowerCase()))
  return modeNames.find((mode) => mode.toLowerCase() === near)
}

const unknownIn = (fields: Fields): ReadonlyArray<string> => Object.keys(fields).filter((name) => !known.has(name))

/** Unknown fields that look like a known one. @internal */
export const misspelled = (fields: Fields): ReadonlyArray<string> => suspects(unknownIn(fields), known)

/** What to say about unknown fields if these known ones are missing, and how to fix it. @internal */
export const explainMisspelled = (fields: Fields, missing: ReadonlyArray<string>): ReturnType<typeof explain> =>
  explain(typosOf(unknownIn(fields), known), missing)

/** The unknown fields that look like no known one, for the log. @internal */
export const unknown = (fields: Fields): string => {
  const typos = typosOf(unknownIn(fields), known).map(({ key }) => key)
  return unknownIn(fields).filter((name) => !typos.includes(name)).map(shownKey).join(", ")
}
