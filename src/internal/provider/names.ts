/**
 * The names of the official tools, which servers see in `x-acs-credentials-provider` and people see in errors.
 */
import type { Credentials } from "../../Credentials.ts"

/** @internal */
export const staticAccessKey = "static_ak"
/** @internal */
export const staticStsToken = "static_sts"
/** @internal */
export const bearer = "bearer"
/** @internal */
export const environment = "env"
/** @internal */
export const iniProfile = "profile"
/** @internal */
export const cliProfile = "cli_profile"
/** @internal */
export const ecsRamRole = "ecs_ram_role"
/** @internal */
export const ramRoleArn = "ram_role_arn"
/** @internal */
export const oidcRoleArn = "oidc_role_arn"
/** @internal */
export const credentialsUri = "credential_uri"
/** @internal */
export const cloudSso = "cloud_sso"
/** @internal */
export const oauth = "oauth"
/** @internal */
export const external = "external"
/** What errors of a `Config` object go by, which names no provider before it is decoded. @internal */
export const config = "config"
/** What errors of a profile go by that is in no file. @internal */
export const profiles = "profiles"
/** @internal */
export const kmsSecret = "kms_secret"
/** @internal */
export const sharedSession = "shared_session"
/** @internal */
export const chain = "default"

/** What the providers of this library are named, except those that a program names itself. @internal */
export const sources: ReadonlyArray<string> = [
  staticAccessKey,
  staticStsToken,
  bearer,
  environment,
  iniProfile,
  cliProfile,
  ecsRamRole,
  ramRoleArn,
  oidcRoleArn,
  credentialsUri,
  cloudSso,
  oauth,
  external,
  kmsSecret,
  sharedSession,
  chain
]

/** The name of a provider that stands before another: outer first. @internal */
export const within = (outer: string, inner: string): string => `${outer}/${inner}`

/** Printable ASCII only, so that any name can be a header. @internal */
export const headerSafe = (name: string): string => name.replace(/[^!-~]/g, "_")

/** The value of `x-acs-credentials-provider`: who found the credentials, with the chain in front. @internal */
export const ofCredentials = (service: { readonly name: string }, credentials: Credentials): string =>
  headerSafe(service.name === chain ? within(chain, credentials.provider) : credentials.provider)
