/**
 * The variables of a session, and those that would make a program use another one.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { type AccessKey, type Credentials, expiration, type StsToken } from "../Credentials.ts"
import * as unread from "../internal/unread.ts"
import { names } from "../internal/variables.ts"
import type { Assignment } from "./shells.ts"

export type Keys = AccessKey | StsToken

export const hasKeys = (credentials: Credentials): credentials is Keys => credentials._tag !== "BearerToken"

/** An AccessKey has no token, and the token of another session would make it invalid. */
export const assignmentsOf = (credentials: Keys): ReadonlyArray<Assignment> => [
  [names.accessKeyId, credentials.accessKeyId],
  [names.accessKeySecret, Redacted.value(credentials.accessKeySecret)],
  [names.securityToken, credentials._tag === "StsToken" ? Redacted.value(credentials.securityToken) : undefined]
]

/** The address comes last in the chains of the official tools, so that what can be switched off before it is. */
export const servedBy = (uri: string, environment: Environment): ReadonlyArray<Assignment> => [
  [names.credentialsUri, uri],
  [names.cliProfileDisabled, "true"],
  [names.ecsMetadataDisabled, "true"],
  ...withoutProxy(environment)
]

const noProxy = ["NO_PROXY", "no_proxy"]

// A proxy would get the secret path, and cannot reach this machine's loopback. Programs read either spelling.
const withoutProxy = (environment: Environment): ReadonlyArray<Assignment> =>
  noProxy.map((name) => {
    const before = [name, ...noProxy].map((spelling) => environment[spelling]).find((value) => value)
    // A lone asterisk means every host, but not as a part of a list.
    return [name, before === undefined ? "127.0.0.1" : before === "*" ? before : `${before},127.0.0.1`]
  })

/** When the credentials expire, as a text; undefined if they do not, or if that is unknown. */
export const expiryOf = (credentials: Credentials): string | undefined =>
  Option.getOrUndefined(Option.map(expiration(credentials), DateTime.formatIso))

/** Variables of the official tools that name other credentials. Switches and endpoints are not among them. */
const others: ReadonlyArray<string> = [
  names.profile,
  names.configFile,
  names.credentialsFile,
  names.roleArn,
  names.roleSessionName,
  names.oidcProviderArn,
  names.oidcTokenFile,
  names.ecsMetadata,
  names.credentialsUri
]

const own: ReadonlyArray<string> = [names.accessKeyId, names.accessKeySecret, names.securityToken]

/** Terraform and older tools read variables of other names first. */
const isOfCredentials = (name: string): boolean => [...own, ...others].includes(name) || unread.isGuess(name)

export type Environment = Readonly<Record<string, string | undefined>>

/** The environment without anything that names credentials, and with these assignments. */
export const environmentWith = (environment: Environment, assignments: ReadonlyArray<Assignment>): Environment => ({
  ...Object.fromEntries(Object.entries(environment).filter(([name]) => !isOfCredentials(name.toUpperCase()))),
  ...Object.fromEntries(assignments.filter(([, value]) => value !== undefined))
})
