/**
 * Sessions of CloudSSO, for a person who logged in at a sign-in page and works in one account.
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
 * A stored login, and the last session that was requested with it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Login {
  /** The access token of the sign-in page. It cannot be renewed: when it expires, a person has to log in again. */
  readonly accessToken: Option.Option<Redacted.Redacted>
  /** When the access token expires. None if it is not known. */
  readonly accessTokenExpiration: Option.Option<DateTime.Utc>
  /** The last session. */
  readonly session: Option.Option<StsToken>
}

/**
 * Storage for a login that several programs share.
 *
 * @since 0.1.0
 * @category models
 */
export interface Store {
  /** Runs at each fetch. A session that another program stored is used if it has more than a minute left. */
  readonly load: Effect.Effect<Login, CredentialError>
  /** Runs with each new session. A failure is logged as a warning, and the session is used anyway. */
  readonly save: (login: Login) => Effect.Effect<void, CredentialError>
  /** Runs an effect while no other program saves. Defaults to running it without a lock. */
  readonly exclusively?:
    | (<A>(use: Effect.Effect<A, CredentialError>) => Effect.Effect<A, CredentialError>)
    | undefined
}

/**
 * The sign-in page, the account to work in, and the access token or the store that has it.
 *
 * @since 0.1.0
 * @category models
 */
export interface CloudSsoOptions extends SessionOptions {
  /** The https address of the sign-in page. Only scheme, host and port are used. */
  readonly signInUrl: string
  /** The account to work in. */
  readonly accountId: string
  /** The id of the access configuration to work with. */
  readonly accessConfiguration: string
  /** The access token of the sign-in page. Ignored if there is a `store`. */
  readonly accessToken?: Redacted.Redacted | undefined
  /**
   * When the access token expires. Without it, only the server decides. Epoch 0 means expired, as in the files of the
   * CLI. Ignored if there is a `store`.
   */
  readonly accessTokenExpiration?: DateTime.Utc | undefined
  /** Where the login is stored. Defaults to memory, starting with `accessToken`. */
  readonly store?: Store | undefined
  /** The CLI profile of the login, for the command in `ReauthenticationRequired`. */
  readonly profile?: string | undefined
}

/**
 * Makes a provider of sessions, each requested with the current access token.
 *
 * `get` fails with `CredentialsMisconfigured` if an option is not valid, with `ReauthenticationRequired` if the access
 * token is missing or expired or the server refuses it, with the errors of `store`, or with `CredentialsUnavailable`,
 * `CredentialsRejected`, `CredentialsMalformed` or `CredentialsExpired`.
 *
 * A redirect of the sign-in page is refused. An `HttpClient` that follows redirects by itself sends the access token to
 * the other host, and the session in its answer is used. Provide one that does not: see "Redirects" in
 * docs/how-it-works.md.
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
 * A layer that provides sessions of CloudSSO, each requested with the current access token.
 *
 * Needs an `HttpClient`. Building it cannot fail, and it reads no environment variables. `get` fails with
 * `CredentialsMisconfigured` if an option is not valid, with `ReauthenticationRequired` if the access token is missing
 * or expired or the server refuses it, with the errors of `store`, or with `CredentialsUnavailable`,
 * `CredentialsRejected`, `CredentialsMalformed` or `CredentialsExpired`.
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
 * A layer that provides sessions of CloudSSO, with options read from `Config`.
 *
 * Needs an `HttpClient`. Fails to build with `ConfigError` if an option is missing or not valid. `get` fails as for
 * {@link layer}.
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
