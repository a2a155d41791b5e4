/**
 * The exchange of a CloudSSO access token for sessions of one account.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { CloudSsoOptions, Login } from "../../CloudSso.ts"
import { type CredentialError, CredentialsMisconfigured, ReauthenticationRequired } from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import type { StsToken } from "../../Credentials.ts"
import { amend } from "../provider/errors.ts"
import * as names from "../provider/names.ts"
import { cached, orFail } from "../provider/service.ts"
import { isHeaderSafe } from "../wire/encode.ts"
import * as http from "../wire/http.ts"
import { decodeJson } from "../wire/json.ts"
import { toEffect } from "../wire/result.ts"
import { serviceError } from "../wire/serviceError.ts"
import { makeReader, SessionKeys } from "../wire/session.ts"
import { userAgent } from "../wire/userAgent.ts"
import { configureCommand } from "./configureCommand.ts"
import { given, inMemory, makeReuse, saveAside, type Store } from "./store.ts"

const name = names.cloudSso

/** `file` is the file of the login, if the CLI needs to be told which one. @internal */
export const make = (
  options: CloudSsoOptions,
  file?: string
): Effect.Effect<Service, never, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function*() {
    const client = yield* http.client
    const scope = yield* Effect.scope
    const url = yield* Effect.mapError(
      toEffect(checked(options)),
      (reason) => new CredentialsMisconfigured({ provider: name, reason })
    )
    const store: Store<Login> = options.store ?? inMemory(loginOf(options))
    const exclusively = store.exclusively ?? ((use) => use)
    const reuse = makeReuse()
    const sessions = makeReader()

    const command = configureCommand({ mode: "CloudSSO", profile: options.profile, file })

    const logIn = (reason: string) =>
      new ReauthenticationRequired({ provider: name, reason, profile: options.profile, command })

    const explain = (error: CredentialError): CredentialError => {
      if (error._tag !== "CredentialsRejected") return error
      if (error.status === 401) return logIn(error.reason)
      return error.code === "NoPermission.AccessAssignment"
        ? amend(error, { hint: `${notAssigned}: ${command}` })
        : error
    }

    const exchange = (token: Redacted.Redacted): Effect.Effect<StsToken, CredentialError> =>
      http.ask({
        provider: name,
        client,
        limits: http.limits(options),
        retries: 2,
        hedged: true,
        request: Effect.succeed(requestOf(url, options, token)),
        interpret: (answer) =>
          answer.status === 200
            ? Effect.flatMap(
              toEffect(decode(name, answer.body)),
              ({ CloudCredential }) => sessions.toStsToken(name, CloudCredential, answer.exchange)
            )
            : Effect.fail(serviceError(name, answer, [Redacted.value(token)]))
      }).pipe(Effect.mapError(explain))

    const fetch = Effect.gen(function*() {
      const login = yield* store.load
      const stored = yield* reuse.find(login.session)
      if (Option.isSome(stored)) {
        return reuse.hand(stored.value)
      }
      if (Option.isNone(login.accessToken)) {
        return yield* logIn("no access token")
      }
      if (!isHeaderSafe(Redacted.value(login.accessToken.value))) {
        return yield* logIn("the stored access token is not valid header text")
      }
      const now = yield* Clock.currentTimeMillis
      const expired = Option.filter(login.accessTokenExpiration, (end) => DateTime.toEpochMillis(end) <= now)
      if (Option.isSome(expired)) {
        return yield* logIn(
          reasonOf(expired.value)
        )
      }
      const session = yield* exchange(login.accessToken.value)
      yield* saveAside(
        scope,
        exclusively(store.save({ ...login, session: Option.some(session) })),
        "the session could not be stored for other programs"
      )
      return reuse.hand(session)
    })

    return yield* cached({ name, fetch, refresh: options.refresh })
  }).pipe(orFail(name))

const notAssigned =
  "Ask the administrator of CloudSSO to assign this account and access configuration to you, or choose another"

const day = 86_400_000

/** Why a login is over that has this expiration. */
const reasonOf = (expiration: DateTime.Utc): string => {
  const millis = DateTime.toEpochMillis(expiration)
  // What the CLI stores if it does not know, and takes as the end of the login.
  if (millis === 0) return "the access token is stored without an expiration"
  // Some versions store 1 where there is no login.
  return millis > 0 && millis <= day
    ? "no login stored"
    : `the access token expired at ${DateTime.formatIso(expiration)}`
}

const loginOf = (options: CloudSsoOptions): Login => ({
  accessToken: given(options.accessToken),
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

const decode = decodeJson(Schema.Struct({ CloudCredential: SessionKeys }))
