/**
 * Variables that people set for other tools, or by mistake. They are not read, because the official SDKs do not read
 * them either, but an error that names them saves a search.
 */
import * as Effect from "effect/Effect"
import { type CredentialError, CredentialsNotConfigured } from "../CredentialError.ts"
import type { Service } from "../CredentialProvider.ts"
import * as variable from "./compat/variable.ts"
import { trimmed } from "./pasted.ts"
import * as names from "./provider/names.ts"
import { mapService } from "./provider/service.ts"
import * as variables from "./variables.ts"

// Of the official SDKs, the CLI, Terraform, and older tools.
const prefixes = ["ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_", "ALIYUN_"] as const

/** What follows the prefix in the names that are read, and in those that people write instead, by provider. */
const words: Readonly<Record<string, Readonly<Record<string, ReadonlyArray<string>>>>> = {
  [names.environment]: {
    ACCESS_KEY_ID: [
      "ACCESS_KEY",
      "ACCES_KEY_ID",
      "ACESS_KEY_ID",
      "ACCESS_KEYID",
      "ACCESSKEY_ID",
      "ACCESSKEYID",
      "ACCESSKEY",
      "ACCESS_ID",
      "KEY_ID"
    ],
    ACCESS_KEY_SECRET: [
      "SECRET_KEY",
      "ACCESS_SECRET",
      "SECRET_ACCESS_KEY",
      "ACCESS_SECRET_KEY",
      "ACCES_KEY_SECRET",
      "ACESS_KEY_SECRET",
      "ACCESS_KEYSECRET",
      "ACCESSKEY_SECRET",
      "ACCESSKEYSECRET",
      "ACCESS_KEY_SERCET",
      "ACCESS_KEY_SECERT",
      "ACCESS_KEY_SECRT",
      "ACCESS_KEY_SECRETE",
      "ACCESS_KEY_SECRETS",
      "KEY_SECRET",
      "SECRET"
    ],
    SECURITY_TOKEN: ["STS_TOKEN", "SESSION_TOKEN", "STS_SECURITY_TOKEN", "SECURTIY_TOKEN"]
  },
  [names.ramRoleArn]: { ROLE_ARN: ["ASSUME_ROLE_ARN"] },
  [names.oidcRoleArn]: { ROLE_ARN: [], OIDC_PROVIDER_ARN: [], OIDC_TOKEN_FILE: [] },
  [names.cliProfile]: { PROFILE: [], CONFIG_FILE: [] },
  [names.iniProfile]: { PROFILE: [], CREDENTIALS_FILE: ["SHARED_CREDENTIALS_FILE"] },
  [names.ecsRamRole]: { ECS_METADATA: ["ECS_ROLE_NAME", "ECS_RAM_ROLE"] },
  [names.credentialsUri]: { CREDENTIALS_URI: ["CREDENTIALS_URL"] }
}

const ofOss: ReadonlyArray<Unread> = [
  { name: "OSS_ACCESS_KEY_ID", meant: variables.names.accessKeyId },
  { name: "OSS_ACCESS_KEY_SECRET", meant: variables.names.accessKeySecret },
  { name: "OSS_SESSION_TOKEN", meant: variables.names.securityToken }
]

/** A variable that is not read, and the one that was probably meant. @internal */
export interface Unread {
  readonly name: string
  readonly meant: string
}

const isRead = (name: string): boolean => (Object.values(variables.names) as ReadonlyArray<string>).includes(name)

const candidates = (provider: string): ReadonlyArray<Unread> => [
  ...prefixes.flatMap((prefix) =>
    Object.entries(words[provider] ?? {}).flatMap(([meant, others]) =>
      [meant, ...others].map((word) => ({ name: `${prefix}${word}`, meant: `${prefixes[0]}${meant}` }))
    )
  ).filter(({ name }) => !isRead(name)),
  ...(provider === names.environment ? ofOss : [])
]

const guesses: ReadonlySet<string> = new Set(
  [...Object.keys(words), names.environment].flatMap((provider) => candidates(provider).map(({ name }) => name))
)

/** Whether a variable is only looked for because people confuse it with another. @internal */
export const isGuess = (name: string): boolean => guesses.has(name)

const isSet = (name: string): Effect.Effect<boolean> =>
  Effect.orElseSucceed(Effect.map(variable.text(name), (value) => trimmed(value) !== ""), () => false)

/** Those that are set. @internal */
export const found = (provider: string): Effect.Effect<ReadonlyArray<Unread>> =>
  Effect.filter(candidates(provider), ({ name }) => isSet(name))

/** What to add to the reason of an error: the names of those that are set, never a value. @internal */
export const remark = (provider: string): Effect.Effect<string> => Effect.map(found(provider), remarkOn)

/** @internal */
export const remarkOn = (found: ReadonlyArray<Unread>): string =>
  found.length === 0 ? "" : `; set, but not read: ${found.map(({ name }) => name).join(", ")}`

/** How to fix it: one new name for each variable that is missing. @internal */
export const renames = (found: ReadonlyArray<Unread>, missing: ReadonlyArray<string>): string | undefined => {
  const pairs = missing.flatMap((meant) => found.filter((one) => one.meant === meant).slice(0, 1))
  return pairs.length === 0
    ? undefined
    : pairs.map(toRead).join(", and ").replace(/^./, (first) => first.toUpperCase())
}

// Other tools read the variables with other prefixes.
const toRead = ({ meant, name }: Unread): string =>
  name.startsWith(prefixes[0]) ? `rename ${name} to ${meant}` : `set ${meant} to the value of ${name}`

/** The error with the remark, if it says that nothing is configured. @internal */
export const amended = <E extends CredentialError>(error: E, remark: string): E | CredentialsNotConfigured =>
  error._tag === "CredentialsNotConfigured"
    ? new CredentialsNotConfigured({
      provider: error.provider,
      reason: `${error.reason}${remark}`,
      hint: error.hint
    })
    : error

/** The service with the remark in its errors that say that nothing is configured. @internal */
export const named = (service: Service, remark: string): Service =>
  remark === "" ? service : mapService(service, { error: (error) => amended(error, remark) })
