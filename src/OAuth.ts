/**
 * Sessions of a person who logged in to Alibaba Cloud in a browser, as with `aliyun configure --mode OAuth`.
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
import * as oauth from "./internal/login/oauth.ts"
import type { SessionOptions } from "./RequestLimits.ts"

/**
 * A stored login, and the last session that was requested with it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Login {
  /** The access token, which is exchanged for sessions. */
  readonly accessToken: Option.Option<Redacted.Redacted>
  /** When the access token expires. None if it is not known; it then counts as expired if there is a refresh token. */
  readonly accessTokenExpiration: Option.Option<DateTime.Utc>
  /** Single-use: the server returns the next one. Without it, the access token is used until it expires. */
  readonly refreshToken: Option.Option<Redacted.Redacted>
  /** The last session. */
  readonly session: Option.Option<StsToken>
}

/**
 * Storage for a login. The refresh token changes with each use, so if a program does not store the new one, the next
 * program has to log in again.
 *
 * @since 0.1.0
 * @category models
 */
export interface Store {
  /**
   * Runs at each fetch. An access token, or a session with more than a minute left, that another program stored is
   * used.
   */
  readonly load: Effect.Effect<Login, CredentialError>
  /** Runs with new tokens before they are used, and with each new session. A failure is logged as a warning. */
  readonly save: (login: Login) => Effect.Effect<void, CredentialError>
  /**
   * Runs an effect while no other program does the same with this login, so no refresh token is used twice. If it fails
   * with an error that is not transient, tokens are not renewed: they are used while they work, and then `get` fails with
   * `ReauthenticationRequired`. Defaults to running the effect without a lock.
   */
  readonly exclusively?:
    | (<A>(use: Effect.Effect<A, CredentialError>) => Effect.Effect<A, CredentialError>)
    | undefined
}

/**
 * The site, and the tokens or the store that has them.
 *
 * @since 0.1.0
 * @category models
 */
export interface OAuthOptions extends SessionOptions {
  /** `CN` for aliyun.com or `INTL` for alibabacloud.com, in any letter case. Defaults to `CN`. */
  readonly siteType?: string | undefined
  /** The access token. Ignored if there is a `store`. */
  readonly accessToken?: Redacted.Redacted | undefined
  /** When the access token expires. Ignored if there is a `store`. */
  readonly accessTokenExpiration?: DateTime.Utc | undefined
  /** The refresh token. Ignored if there is a `store`. */
  readonly refreshToken?: Redacted.Redacted | undefined
  /** Where the login is stored. Defaults to memory, starting with the tokens of the options. */
  readonly store?: Store | undefined
  /** The CLI profile of the login, for the command in `ReauthenticationRequired`. */
  readonly profile?: string | undefined
}

/**
 * Makes a provider of sessions, each requested in exchange for the access token. If there is a refresh token, the
 * access token is renewed when 20 minutes or less are left, and the new tokens are stored before they are used. A
 * renewal is never interrupted, even on shutdown, because it invalidates the old refresh token.
 *
 * `get` fails with `CredentialsMisconfigured` if the site is unknown, with `ReauthenticationRequired` if there are no
 * tokens or the server refuses them, with the errors of `store`, or with `CredentialsUnavailable`,
 * `CredentialsRejected`, `CredentialsMalformed` or `CredentialsExpired`.
 *
 * A redirect of the server is refused. An `HttpClient` that follows redirects by itself sends the access token, or the
 * refresh token, to the other host, and what its answer holds is used. Provide one that does not: see "Redirects" in
 * docs/how-it-works.md.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { OAuth } from "effect-alicloud-credentials"
 *
 * declare const keychain: OAuth.Store
 *
 * const provider = OAuth.make({ siteType: "INTL", store: keychain })
 * ```
 */
export const make = (
  options: OAuthOptions
): Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Scope.Scope> => oauth.make(options)

/**
 * A layer that provides sessions of an OAuth login, each requested in exchange for the access token. The access token
 * is renewed with the refresh token, and the new tokens are stored before they are used.
 *
 * Needs an `HttpClient`. Building it cannot fail, and it reads no environment variables. `get` fails with
 * `CredentialsMisconfigured` if the site is unknown, with `ReauthenticationRequired` if there are no tokens or the
 * server refuses them, with the errors of `store`, or with `CredentialsUnavailable`, `CredentialsRejected`,
 * `CredentialsMalformed` or `CredentialsExpired`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { OAuth } from "effect-alicloud-credentials"
 * import { Redacted } from "effect"
 *
 * const layer = OAuth.layer({ siteType: "INTL", accessToken: Redacted.make("example-token") })
 * ```
 */
export const layer = (
  options: OAuthOptions
): Layer.Layer<CredentialProvider.CredentialProvider, never, HttpClient.HttpClient> =>
  Layer.scoped(CredentialProvider.CredentialProvider, make(options))

/**
 * A layer that provides sessions of an OAuth login, with options read from `Config`.
 *
 * Needs an `HttpClient`. Fails to build with `ConfigError` if an option is missing or not valid. `get` fails as for
 * {@link layer}.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { OAuth } from "effect-alicloud-credentials"
 * import { Config } from "effect"
 *
 * const layer = OAuth.layerConfig({
 *   siteType: Config.string("LOGIN_SITE"),
 *   accessToken: Config.redacted("LOGIN_TOKEN")
 * })
 * ```
 */
export const layerConfig = (
  options: Config.Config.Wrap<OAuthOptions>
): Layer.Layer<CredentialProvider.CredentialProvider, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.scoped(CredentialProvider.CredentialProvider, Effect.flatMap(Config.unwrap(options), make))
