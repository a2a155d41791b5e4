/**
 * Requests to the instance metadata service, with an IMDSv2 token wherever the service issues one.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { type CredentialError, CredentialsMalformed } from "../../CredentialError.ts"
import { amend } from "../provider/errors.ts"
import { isThrottled } from "../throttling.ts"
import * as appearance from "../wire/appearance.ts"
import * as http from "../wire/http.ts"
import { statusError } from "../wire/serviceError.ts"
import { userAgent } from "../wire/userAgent.ts"

/** How patient the next request is. @internal */
export interface Patience {
  readonly limits: http.Limits
  readonly retries: number
}

/** @internal */
export interface Options {
  readonly name: string
  readonly disableImdsV1: boolean
  /** The variable or option that decides about that. */
  readonly imdsV1At: string
  readonly patience: Effect.Effect<Patience>
  /** Called with every answer. */
  readonly answered: (answer: http.Answer) => void
}

/** A token, or none for a service that issues none. @internal */
export type Token = Option.Option<string>

/** A token, or why the service issued no token. */
type TokenResult = Either.Either<string, CredentialError>

/** @internal */
export interface Imds {
  readonly get: <A>(
    path: string,
    interpret: (answer: http.Answer, token: Token) => Effect.Effect<A, CredentialError>
  ) => Effect.Effect<A, CredentialError>
  /** Whether the service has ever issued a token, which nothing else does. */
  readonly hasIssued: () => boolean
}

const origin = "http://100.100.100.200"
const tokenLife = 21_600
const tokenMargin = 60

/** @internal */
export const make = (options: Options): Effect.Effect<Imds, never, HttpClient.HttpClient> =>
  Effect.map(http.client, (client) => {
    const { disableImdsV1, name } = options
    let hasIssued = false
    let kept: { readonly token: string; readonly until: number } | undefined = undefined

    const ask = <A>(
      request: HttpClientRequest.HttpClientRequest,
      interpret: (answer: http.Answer) => Effect.Effect<A, CredentialError>
    ): Effect.Effect<A, CredentialError> =>
      Effect.flatMap(options.patience, (patience) =>
        http.ask({
          ...patience,
          // Few retries, since the service runs on the host itself.
          hedged: false,
          provider: name,
          client,
          request: Effect.succeed(HttpClientRequest.setHeader(request, "user-agent", userAgent)),
          interpret: (answer) => {
            options.answered(answer)
            return interpret(answer)
          }
        }))

    const keep = (token: string): Effect.Effect<string> =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        kept = { token, until: now + (tokenLife - tokenMargin) * 1000 }
        hasIssued = true
        return token
      })

    const newToken: Effect.Effect<string, CredentialError> = ask(tokenRequest, (answer) => {
      if (answer.status !== 200) return Effect.fail(statusError(name, answer))
      const token = answer.body.trim()
      return isToken(token)
        ? keep(token)
        : Effect.fail(
          new CredentialsMalformed({
            provider: name,
            issues: [`${answer.host}: ${appearance.ofAnswer(answer)}, which is not an IMDSv2 token`]
          })
        )
    })

    const token: Effect.Effect<TokenResult, CredentialError> = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (kept !== undefined && now < kept.until) return Effect.succeed(Either.right(kept.token))
      // Once the service has issued a token it is never asked without one: going back would lose what tokens protect.
      if (!hasIssued && !disableImdsV1) return orNone(newToken)
      const required = disableImdsV1 ? Effect.mapError(newToken, onlyV2(options.imdsV1At)) : newToken
      return Effect.map(required, Either.right)
    })

    return {
      hasIssued: () => hasIssued,
      get: (path, interpret) => {
        const withToken = (token: Token) => ask(getRequest(path, token), (answer) => interpret(answer, token))
        const withoutToken = (reason: CredentialError) =>
          Effect.mapError(
            withToken(Option.none()),
            // A service that wants a token and gave none in time may give one next time.
            (error) => isTokenRefused(error) && reason.isTransient ? lostToken(reason) : error
          )
        return Effect.flatMap(token, (first) =>
          Either.isLeft(first)
            ? withoutToken(first.left)
            : Effect.catchIf(withToken(Option.some(first.right)), isTokenRefused, () => {
              kept = undefined
              return Effect.flatMap(Effect.asSome(newToken), withToken)
            }))
      }
    }
  })

/** A service that throttles is not asked again at once, without a token. */
const orNone = (token: Effect.Effect<string, CredentialError>): Effect.Effect<TokenResult, CredentialError> =>
  Effect.flatMap(
    Effect.either(token),
    (result) => Either.isLeft(result) && isThrottled(result.left) ? Effect.fail(result.left) : Effect.succeed(result)
  )

const tokenRequest = HttpClientRequest.put(`${origin}/latest/api/token`).pipe(
  HttpClientRequest.setHeader("x-aliyun-ecs-metadata-token-ttl-seconds", String(tokenLife))
)

const getRequest = (path: string, token: Token): HttpClientRequest.HttpClientRequest => {
  const request = HttpClientRequest.get(`${origin}${path}`)
  return Option.match(token, {
    onNone: () => request,
    onSome: (token) => HttpClientRequest.setHeader(request, "x-aliyun-ecs-metadata-token", token)
  })
}

const isToken = (text: string): boolean => /^[\x21-\x7e]{1,4096}$/.test(text)

const isTokenRefused = (error: CredentialError): boolean =>
  error._tag === "CredentialsRejected" && (error.status === 401 || error.status === 403)

/** The answer with a token does not pass more network hops than the instance allows, unlike every other answer. */
const lostToken = (error: CredentialError): CredentialError =>
  error._tag === "CredentialsUnavailable" && error.status === undefined
    ? amend(error, {
      reason:
        "the metadata service answers only requests with an IMDSv2 token, and the request for a token got no answer, as happens in containers",
      hint:
        "Set HttpPutResponseHopLimit of the instance to 2 (aliyun ecs ModifyInstanceMetadataOptions), or use RRSA in Kubernetes"
    })
    : error

const onlyV2 = (at: string) => (error: CredentialError): CredentialError =>
  error._tag === "CredentialsRejected"
    ? amend(error, {
      reason: `no IMDSv2 token, and ${at} forbids IMDSv1: ${error.reason}`,
      hint: `Enable IMDSv2 for the instance, or unset ${at}`
    })
    : error
