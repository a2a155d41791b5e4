/**
 * How every request for credentials is sent: without spans and trace headers, without following redirects, with limits
 * of time and size, and with failures turned into errors of ours.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import {
  type CredentialError,
  CredentialsMalformed,
  CredentialsMisconfigured,
  CredentialsUnavailable
} from "../../CredentialError.ts"
import * as RequestLimits from "../../RequestLimits.ts"
import { readWhole } from "./bytes.ts"
import { parseRetryAfter, parseServerDate } from "./time.ts"

/** @internal */
export interface Answer {
  readonly host: string
  readonly status: number
  readonly body: string
  /** The instant of its `Date` header. */
  readonly serverDate: number | undefined
  readonly retryAfter: Duration.Duration | undefined
}

/** @internal */
export const isAddress = (uri: URL | string): boolean => URL.canParse(uri) && /^https?:$/.test(new URL(uri).protocol)

/** In milliseconds. @internal */
export interface Limits {
  readonly timeout: number
  readonly connectTimeout: number
}

/** @internal */
export const limits = (options: RequestLimits.RequestLimits, defaults = RequestLimits.defaults): Limits => ({
  timeout: Duration.toMillis(options.timeout ?? defaults.timeout),
  connectTimeout: Duration.toMillis(options.connectTimeout ?? defaults.connectTimeout)
})

/** @internal */
export interface Client {
  readonly execute: (
    request: HttpClientRequest.HttpClientRequest
  ) => Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>
}

/** The HTTP client of the context, made fit for secrets. @internal */
export const client: Effect.Effect<Client, never, HttpClient.HttpClient> = Effect.gen(function*() {
  const http = yield* HttpClient.HttpClient
  const init = Option.getOrElse(yield* Effect.serviceOption(FetchHttpClient.RequestInit), () => ({}))
  return {
    execute: (request) =>
      http.execute(request).pipe(
        // Spans would carry the URL and the headers.
        Effect.withTracerEnabled(false),
        // Of the clients there are, only fetch follows redirects.
        Effect.provideService(FetchHttpClient.RequestInit, { ...init, redirect: "manual" })
      )
  }
})

/** @internal */
export interface Call<A, R> {
  readonly provider: string
  readonly client: Client
  readonly limits: Limits
  /** How often a transient failure is tried again. A request that ran into a time limit is not. */
  readonly retries: number
  /** Run for each attempt, so that nonce, timestamp and signature are new. */
  readonly request: Effect.Effect<HttpClientRequest.HttpClientRequest, CredentialError, R>
  readonly interpret: (answer: Answer) => Effect.Effect<A, CredentialError, R>
}

/** Asks a server and interprets its answer. @internal */
export const ask = <A, R>(call: Call<A, R>): Effect.Effect<A, CredentialError, R> =>
  call.request.pipe(
    Effect.mapError(final),
    Effect.flatMap((request) => send(call, request)),
    Effect.flatMap((answer) => Effect.mapError(call.interpret(answer), again)),
    Effect.retry({
      schedule: pauses(call.retries),
      while: (failure) => failure.again && retryAfterMillis(failure) <= patience
    }),
    Effect.mapError((failure) => failure.error)
  )

interface Failure {
  readonly error: CredentialError
  readonly again: boolean
}

const final = (error: CredentialError): Failure => ({ error, again: false })

const again = (error: CredentialError): Failure => ({ error, again: error._tag === "CredentialsUnavailable" })

// A caller waits: a server that asks for a longer pause gets the next request from the schedule of the cache.
const patience = 2000

const retryAfterMillis = ({ error }: Failure): number =>
  error._tag === "CredentialsUnavailable" && error.retryAfter !== undefined ? Duration.toMillis(error.retryAfter) : 0

/** 100 to 200 milliseconds, then twice that, or longer if the server asks for it. */
const pauses = (retries: number): Schedule.Schedule<unknown, Failure> =>
  Schedule.exponential("200 millis").pipe(
    Schedule.jitteredWith({ min: 0.5, max: 1 }),
    Schedule.intersect(Schedule.recurs(retries)),
    Schedule.intersect(Schedule.identity<Failure>()),
    Schedule.modifyDelay(([, failure], delay) => Duration.max(delay, Duration.millis(retryAfterMillis(failure))))
  )

