/**
 * Every environment variable of the official tools, each named once. Values are read when a layer is built.
 */
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { CredentialsMisconfigured, CredentialsNotConfigured } from "../CredentialError.ts"
import { isMissingOnly, pathsOf, reasonsOf } from "./compat/configError.ts"
import * as variable from "./compat/variable.ts"
import { pasteHint, pasteIssue, pasteIssueOfSeveral, pasteIssues, trimmed } from "./pasted.ts"
import { switchedOffBy } from "./switchedOff.ts"

// An empty variable is an absent one, since the CLI exports empty ones to its plugins; so is one of blanks.
const pasted: variable.Form = { trim: trimmed, issueOf: pasteIssue }

const text = (name: string): Config.Config<Option.Option<string>> => variable.optional(name, pasted)

const secret = (name: string): Config.Config<Option.Option<Redacted.Redacted>> =>
  Config.map(text(name), Option.map((value) => Redacted.make(value)))

// `Config.boolean` takes other words than the official tools and refuses some of theirs.
const flag = (name: string): Config.Config<Option.Option<boolean>> =>
  Config.map(
    variable.optional(name, variable.plain),
    Option.map((value) => value.trim().toLowerCase() === "true")
  )

/** @internal */
export const names = {
  accessKeyId: "ALIBABA_CLOUD_ACCESS_KEY_ID",
  accessKeySecret: "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
  securityToken: "ALIBABA_CLOUD_SECURITY_TOKEN",
  roleArn: "ALIBABA_CLOUD_ROLE_ARN",
  roleSessionName: "ALIBABA_CLOUD_ROLE_SESSION_NAME",
  oidcProviderArn: "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
  oidcTokenFile: "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
  ecsMetadata: "ALIBABA_CLOUD_ECS_METADATA",
  ecsMetadataDisabled: "ALIBABA_CLOUD_ECS_METADATA_DISABLED",
  imdsV1Disabled: "ALIBABA_CLOUD_IMDSV1_DISABLED",
  credentialsUri: "ALIBABA_CLOUD_CREDENTIALS_URI",
  stsEndpoint: "ALIBABA_CLOUD_STS_ENDPOINT",
  stsRegion: "ALIBABA_CLOUD_STS_REGION",
  vpcEndpointEnabled: "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED",
  profile: "ALIBABA_CLOUD_PROFILE",
  configFile: "ALIBABA_CLOUD_CONFIG_FILE",
  cliProfileDisabled: "ALIBABA_CLOUD_CLI_PROFILE_DISABLED",
  credentialsFile: "ALIBABA_CLOUD_CREDENTIALS_FILE",
  disableExternalProcess: "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS",
  home: "HOME",
  userProfile: "USERPROFILE",
  homeDrive: "HOMEDRIVE",
  homePath: "HOMEPATH",
  operatingSystem: "OS",
  user: "USER",
  userName: "USERNAME",
  kubernetesHost: "KUBERNETES_SERVICE_HOST",
  httpsProxy: "HTTPS_PROXY",
  ci: "CI"
} as const

