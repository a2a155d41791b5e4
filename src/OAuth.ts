/**
 * Sessions of a person who logged in to Alibaba Cloud in a browser, as `aliyun configure --mode OAuth` does.
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
 * A login as it is stored, and the session that was last got with it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Login {
  readonly accessToken: Option.Option<Redacted.Redacted>
  readonly accessTokenExpiration: Option.Option<DateTime.Utc>
  /** Good for one use: the server gives another in return. Without one, the access token is used to its end. */
  readonly refreshToken: Option.Option<Redacted.Redacted>
  readonly session: Option.Option<StsToken>
}

/**
 * Where a login is kept. Since the refresh token changes with each use, a program that does not store it ends the login
 * for the next one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Store {
  /** Run at each fetch. What others stored is used: a session with more than a minute left, an access token. */
  readonly load: Effect.Effect<Login, CredentialError>
  /** Told the new tokens before anything else is done with them, and each new session. A failure is a warning. */
  readonly save: (login: Login) => Effect.Effect<void, CredentialError>
  /**
   * Runs an effect while no other program does the same with this login, so that no refresh token is used twice. When
   * it fails with an error that is not transient, tokens are left alone as long as they work.
   */
  readonly exclusively?:
    | (<A>(use: Effect.Effect<A, CredentialError>) => Effect.Effect<A, CredentialError>)
    | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface OAuthOptions extends SessionOptions {
  /** `CN` for aliyun.com or `INTL` for alibabacloud.com, in any letter case. Defaults to `CN`. */
  readonly siteType?: string | undefined
  /** Not used where there is a `store`. */
  readonly accessToken?: Redacted.Redacted | undefined
  /** When the access token ends. Not used where there is a `store`. */
  readonly accessTokenExpiration?: DateTime.Utc | undefined
  /** Not used where there is a `store`. */
  readonly refreshToken?: Redacted.Redacted | undefined
  readonly store?: Store | undefined
  /** The profile of the CLI that the login is of, for the command that `ReauthenticationRequired` names. */
  readonly profile?: string | undefined
}

/**
 * A provider of sessions, each got in exchange for the access token. That is renewed when it has 20 minutes left, and
 * what comes of it is stored before the exchange. A renewal under way is carried to its end, also when the program ends
 * meanwhile, since it takes the old refresh token away.
 *
 * An unknown site fails every `get` with `CredentialsMisconfigured`. `get` fails with `ReauthenticationRequired` when
 * there are no tokens or the server refuses them; else with what `store` fails with, or with `CredentialsUnavailable`,
 * `CredentialsRejected`, `CredentialsMalformed` or `CredentialsExpired`.
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
 * {@link make} as a layer.
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
 * {@link layer} with options read from configuration of one's own.
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
