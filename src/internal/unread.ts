/**
 * Variables that people set for other tools, or by mistake. They are not read, because the official SDKs do not read
 * them either, but an error that names them saves a search.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { type CredentialError, CredentialsNotConfigured } from "../CredentialError.ts"
import type { Service } from "../CredentialProvider.ts"
import { trimmed } from "./pasted.ts"
import * as names from "./provider/names.ts"
import { mapService } from "./provider/service.ts"
import * as variables from "./variables.ts"

// Of the official SDKs, the CLI, Terraform, and older tools.
const prefixes = ["ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_", "ALIYUN_"]

/** What follows the prefix, by the name of the provider. */
const words: Readonly<Record<string, ReadonlyArray<string>>> = {
  [names.environment]: [
    "ACCESS_KEY_ID",
    "ACCESS_KEY_SECRET",
    "SECURITY_TOKEN",
    "ACCESS_KEY",
    "SECRET_KEY",
    "ACCESS_SECRET",
    "SECRET_ACCESS_KEY",
    "STS_TOKEN",
    "SESSION_TOKEN"
  ],
  [names.ramRoleArn]: ["ROLE_ARN", "ASSUME_ROLE_ARN"],
  [names.oidcRoleArn]: ["ROLE_ARN", "OIDC_PROVIDER_ARN", "OIDC_TOKEN_FILE"],
  [names.cliProfile]: ["PROFILE", "CONFIG_FILE"],
  [names.iniProfile]: ["PROFILE", "CREDENTIALS_FILE", "SHARED_CREDENTIALS_FILE"],
  [names.ecsRamRole]: ["ECS_METADATA", "ECS_ROLE_NAME", "ECS_RAM_ROLE"],
  [names.credentialsUri]: ["CREDENTIALS_URI", "CREDENTIALS_URL"]
}

const ofOss = ["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"]

const isRead = (name: string): boolean => (Object.values(variables.names) as ReadonlyArray<string>).includes(name)

const candidates = (provider: string): ReadonlyArray<string> => [
  ...prefixes.flatMap((prefix) => (words[provider] ?? []).map((word) => `${prefix}${word}`)).filter((name) =>
    !isRead(name)
  ),
  ...(provider === names.environment ? ofOss : [])
]

const isSet = (name: string): Effect.Effect<boolean> =>
  Effect.orElseSucceed(Effect.map(Config.string(name), (value) => trimmed(value) !== ""), () => false)

/** What to add to the reason of an error: the names of those that are set, never a value. @internal */
export const remark = (provider: string): Effect.Effect<string> =>
  Effect.map(
    Effect.filter(candidates(provider), isSet),
    (found) => found.length === 0 ? "" : `; set, but not read: ${found.join(", ")}`
  )

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
