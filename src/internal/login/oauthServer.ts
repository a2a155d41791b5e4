/**
 * The two requests of an OAuth login: new tokens for a refresh token, and a session for an access token.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { CredentialError, CredentialsRejected } from "../../CredentialError.ts"
import type { StsToken } from "../../Credentials.ts"
import type { RequestLimits } from "../../RequestLimits.ts"
import { mapped } from "../compat/schema.ts"
import { canonicalQuery } from "../wire/encode.ts"
import * as http from "../wire/http.ts"
import { decodeJson } from "../wire/json.ts"
import { toEffect } from "../wire/result.ts"
import { serviceError } from "../wire/serviceError.ts"
import { makeReader, SessionKeys } from "../wire/session.ts"
import { startOf } from "../wire/time.ts"
import { userAgent } from "../wire/userAgent.ts"

/** @internal */
export interface Site {
  readonly host: string
  readonly clientId: string
}

/** The sites, with the client that the CLI is registered as at each. @internal */
export const sites: Readonly<Record<string, Site>> = {
  CN: { host: "oauth.aliyun.com", clientId: "4038181954557748008" },
  INTL: { host: "oauth.alibabacloud.com", clientId: "4103531455503354461" }
}

/** @internal */
export interface Tokens {
  readonly accessToken: Redacted.Redacted
  /** None if the server gave an impossible lifetime. */
  readonly expiration: Option.Option<DateTime.Utc>
  /** None if the server keeps the old one. */
  readonly refreshToken: Option.Option<Redacted.Redacted>
}

/** @internal */
export interface OAuthServer {
  /** Sent once: the server takes the refresh token away even if its answer gets lost. */
  readonly renew: (refreshToken: Redacted.Redacted) => Effect.Effect<Tokens, CredentialError>
  readonly exchange: (accessToken: Redacted.Redacted) => Effect.Effect<StsToken, CredentialError>
}

/** @internal */
export const make = (
  options: RequestLimits & { readonly name: string; readonly site: Site }
): Effect.Effect<OAuthServer, never, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const { name: provider, site } = options
    const call = { provider, client: yield* http.client, limits: http.limits(options) }
    const post = (path: string) =>
      HttpClientRequest.post(`https://${site.host}${path}`).pipe(
        HttpClientRequest.setHeaders({ accept: "application/json", "user-agent": userAgent })
      )
    const sessions = makeReader()
    const interpret = <A>(
      token: Redacted.Redacted,
      read: (answer: http.Answer) => Effect.Effect<A, CredentialError>
    ) =>
    (answer: http.Answer): Effect.Effect<A, CredentialError> =>
      answer.status === 200
        ? read(answer)
        : Effect.fail(serviceError(provider, answer, [Redacted.value(token)]))

    return {
      renew: (token) =>
        http.ask({
          ...call,
          retries: 0,
          hedged: false,
          request: Effect.succeed(HttpClientRequest.bodyText(
            post("/v1/token"),
            canonicalQuery({
              grant_type: "refresh_token",
              refresh_token: Redacted.value(token),
              client_id: site.clientId
            }),
            "application/x-www-form-urlencoded"
          )),
          interpret: interpret(
            token,
            (answer) =>
              Effect.map(
                toEffect(decodeTokens(provider, answer.body)),
                (tokens) => toTokens(tokens, startOf(answer.exchange))
              )
          )
        }),
      exchange: (token) =>
        http.ask({
          ...call,
          retries: 2,
          hedged: true,
          request: Effect.succeed(
            post("/v1/exchange").pipe(
              HttpClientRequest.setHeader("content-type", "application/json"),
              HttpClientRequest.bearerToken(Redacted.value(token))
            )
          ),
          interpret: interpret(token, (answer) =>
            Effect.flatMap(
              toEffect(decodeSession(provider, answer.body)),
              (keys) => sessions.toStsToken(provider, keys, answer.exchange)
            ))
        })
    }
  })

// A wrong lifetime must not lose the tokens, which are the only ones that still work.
const decodeTokens = decodeJson(Schema.Struct({
  access_token: Schema.NonEmptyString,
  refresh_token: Schema.optional(Schema.NullOr(Schema.String)),
  expires_in: Schema.optional(Schema.Unknown)
}))

const toTokens = (
  answer: {
    readonly access_token: string
    readonly refresh_token?: string | null | undefined
    readonly expires_in?: unknown
  },
  sentAt: number
): Tokens => ({
  accessToken: Redacted.make(answer.access_token),
  expiration: Option.map(lifetime(answer.expires_in), (seconds) => DateTime.unsafeMake(sentAt + seconds * 1000)),
  refreshToken: Option.map(Option.fromNullable(answer.refresh_token || undefined), (token) => Redacted.make(token))
})

const defaultLifetime = 3600

// Ten years, in seconds: no server gives a longer lifetime.
const longestLifetime = 10 * 365 * 24 * 3600

/** In seconds. None for an impossible lifetime. */
const lifetime = (given: unknown): Option.Option<number> => {
  if (given === undefined || given === null || given === "" || given === 0) return Option.some(defaultLifetime)
  const seconds = typeof given === "string" && /^\d{1,12}$/.test(given.trim()) ? Number(given) : given
  return typeof seconds === "number" && seconds > 0 && seconds <= longestLifetime
    ? Option.some(seconds)
    : Option.none()
}

/** The server names the fields in camelCase, and older tools expect PascalCase: both are accepted. */
const Session = mapped(
  SessionKeys,
  (fields) => Object.fromEntries(Object.entries(fields).map(([key, value]) => [capitalize(key), value]))
)

const capitalize = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

const decodeSession = decodeJson(Session)

// Codes that mean that the request is wrong, not that the token in it is.
const aboutTheClient = new Set(["invalid_client", "invalid_request", "unauthorized_client", "unsupported_grant_type"])

/** The refresh token is of no more use. @internal */
export const isRefreshRefused = (error: CredentialError): error is CredentialsRejected =>
  error._tag === "CredentialsRejected" && [400, 401, 403].includes(error.status ?? 0) &&
  !aboutTheClient.has(error.code ?? "")

/** The access token is of no more use. @internal */
export const isAccessRefused = (error: CredentialError): error is CredentialsRejected =>
  error._tag === "CredentialsRejected" &&
  (error.status === 401 || error.code === "expired_token" || error.code === "invalid_token")