/** @internal */
export const accessKeyId = text(names.accessKeyId)
/** @internal */
export const accessKeySecret = secret(names.accessKeySecret)
/** @internal */
export const securityToken = secret(names.securityToken)
/** @internal */
export const roleArn = text(names.roleArn)
/** @internal */
export const roleSessionName = text(names.roleSessionName)
/** @internal */
export const oidcProviderArn = text(names.oidcProviderArn)
/** @internal */
export const oidcTokenFile = text(names.oidcTokenFile)
/** @internal */
export const ecsMetadata = text(names.ecsMetadata)
/** @internal */
export const ecsMetadataDisabled = flag(names.ecsMetadataDisabled)
/** @internal */
export const imdsV1Disabled = flag(names.imdsV1Disabled)
/** @internal */
export const credentialsUri = secret(names.credentialsUri)
/** @internal */
export const stsEndpoint = text(names.stsEndpoint)
/** @internal */
export const stsRegion = text(names.stsRegion)
/** @internal */
export const vpcEndpointEnabled = flag(names.vpcEndpointEnabled)
/** @internal */
export const profile = text(names.profile)
/** @internal */
export const configFile = text(names.configFile)
/** @internal */
export const cliProfileDisabled = flag(names.cliProfileDisabled)
/** @internal */
export const credentialsFile = text(names.credentialsFile)
/** The one switch that also takes `1`, since the CLI reads it so. @internal */
export const disableExternalProcess = Config.map(
  text(names.disableExternalProcess),
  Option.exists((value) => /^(?:1|true)$/i.test(value.trim()))
)
/** @internal */
export const home = text(names.home)
/** @internal */
export const userProfile = text(names.userProfile)
/** @internal */
export const homeDrive = text(names.homeDrive)
/** @internal */
export const homePath = text(names.homePath)
/** Windows sets it. @internal */
export const operatingSystem = text(names.operatingSystem)
/** @internal */
export const user = text(names.user)
/** The user on Windows. @internal */
export const userName = text(names.userName)
/** Set in every pod. @internal */
export const kubernetesHost = text(names.kubernetesHost)
/** Upper case first, as the official tools do. @internal */
export const httpsProxy = variable.either(names.httpsProxy, names.httpsProxy.toLowerCase(), pasted)

/** Whether a variable is set, but to nothing or to blanks. @internal */
export const isEmpty = (name: string): Effect.Effect<boolean> =>
  Effect.orElseSucceed(Effect.map(variable.text(name), (value) => trimmed(value) === ""), () => false)

/** Whether the program runs in a job of a CI system: all of them set the variable. @internal */
export const isInCi: Effect.Effect<boolean> = Effect.orElseSucceed(
  Effect.map(text(names.ci), Option.exists((value) => !/^(?:0|false)$/i.test(value))),
  () => false
)

/** What reading the environment can show about a source. @internal */
export type Unset = CredentialsNotConfigured | CredentialsMisconfigured

/** The values of variables, with errors that name the variable and hide its value. @internal */
export const read = <A>(provider: string, config: Config.Config<A>): Effect.Effect<A, Unset> =>
  Effect.mapError(config, toCredentialError(provider))

/** @internal */
export const orFalse = (flag: Config.Config<Option.Option<boolean>>): Config.Config<boolean> =>
  Config.map(flag, Option.getOrElse(() => false))

/** Fails if a variable disables the source. @internal */
export const notDisabled = (
  provider: string,
  name: string,
  isDisabled: Config.Config<boolean>
): Effect.Effect<void, Unset> =>
  Effect.flatMap(
    read(provider, isDisabled),
    (disabled) =>
      disabled
        ? new CredentialsNotConfigured({
          provider,
          reason: switchedOffBy(name),
          hint: `Unset ${name}, if this source is meant to be used`
        })
        : Effect.void
  )

/** Fails if the variable is set that forbids what a file names: programs to run, addresses to ask. @internal */
export const externalAllowed = (
  provider: string,
  words: { readonly reason: string; readonly hint: string }
): Effect.Effect<void, Unset> =>
  Effect.flatMap(read(provider, disableExternalProcess), (disabled) =>
    disabled
      ? new CredentialsMisconfigured({ provider, at: names.disableExternalProcess, ...words })
      : Effect.void)

/**
 * An error of the config provider as one of ours: without the value, which the original may quote.
 *
 * @internal
 */
export const toCredentialError =
  (provider: string) => (error: ConfigError.ConfigError): CredentialsNotConfigured | CredentialsMisconfigured => {
    const paths = pathsOf(error)
    const at = paths.join(", ")
    if (isMissingOnly(error)) {
      return new CredentialsNotConfigured({ provider, reason: `${at} not set` })
    }
    const issue = reasonsOf(error).find((reason) => pasteIssues.includes(reason))
    return new CredentialsMisconfigured({
      provider,
      at,
      reason: issue === undefined ? "not a valid value" : paths.length > 1 ? pasteIssueOfSeveral(issue) : issue,
      // A shell drops the quotes of an assignment.
      hint: issue === undefined ? undefined : pasteHint(issue, ": docker --env-file keeps them")
    })
  }
