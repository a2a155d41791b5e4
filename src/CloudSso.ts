/**
 * Sessions of CloudSSO: what a person who logged in at a sign-in page may use of one account.
 *
 * @since 0.1.0
 */

import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { type CredentialError, CredentialsMisconfigured, ReauthenticationRequired } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import type { StsToken } from "./Credentials.ts"
import { loginCommand } from "./internal/login/command.ts"
import { inMemory, type LoginStore, saveOrWarn } from "./internal/login/store.ts"
import { makeReuse } from "./internal/login/storedSession.ts"
import * as names from "./internal/provider/names.ts"
import { isHeaderSafe } from "./internal/wire/encode.ts"
import * as http from "./internal/wire/http.ts"
import { decodeJson, SessionKeys, toStsToken } from "./internal/wire/json.ts"
import { type ErrorFields, serviceError } from "./internal/wire/serviceError.ts"
import { userAgent } from "./internal/wire/userAgent.ts"
import type { RefreshPolicy } from "./RefreshPolicy.ts"

const name = names.cloudSso

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
export interface CloudSsoOptions {
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
  /** How long the body of an answer may pause. Defaults to 5 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** How long a connection may take; the head of an answer must be there within both. Defaults to 10 seconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /** When sessions are renewed. Defaults to `RefreshPolicy.defaults`. */
  readonly refresh?: Partial<RefreshPolicy> | undefined
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
): Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Scope.Scope> => makeFor(options, undefined)

/** {@link make} for a login of `file`, which the command that mends it has to name. @internal */
export const makeFor = (
  options: CloudSsoOptions,
  file: string | undefined
): Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function*() {
    const client = yield* http.client
    const url = yield* Effect.mapError(
      checked(options),
      (reason) => new CredentialsMisconfigured({ provider: name, reason })
    )
    const store: LoginStore<Login> = options.store ?? inMemory(loginOf(options))
    const exclusively = store.exclusively ?? ((use) => use)
    const reuse = makeReuse()

    const logIn = (reason: string) =>
      new ReauthenticationRequired({
        provider: name,
        reason,
        profile: options.profile,
        command: loginCommand({ mode: "CloudSSO", profile: options.profile, file })
      })

    const exchange = (token: Redacted.Redacted): Effect.Effect<StsToken, CredentialError> =>
      http.ask({
        provider: name,
        client,
        limits: http.limits(options),
        retries: 2,
        request: Effect.succeed(requestOf(url, options, token)),
        interpret: (answer) => interpret(answer, [Redacted.value(token)])
      }).pipe(
        Effect.mapError((error) =>
          error._tag === "CredentialsRejected" && error.status === 401 ? logIn(error.reason) : error
        )
      )

    const fetch = Effect.gen(function*() {
      const login = yield* store.load
      const stored = yield* reuse.find(login.session)
      if (Option.isSome(stored)) return reuse.hand(stored.value)
      if (Option.isNone(login.accessToken)) return yield* logIn("no access token")
      if (!isHeaderSafe(Redacted.value(login.accessToken.value))) {
        return yield* logIn("what is stored as access token is none")
      }
      const now = yield* Clock.currentTimeMillis
      const ended = Option.filter(login.accessTokenExpiration, (end) => DateTime.toEpochMillis(end) <= now)
      if (Option.isSome(ended)) {
        return yield* logIn(`the access token ended at ${DateTime.formatIso(ended.value)}`)
      }
      const session = yield* exchange(login.accessToken.value)
      yield* saveOrWarn(
        exclusively(store.save({ ...login, session: Option.some(session) })),
        "the session could not be stored for other programs"
      )
      return reuse.hand(session)
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

const loginOf = (options: CloudSsoOptions): Login => ({
  accessToken: Option.filter(Option.fromNullable(options.accessToken), (token) => Redacted.value(token) !== ""),
  accessTokenExpiration: Option.fromNullable(options.accessTokenExpiration),
  session: Option.none()
})

/** The address to ask, or all that is wrong with the options. */
const checked = (options: CloudSsoOptions): Either.Either<URL, string> => {
  const url = URL.canParse(options.signInUrl) ? new URL(options.signInUrl) : undefined
  const secure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname))
  const issues = [
    ...(secure ? [] : ["signInUrl is not an https address"]),
    ...(options.accountId === "" ? ["accountId is empty"] : []),
    ...(options.accessConfiguration === "" ? ["accessConfiguration is empty"] : [])
  ]
  return url === undefined || issues.length > 0
    ? Either.left(issues.join("; "))
    : Either.right(new URL("/cloud-credentials", url.origin))
}

const isLoopback = (hostname: string): boolean => /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)

const requestOf = (url: URL, options: CloudSsoOptions, token: Redacted.Redacted) =>
  HttpClientRequest.post(url.href).pipe(
    HttpClientRequest.setHeaders({ accept: "application/json", "user-agent": userAgent }),
    HttpClientRequest.bearerToken(Redacted.value(token)),
    HttpClientRequest.bodyText(
      JSON.stringify({ AccountId: options.accountId, AccessConfigurationId: options.accessConfiguration }),
      "application/json"
    )
  )

const errorFields: ErrorFields = { code: "ErrorCode", message: "ErrorMessage", requestId: "RequestId" }

const decode = decodeJson(Schema.Struct({ CloudCredential: SessionKeys }))

const interpret = (answer: http.Answer, secrets: ReadonlyArray<string>): Effect.Effect<StsToken, CredentialError> =>
  answer.status === 200
    ? Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Either.map(
        decode(name, answer.body),
        ({ CloudCredential }) => toStsToken(name, CloudCredential, now, answer.serverDate)
      ))
    : Effect.fail(serviceError(name, answer, secrets, errorFields))
