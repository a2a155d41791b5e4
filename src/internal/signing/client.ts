/**
 * One call with the current credentials: signed, sent, and sent again with other credentials if the service refuses them.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Predicate from "effect/Predicate"
import type { CredentialError } from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import type { Credentials } from "../../Credentials.ts"
import type { SigningError } from "../../SignedHttpClient.ts"
import { isSame, secretsOf } from "../provider/credentials.ts"
import * as telemetry from "../provider/telemetry.ts"
import { isClockCode } from "../wire/codes.ts"
import * as errorBody from "../wire/errorBody.ts"
import { toEffect } from "../wire/result.ts"
import { makeServerClock } from "../wire/serverClock.ts"
import { errorCode } from "../wire/serverText.ts"
import { type Exchange, parseServerDate } from "../wire/time.ts"
import * as conceal from "./conceal.ts"
import * as signedRequest from "./request.ts"
import * as signedResponse from "./response.ts"
import { traced } from "./span.ts"

/** @internal */
export interface Options<E, R> {
  readonly client: HttpClient.HttpClient.With<E, R>
  readonly provider: Service
  readonly isCredentialFailure: Predicate.Predicate<{ readonly status: number; readonly code: string | undefined }>
  readonly maxBody: number
  readonly cannotSign: (reason: string) => SigningError
}

/** @internal */
export type Execute<E, R> = (
  request: HttpClientRequest.HttpClientRequest
) => Effect.Effect<HttpClientResponse.HttpClientResponse, E | CredentialError | SigningError, R>

/** What a call may still be repeated for, once each. */
interface Repeats {
  readonly clock: boolean
  readonly credentials: boolean
}

interface Answer {
  readonly response: HttpClientResponse.HttpClientResponse
  readonly code: string | undefined
  /** Whether another timestamp may be accepted where this one was refused. */
  readonly mayRepeat: () => boolean
  readonly discard: Effect.Effect<void>
}

const mostPeeked = 64 * 1024

/** @internal */
export const make = <E, R>(options: Options<E, R>): Execute<E, R> => {
  const { cannotSign, isCredentialFailure, maxBody, provider } = options
  const warnRefusal = refusalWarning(provider)
  const send = makeSend(options)

  /** Undefined if the provider has no others. */
  const renewed = (refused: Credentials, answer: Answer) =>
    provider.invalidate(refused).pipe(
      Effect.zipRight(Effect.onError(provider.get, () => answer.discard)),
      Effect.map((credentials) => isSame(credentials, refused) ? undefined : credentials)
    )

  const attempt = Effect.fnUntraced(function*(
    request: HttpClientRequest.HttpClientRequest,
    prepared: signedRequest.Prepared,
    credentials: Credentials,
    repeats: Repeats
  ): Effect.fn.Return<HttpClientResponse.HttpClientResponse, E | CredentialError | SigningError, R> {
    const answer: Answer = yield* send(request, prepared, credentials)
    const { code, response } = answer
    if (repeats.clock && isClockCode(code) && answer.mayRepeat()) {
      yield* answer.discard
      return yield* attempt(request, prepared, yield* provider.get, { ...repeats, clock: false })
    }
    const isRefused = repeats.credentials && response.status >= 400 &&
      (yield* Effect.onError(
        Effect.sync(() => isCredentialFailure({ status: response.status, code })),
        () => answer.discard
      ))
    if (isRefused) {
      const next = yield* renewed(credentials, answer)
      if (next !== undefined) {
        yield* answer.discard
        yield* warnRefusal(credentials, prepared.url.host, code)
        return yield* attempt(request, prepared, next, { ...repeats, credentials: false })
      }
    }
    return response
  })

  return Effect.fnUntraced(function*(request) {
    const prepared = yield* Effect.mapError(signedRequest.prepare(request, maxBody), cannotSign)
    return yield* attempt(request, prepared, yield* provider.get, { clock: true, credentials: true })
  })
}

/** Signs and sends once, by what is known of the server's clock. */
const makeSend = <E, R>({ cannotSign, client, provider }: Options<E, R>) => {
  const clock = makeServerClock()

  return Effect.fnUntraced(function*(
    original: HttpClientRequest.HttpClientRequest,
    prepared: signedRequest.Prepared,
    credentials: Credentials
  ): Effect.fn.Return<Answer, E | SigningError, R> {
    const { host } = prepared.url
    const stamp = yield* clock.now(host)
    const signed = yield* Effect.mapError(
      toEffect(signedRequest.sign(prepared, credentials, provider, stamp)),
      cannotSign
    )
    const secretTexts = yield* conceal.SecretTexts
    const shown = conceal.withoutSecrets(original, secretTexts)
    const hidden = [...secretsOf(credentials), ...secretTexts]
    const sentAt = yield* Clock.currentTimeMillis
    const response = yield* execute(client, shown, prepared, signed, hidden)
    const exchange = exchangeOf(response, sentAt, yield* Clock.currentTimeMillis)
    clock.learn(host, exchange)
    if (response.status < 400) return { response, code: undefined, mayRepeat: () => false, discard: Effect.void }
    const peeked = yield* signedResponse.peek(shown, response, hidden, mostPeeked)
    const { code } = errorBody.parse(peeked.head)
    return {
      ...peeked,
      code: typeof code === "string" ? code : undefined,
      mayRepeat: () => clock.mayRepeat(host, stamp, exchange)
    }
  })
}

const execute = <E, R>(
  client: HttpClient.HttpClient.With<E, R>,
  shown: HttpClientRequest.HttpClientRequest,
  { url }: signedRequest.Prepared,
  signed: HttpClientRequest.HttpClientRequest,
  hidden: ReadonlyArray<string>
) =>
  traced(shown, url, (traceHeaders) =>
    client.execute(HttpClientRequest.setHeaders(signed, traceHeaders)).pipe(
      conceal.concealed,
      Effect.mapBoth({
        onFailure: (error) => conceal.unsigned(error, shown, hidden),
        onSuccess: (answer) => signedResponse.withRequest(shown, answer, hidden)
      })
    ))

const exchangeOf = (response: HttpClientResponse.HttpClientResponse, sentAt: number, readAt: number): Exchange => ({
  sentAt,
  readAt,
  serverDate: parseServerDate(response.headers["date"], response.headers["age"])
})

/** Warns once for the same credentials, although many requests may be refused. */
const refusalWarning = (provider: Service) => {
  let last: Credentials | undefined = undefined
  return (refused: Credentials, host: string, code: string | undefined): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (last !== undefined && isSame(last, refused)) return Effect.void
      last = refused
      const shown = errorCode(code, secretsOf(refused)) ?? "no code"
      return telemetry.annotated("SignedHttpClient", provider.name)(
        Effect.logWarning(`${host} refused the cached credentials (${shown}); new ones are used`)
      )
    })
}