const send = (
  call: Call<unknown, unknown>,
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<Answer, Failure> => {
  const host = hostOf(request.url)
  const { connectTimeout, timeout } = call.limits
  const unavailable = (reason: string): CredentialError =>
    new CredentialsUnavailable({ provider: call.provider, reason: `${host}: ${reason}` })
  const late = (what: string, millis: number) => () => final(unavailable(`${what} within ${millis} ms`))
  return call.client.execute(request).pipe(
    Effect.catchTags({
      ResponseError: (error) =>
        error.reason === "StatusCode"
          ? Effect.succeed(error.response)
          : Effect.fail(again(unavailable("connection lost"))),
      RequestError: (error) =>
        Effect.fail(
          error.reason === "Transport"
            ? again(unavailable(noConnection(error.cause)))
            : final(new CredentialsMisconfigured({ provider: call.provider, reason: `${host}: not a valid request` }))
        )
    }),
    Effect.timeoutFail({
      duration: connectTimeout + timeout,
      onTimeout: late("no answer", connectTimeout + timeout)
    }),
    Effect.flatMap((response) =>
      Effect.map(
        readBody(
          call.provider,
          response,
          timeout,
          again(unavailable("connection lost")),
          late("the answer stopped", timeout)
        ),
        (body) => toAnswer(host, response, body)
      )
    ),
    Effect.timeoutFail({
      duration: 2 * (connectTimeout + timeout),
      onTimeout: late("no whole answer", 2 * (connectTimeout + timeout))
    })
  )
}

const toAnswer = (host: string, response: HttpClientResponse.HttpClientResponse, body: string): Answer => {
  const serverDate = parseServerDate(response.headers["date"], response.headers["age"])
  // A date in Retry-After is the server's, so that its own clock tells how far away it is.
  const wait = parseRetryAfter(response.headers["retry-after"], serverDate ?? NaN)
  return {
    host,
    status: response.status,
    body,
    serverDate,
    retryAfter: wait === undefined || Number.isNaN(wait) ? undefined : Duration.millis(wait)
  }
}

const maxBody = 1024 * 1024

/** The text of a body, of which no pause may be longer than `timeout`. */
const readBody = (
  provider: string,
  response: HttpClientResponse.HttpClientResponse,
  timeout: number,
  lost: Failure,
  onTimeout: () => Failure
): Effect.Effect<string, Failure> =>
  readWhole(
    Stream.mapError(response.stream, (error) => error.reason === "EmptyBody" ? emptyBody : lost),
    maxBody,
    (pull) => Effect.timeoutFail(pull, { duration: timeout, onTimeout: () => Option.some(onTimeout()) })
  ).pipe(
    // Clients have no stream for an answer without a body.
    Effect.catchAll((failure) => failure === emptyBody ? Effect.succeedSome(new Uint8Array()) : Effect.fail(failure)),
    Effect.flatMap(Option.match({
      onNone: () => Effect.fail(final(new CredentialsMalformed({ provider, issues: ["the body is over 1 MiB"] }))),
      onSome: (bytes) => Effect.succeed(new TextDecoder().decode(bytes))
    }))
  )

const emptyBody: unique symbol = Symbol.for("effect-alicloud-credentials/emptyBody")

const hostOf = (url: string): string => {
  try {
    return new URL(url).host
  } catch {
    return "the server"
  }
}

/**
 * A failed connection in words, with the code that a runtime gives it, which is somewhere below the error of the client.
 *
 * @internal
 */
export const noConnection = (cause: unknown): string => {
  let error = cause
  for (let depth = 0; depth < 5 && typeof error === "object" && error !== null; depth++) {
    const { code, cause: next } = error as { readonly code?: unknown; readonly cause?: unknown }
    if (typeof code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return `no connection: ${code}`
    error = next
  }
  return "no connection"
}
