/**
 * One call with the current credentials: signed, sent, and sent again with other credentials if the service refuses them.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Predicate from "effect/Predicate"
import type { CredentialError } from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import type { Credentials } from "../../Credentials.ts"
import type { SigningError } from "../../SignedHttpClient.ts"
import { isSame, secretsOf } from "../provider/credentials.ts"
import * as telemetry from "../provider/telemetry.ts"
import { isClockCode } from "../wire/codes.ts"
import * as errorBody from "../wire/errorBody.ts"
import { makeServerClock } from "../wire/serverClock.ts"
import { errorCode } from "../wire/serverText.ts"
import type { Exchange } from "../wire/time.ts"
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
  /** Of an answer that is no success. */
  readonly refusal?: Refusal
}

interface Refusal {
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
  const renewed = (refused: Credentials, { discard }: Refusal) =>
    provider.invalidate(refused).pipe(
      Effect.zipRight(Effect.onError(provider.get, () => discard)),
      Effect.map((credentials) => isSame(credentials, refused) ? undefined : credentials)
    )

  const attempt = (
    request: HttpClientRequest.HttpClientRequest,
    prepared: signedRequest.Prepared,
    credentials: Credentials,
    repeats: Repeats
  ): Effect.Effect<HttpClientResponse.HttpClientResponse, E | CredentialError | SigningError, R> =>
    Effect.flatMap(send(request, prepared, credentials), ({ refusal, response }) =>
      refusal === undefined
        ? Effect.succeed(response)
        : afterRefusal(request, prepared, credentials, repeats, response, refusal))

  const afterRefusal = Effect.fnUntraced(function*(
    request: HttpClientRequest.HttpClientRequest,
    prepared: signedRequest.Prepared,
    credentials: Credentials,
    repeats: Repeats,
    response: HttpClientResponse.HttpClientResponse,
    refusal: Refusal
  ): Effect.fn.Return<HttpClientResponse.HttpClientResponse, E | CredentialError | SigningError, R> {
    const { code, discard, mayRepeat } = refusal
    if (repeats.clock && isClockCode(code) && mayRepeat()) {
      yield* discard
      return yield* attempt(request, prepared, yield* provider.get, { ...repeats, clock: false })
    }
    const isRefused = repeats.credentials &&
      (yield* Effect.onError(
        Effect.sync(() => isCredentialFailure({ status: response.status, code })),
        () => discard
      ))
    if (isRefused) {
      const next = yield* renewed(credentials, refusal)
      if (next !== undefined) {
        yield* discard
        yield* warnRefusal(credentials, prepared.url.host, code)
        return yield* attempt(request, prepared, next, { ...repeats, credentials: false })
      }
    }
    return response
  })

  return (request) =>
    Effect.flatMap(
      Effect.mapError(signedRequest.prepare(request, maxBody), cannotSign),
      (prepared) =>
        Effect.flatMap(provider.get, (credentials) =>
          attempt(request, prepared, credentials, { clock: true, credentials: true }))
    )
}

/** Signs and sends once, by what is known of the server's clock. */
const makeSend = <E, R>({ cannotSign, client, provider }: Options<E, R>) => {
  const serverClock = makeServerClock()

  return (
    original: HttpClientRequest.HttpClientRequest,
    prepared: signedRequest.Prepared,
    credentials: Credentials
  ): Effect.Effect<Answer, E | SigningError, R> => {
    const { host } = prepared.url
    return Effect.flatMap(
      Effect.zip(serverClock.now(host), conceal.SecretTexts),
      ([stamp, secretTexts]): Effect.Effect<Answer, E | SigningError, R> => {
        const signed = signedRequest.sign(prepared, credentials, provider, stamp)
        if (Either.isLeft(signed)) return Effect.fail(cannotSign(signed.left))
        const shown = conceal.withoutSecrets(original, secretTexts)
        const hidden = [...secretsOf(credentials), ...secretTexts]
        return Effect.flatMap(
          timed(execute(client, shown, prepared.url, signed.right, hidden)),
          ({ exchange, response }) => {
            serverClock.learn(host, exchange)
            if (response.status < 400) return Effect.succeed({ response })
            return peeked(shown, response, hidden, () => serverClock.mayRepeat(host, stamp, exchange))
          }
        )
      }
    )
  }
}

const peeked = (
  shown: HttpClientRequest.HttpClientRequest,
  response: HttpClientResponse.HttpClientResponse,
  hidden: ReadonlyArray<string>,
  mayRepeat: () => boolean
): Effect.Effect<Answer> =>
  Effect.map(signedResponse.peek(shown, response, hidden, mostPeeked), ({ discard, head, response }) => {
    const { code } = errorBody.parse(head)
    return { response, refusal: { discard, mayRepeat, code: typeof code === "string" ? code : undefined } }
  })

const execute = <E, R>(
  client: HttpClient.HttpClient.With<E, R>,
  shown: HttpClientRequest.HttpClientRequest,
  url: URL,
  signed: signedRequest.Signed,
  hidden: ReadonlyArray<string>
) =>
  traced(shown, url, (traceHeaders) =>
    client.execute(signed(traceHeaders)).pipe(
      conceal.concealed,
      Effect.mapBoth({
        onFailure: (error) => conceal.unsigned(error, shown, hidden),
        onSuccess: (answer) => signedResponse.withRequest(shown, answer, hidden)
      })
    ))

interface Timed {
  readonly response: HttpClientResponse.HttpClientResponse
  readonly exchange: Exchange
}

const timed = <E, R>(
  send: Effect.Effect<HttpClientResponse.HttpClientResponse, E, R>
): Effect.Effect<Timed, E, R> =>
  Effect.clockWith((clock) => {
    const sentAt = clock.unsafeCurrentTimeMillis()
    return Effect.map(send, (response) => {
      const readAt = clock.unsafeCurrentTimeMillis()
      return { response, exchange: { sentAt, readAt, serverDate: signedResponse.serverDate(response) } }
    })
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
