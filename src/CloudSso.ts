/**
 * Sessions of CloudSSO: what a person who logged in at a sign-in page may use of one account.
 *
 * @since 0.1.0
 */

import type * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { CredentialError } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import type { StsToken } from "./Credentials.ts"
import * as cloudSso from "./internal/login/cloudSso.ts"
import type { SessionOptions } from "./RequestLimits.ts"

/**
 * A login as it is stored, and the session that was last got with it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Login {
  /** Of the sign-in page. It cannot be renewed: when it ends, a person has to log in again. */
  readonly accessToken: Option.Option<Redacted.Redacted>
  readonly accessTokenExpiration: Option.Option<DateTime.Utc>
  readonly session: Option.Option<StsToken>
}

/**
 * Where logins are kept, for programs that share one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Store {
  /** Run at each fetch. A session that others stored is used while it has more than a minute left. */
  readonly load: Effect.Effect<Login, CredentialError>
  /** Told each new session. A failure is a warning in the log and costs nothing else. */
  readonly save: (login: Login) => Effect.Effect<void, CredentialError>
  /** Runs an effect while no other program saves. */
  readonly exclusively?:
    | (<A>(use: Effect.Effect<A, CredentialError>) => Effect.Effect<A, CredentialError>)
    | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface CloudSsoOptions extends SessionOptions {
  /** The address of the sign-in page, of which only scheme, host and port are used. It has to be https. */
  readonly signInUrl: string
  /** The account to work in. */
  readonly accountId: string
  /** The id of the access configuration to work with. */
  readonly accessConfiguration: string
  /** Not used where there is a `store`. */
  readonly accessToken?: Redacted.Redacted | undefined
  /** When the access token ends. Where it is not said, the server decides. Not used where there is a `store`. */
  readonly accessTokenExpiration?: DateTime.Utc | undefined
  readonly store?: Store | undefined
  /** The profile of the CLI that the login is of, for the command that `ReauthenticationRequired` names. */
  readonly profile?: string | undefined
}

/**
 * A provider of sessions, each got with the access token of that moment. The token is looked at before each request.
 *
 * Options that are not valid fail every `get` with `CredentialsMisconfigured`. `get` fails with
 * `ReauthenticationRequired` when there is no access token, it has ended or the server refuses it; else with what
 * `store` fails with, or with `CredentialsUnavailable`, `CredentialsRejected`, `CredentialsMalformed` or
 * `CredentialsExpired`.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CloudSso } from "effect-alicloud-credentials"
 * import { Redacted } from "effect"
 *
 * const provider = CloudSso.make({
 *   signInUrl: "https://signin-cn-shanghai.alibabacloudsso.com/company/login",
 *   accountId: "123456789012",
 *   accessConfiguration: "ac-00exampleconfig",
 *   accessToken: Redacted.make("example-token")
 * })
 * ```
 */
export const make = (
  options: CloudSsoOptions
): Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Scope.Scope> => cloudSso.make(options)

/**
 * {@link make} as a layer.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CloudSso } from "effect-alicloud-credentials"
 * import { DateTime, Redacted } from "effect"
 *
 * const layer = CloudSso.layer({
 *   signInUrl: "https://signin-cn-shanghai.alibabacloudsso.com/company/login",
 *   accountId: "123456789012",
 *   accessConfiguration: "ac-00exampleconfig",
 *   accessToken: Redacted.make("example-token"),
 *   accessTokenExpiration: DateTime.unsafeMake("2030-01-01T00:00:00Z")
 * })
 * ```
 */
export const layer = (
  options: CloudSsoOptions
): Layer.Layer<CredentialProvider.CredentialProvider, never, HttpClient.HttpClient> =>
  Layer.scoped(CredentialProvider.CredentialProvider, make(options))

/**
 * {@link layer} with options read from configuration of one's own.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CloudSso } from "effect-alicloud-credentials"
 * import { Config } from "effect"
 *
 * const layer = CloudSso.layerConfig({
 *   signInUrl: Config.string("SSO_SIGN_IN"),
 *   accountId: Config.string("SSO_ACCOUNT"),
 *   accessConfiguration: Config.string("SSO_CONFIGURATION"),
 *   accessToken: Config.redacted("SSO_TOKEN")
 * })
 * ```
 */
export const layerConfig = (
  options: Config.Config.Wrap<CloudSsoOptions>
): Layer.Layer<CredentialProvider.CredentialProvider, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.scoped(CredentialProvider.CredentialProvider, Effect.flatMap(Config.unwrap(options), make))
