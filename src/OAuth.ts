/**
 * Sessions of a person who logged in to Alibaba Cloud in a browser, as `aliyun configure --mode OAuth` does.
 *
 * @since 0.1.0
 */

import type * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type CredentialError, CredentialsMisconfigured, ReauthenticationRequired } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import type { StsToken } from "./Credentials.ts"
import { loginCommand } from "./internal/login/command.ts"
import * as oauthServer from "./internal/login/oauthServer.ts"
import { inMemory, type LoginStore, saveOrWarn } from "./internal/login/store.ts"
import { makeReuse } from "./internal/login/storedSession.ts"
import * as names from "./internal/provider/names.ts"
import { isHeaderSafe } from "./internal/wire/encode.ts"
import type { RefreshPolicy } from "./RefreshPolicy.ts"

const name = names.oauth

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
export interface OAuthOptions {
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
  /** How long the body of an answer may pause. Defaults to 5 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** How long a connection may take; the head of an answer must be there within both. Defaults to 10 seconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /** When sessions are renewed. Defaults to `RefreshPolicy.defaults`. */
  readonly refresh?: Partial<RefreshPolicy> | undefined
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
): Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Scope.Scope> => makeFor(options, undefined)

/** {@link make} for a login of `file`, which the command that mends it has to name. @internal */
export const makeFor = (
  options: OAuthOptions,
  file: string | undefined
): Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function*() {
    const siteType = (options.siteType || "CN").toUpperCase()
    const site = oauthServer.sites[siteType]
    if (site === undefined) {
      return yield* new CredentialsMisconfigured({ provider: name, at: "siteType", reason: "neither CN nor INTL" })
    }
    const server = yield* oauthServer.make({ ...options, name, site })
    const store: LoginStore<Login> = options.store ?? inMemory(loginOf(options))
    const exclusively = store.exclusively ?? ((use) => use)
    const reuse = makeReuse()
    // This program's own renewals, in case they could not be stored or somebody put an older text back.
    const spent = new Set<string>()
    let latest: Login | undefined = undefined

    const logIn = (reason: string) =>
      new ReauthenticationRequired({
        provider: name,
        reason,
        profile: options.profile,
        command: loginCommand({ mode: "OAuth", siteType, profile: options.profile, file })
      })

    const load = Effect.map(
      store.load,
      (stored): Login => latest !== undefined && Option.exists(stored.refreshToken, isIn(spent)) ? latest : stored
    )

    const rotate = (login: Login, token: Redacted.Redacted, save: Save): Effect.Effect<Login, CredentialError> =>
      Effect.gen(function*() {
        const request = yield* Effect.forkDaemon(Effect.interruptible(server.renew(token)))
        const tokens = yield* Fiber.join(request)
        const renewed: Login = {
          ...login,
          accessToken: Option.some(tokens.accessToken),
          accessTokenExpiration: Option.some(tokens.expiration),
          refreshToken: Option.orElse(tokens.refreshToken, () => login.refreshToken)
        }
        if (Option.isSome(tokens.refreshToken)) spent.add(Redacted.value(token))
        latest = renewed
        yield* save(renewed)
        return renewed
      }).pipe(Effect.uninterruptible)

    const renew = (login: Login, token: Redacted.Redacted, save: Save): Effect.Effect<Login, CredentialError> =>
      rotate(login, token, save).pipe(
        // Somebody who does not wait for the others may have been quicker.
        Effect.catchIf(
          oauthServer.isRefreshRefused,
          (error) =>
            Effect.filterOrFail(
              load,
              (stored) => !Option.exists(stored.refreshToken, isIn(new Set([Redacted.value(token)]))),
              () => logIn(error.reason)
            )
        ),
        Effect.catchIf((error) => error.isTransient, (error) =>
          Effect.flatMap(millisLeft(login), (left) =>
            left > 0
              ? Effect.as(Effect.logWarning(`the login could not be renewed yet: ${error.message}`), login)
              : Effect.fail(error)))
      )

    const exchange = (login: Login): Effect.Effect<StsToken, CredentialError> =>
      Option.match(login.accessToken, {
        onNone: () => Effect.fail(logIn("no access token")),
        onSome: (token) =>
          isHeaderSafe(Redacted.value(token))
            ? server.exchange(token)
            : Effect.fail(logIn("what is stored as access token is none"))
      })

    const obtain = (login: Login, save: Save): Effect.Effect<StsToken, CredentialError> =>
      Effect.tap(exchange(login), (session) => save({ ...login, session: Option.some(session) }))

    const trade = (margin: number, save: Save): Effect.Effect<StsToken, CredentialError> =>
      Effect.gen(function*() {
        const stored = yield* load
        const kept = yield* reuse.find(stored.session)
        if (Option.isSome(kept)) return kept.value
        const token = Option.getOrUndefined(stored.refreshToken)
        const due = token !== undefined && (yield* millisLeft(stored)) <= margin
        const login = due ? yield* renew(stored, token, save) : stored
        return yield* obtain(login, save).pipe(
          // An access token can be refused before its end, while the refresh token is still good.
          Effect.catchIf(oauthServer.isAccessRefused, (error) =>
            token === undefined || due
              ? Effect.fail(error)
              : Effect.flatMap(renew(stored, token, save), (renewed) => obtain(renewed, save))),
          Effect.catchIf(oauthServer.isAccessRefused, (error) => Effect.fail(logIn(error.reason)))
        )
      })

    const saving: Save = (login) =>
      saveOrWarn(store.save(login), "the login could not be stored, so that other programs may need a new one")

    const fetch = Effect.gen(function*() {
      const login = yield* load
      const kept = yield* reuse.find(login.session)
      if (Option.isSome(kept)) return reuse.hand(kept.value)
      const outcome = yield* exclusively(Effect.either(trade(renewalMargin, saving))).pipe(
        Effect.catchIf(
          (error) => !error.isTransient,
          // What cannot be stored is better not changed before it has to be.
          (error) =>
            Effect.zipRight(
              Effect.logWarning(`the login cannot be stored, and is renewed only when it ends: ${error.message}`),
              Effect.either(trade(0, () => Effect.void))
            )
        )
      )
      return reuse.hand(yield* outcome)
    })

    return yield* CredentialProvider.make({ name, fetch, refresh: options.refresh })
  }).pipe(CredentialProvider.orFail(name))

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

type Save = (login: Login) => Effect.Effect<void>

const renewalMargin = 1200_000

const isIn = (tokens: ReadonlySet<string>) => (token: Redacted.Redacted): boolean => tokens.has(Redacted.value(token))

const loginOf = (options: OAuthOptions): Login => ({
  accessToken: given(options.accessToken),
  accessTokenExpiration: Option.fromNullable(options.accessTokenExpiration),
  refreshToken: given(options.refreshToken),
  session: Option.none()
})

const given = (token: Redacted.Redacted | undefined): Option.Option<Redacted.Redacted> =>
  Option.filter(Option.fromNullable(token), (token) => Redacted.value(token) !== "")

/** Until the access token ends. One of unknown end counts as ended: there is a refresh token for that. */
const millisLeft = (login: Login): Effect.Effect<number> =>
  Effect.map(
    Clock.currentTimeMillis,
    (now) =>
      Option.match(Option.zipRight(login.accessToken, login.accessTokenExpiration), {
        onNone: () => -Infinity,
        onSome: (end) => DateTime.toEpochMillis(end) - now
      })
  )
