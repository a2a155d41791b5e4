/**
 * A `config.json` with a profile of each mode and secrets that are easy to find, on a machine without a network.
 */
import { CommandExecutor, Error as PlatformError, HttpClient, HttpClientError } from "@effect/platform"
import * as NodePath from "@effect/platform-node/NodePath"
import { Effect, Layer } from "effect"
import { CliProfile } from "effect-alicloud-credentials"
import { configOf, type Fields } from "./configFiles.ts"
import { memoryFiles } from "./memoryFiles.ts"
import { variables } from "./variables.ts"

export const file = "/home/u/.aliyun/config.json"

export const canaryOf = (name: string) => `canary-${name}-0123456789`

export const canaryKey = { access_key_id: canaryOf("id"), access_key_secret: canaryOf("secret") }

export const canaryRole = {
  ram_role_arn: "acs:ram::1:role/r",
  ram_session_name: canaryOf("session"),
  expired_seconds: 900,
  policy: JSON.stringify({ canary: canaryOf("policy") }),
  external_id: canaryOf("external"),
  sts_region: "cn-hangzhou",
  sts_endpoint: "sts.cn-hangzhou.aliyuncs.com",
  enable_vpc: true
}

/**
 * The only values that may be shown are the path of a token file, the name of a program and the host of an address. One
 * changed byte must not make a value part of a host, so two characters are between them.
 */
export const profiles: ReadonlyArray<Fields> = [
  { mode: "AK", ...canaryKey },
  { mode: "StsToken", ...canaryKey, sts_token: canaryOf("token") },
  { mode: "RamRoleArn", ...canaryKey, ...canaryRole },
  { mode: "RamRoleArnWithRoleName", ram_role_name: canaryOf("role"), ...canaryRole },
  { mode: "EcsRamRole", ram_role_name: canaryOf("role") },
  { mode: "OIDC", ...canaryRole, oidc_provider_arn: canaryOf("oidc"), oidc_token_file: "/path/to/token" },
  { mode: "CredentialsURI", credentials_uri: `http://127.0.0.1/?${canaryOf("uri")}` },
  { mode: "BearerToken", bearer_token: canaryOf("bearer") },
  {
    mode: "CloudSSO",
    cloud_sso_sign_in_url: `https://sso.example.com/?${canaryOf("url")}`,
    cloud_sso_account_id: canaryOf("account"),
    cloud_sso_access_config: canaryOf("config"),
    access_token: canaryOf("access"),
    cloud_sso_access_token_expire: 99_999
  },
  {
    mode: "OAuth",
    oauth_site_type: "CN",
    oauth_access_token: canaryOf("access"),
    oauth_refresh_token: canaryOf("refresh"),
    oauth_access_token_expire: 99_999
  },
  { mode: "External", process_command: `program ${canaryOf("argument")}` },
  { mode: "ChainableRamRoleArn", ...canaryRole, source_profile: "base" }
]

export const base = { name: "base", mode: "AK", ...canaryKey }

export const configText = (fields: Fields): string => configOf([{ name: "p", ...fields }, base])

const nothing = Layer.mergeAll(
  NodePath.layer,
  variables({ HOME: "/home/u" }),
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request) => Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport" })))
  ),
  Layer.succeed(
    CommandExecutor.CommandExecutor,
    CommandExecutor.makeExecutor(() =>
      Effect.fail(
        new PlatformError.SystemError({ module: "Command", method: "spawn", reason: "NotFound", pathOrDescriptor: "" })
      )
    )
  )
)

/** Reads a file, and gets credentials with it. All requests and processes fail, so only its content matters. */
export const getFrom = (text: string | Uint8Array) =>
  Effect.flatMap(CliProfile.make(), (provider) => provider.get).pipe(
    Effect.provide([nothing, memoryFiles({ [file]: text }).layer])
  )
