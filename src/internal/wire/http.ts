/**
 * How every request for credentials is sent: without spans and trace headers, without following redirects, with limits
 * of time and size, and with failures turned into errors of ours.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
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
import { failureOf, isEmptyBody } from "../compat/httpError.ts"
import { untraced } from "../compat/tracing.ts"
import { isAwaited, isThrottled } from "../throttling.ts"
import * as appearance from "./appearance.ts"
import { readWhole } from "./bytes.ts"
import { hostOf, notConnected } from "./connection.ts"
import { bodyIsNotJson } from "./json.ts"
import { type Expiry, within } from "./limit.ts"
import { isMiscoded } from "./lost.ts"
import { NotAProxy } from "./proxy.ts"
import { type Exchange, parseRetryAfter, parseServerDate } from "./time.ts"

/** @internal */
export interface Answer {
  readonly host: string
  readonly status: number
  readonly body: string
  readonly exchange: Exchange
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
  const direct = withoutRedirects(clientOptions(yield* Effect.context<never>()))
  return {
    execute: (request) =>
      // Not every client undoes a compression, and some servers compress by default.
      http.execute(HttpClientRequest.setHeader(request, "accept-encoding", "identity")).pipe(
        // Spans would carry the URL and the headers.
        untraced,
        Effect.provide(direct)
      )
  }
})

/** The options of the undici client. Its own tag belongs to Node.js, which no module but the entry point may import. */
class UndiciOptions extends Context.Tag("@effect/platform-node/NodeHttpClient/undiciOptions")<
  UndiciOptions,
  Readonly<Record<string, unknown>>
>() {}

/** What the program asks of the clients of the platform. @internal */
export interface ClientOptions {
  readonly fetch: Option.Option<RequestInit>
  readonly undici: Option.Option<Readonly<Record<string, unknown>>>
}

/** @internal */
export const clientOptions = (context: Context.Context<never>): ClientOptions => ({
  fetch: Context.getOption(context, FetchHttpClient.RequestInit),
  undici: Context.getOption(context, UndiciOptions)
})

/**
 * Keeps a client that can be asked to from sending the secrets of a request to the target of a redirect: fetch, which
 * follows by default, and undici, which follows where its dispatcher has the interceptor for that.
 *
 * @internal
 */
export const withoutRedirects = (
  { fetch, undici }: ClientOptions
): Context.Context<FetchHttpClient.RequestInit | UndiciOptions> =>
  Context.make(FetchHttpClient.RequestInit, {
    ...Option.getOrElse(fetch, () => ({})),
    redirect: "manual"
  }).pipe(Context.add(UndiciOptions, { ...Option.getOrElse(undici, () => ({})), maxRedirections: 0 }))

/** @internal */
export interface Call<A, R> {
  readonly provider: string
  readonly client: Client
  readonly limits: Limits
  /**
   * How often a transient failure is tried again while a caller waits. A request that ran into a time limit is not, and
   * neither is one that was throttled.
   */
  readonly retries: number
  /**
   * Whether a second request is sent, on another connection, if a caller waits and the first one hangs for a third of its
   * time.
   */
  readonly hedged: boolean
  /** Run for each attempt, so that nonce, timestamp and signature are new. */
  readonly request: Effect.Effect<HttpClientRequest.HttpClientRequest, CredentialError, R>
  /** The second argument is the request that was answered: of two that were sent, it may be either. */
  readonly interpret: (
    answer: Answer,
    request: HttpClientRequest.HttpClientRequest
  ) => Effect.Effect<A, CredentialError, R>
}

/** Asks a server and interprets its answer. @internal */
export const ask = <A, R>(call: Call<A, R>): Effect.Effect<A, CredentialError, R> =>
  send(call).pipe(
    Effect.flatMap(({ answer, request }) =>
      Effect.mapError(call.interpret(answer, request), (error) => again(describedBy(answer, error)))
    ),
    Effect.retry({
      schedule: pauses(call.retries),
      while: ({ repeat }) => repeat === "ifAwaited" ? FiberRef.get(isAwaited) : repeat === "always"
    }),
    Effect.mapError((failure) => failure.error)
  )

/** Who answered, and with what: an answer that is not JSON often comes from something else than the server. */
const describedBy = ({ body, host, status }: Answer, error: CredentialError): CredentialError =>
  error._tag === "CredentialsMalformed" && error.issues[0] === bodyIsNotJson
    ? new CredentialsMalformed({
      provider: error.provider,
      issues: [`${host}: status ${status}, ${appearance.ofNoJson(body)}`],
      hint: error.hint ?? "Sign in to the network, or check HTTPS_PROXY and NO_PROXY: a login page or a proxy answered"
    })
    : error

interface Failure {
  readonly error: CredentialError
  /** Whether the request is sent again, within the same call. */
  readonly repeat: "never" | "ifAwaited" | "always"
}

const final = (error: CredentialError): Failure => ({ error, repeat: "never" })

// The cache decides when a server that throttles gets its next request.
const again = (error: CredentialError): Failure => ({
  error,
  repeat: error._tag === "CredentialsUnavailable" && !isThrottled(error) ? "ifAwaited" : "never"
})

/** 100 to 200 milliseconds, then twice that. */
const pauses = (retries: number): Schedule.Schedule<unknown> =>
  Schedule.exponential("200 millis").pipe(
    Schedule.jitteredWith({ min: 0.5, max: 1 }),
    Schedule.intersect(Schedule.recurs(retries))
  )

interface Answered {
  readonly answer: Answer
  readonly request: HttpClientRequest.HttpClientRequest
}

const send = <R>(call: Call<unknown, R>): Effect.Effect<Answered, Failure, R> => {
  const { connectTimeout, timeout } = call.limits
  const limit = connectTimeout + timeout
  // A request that is not repeated may have an effect, and its answer may be the only copy of something.
  const ignoreJumps = call.retries === 0
  let host = "the server"
  const late = ({ jumped }: Expiry, what: string, millis: number): Failure => ({
    error: unavailable(call, host, `${what} within ${millis} ms`),
    // A machine that slept has lost the connection, which says nothing about the server.
    repeat: jumped ? "always" : "never"
  })
  const head = headOf(call, (name) => {
    host = name
  })
  const awaited = call.hedged ?
    Effect.if(FiberRef.get(isAwaited), {
      onTrue: () => orSecond(head, limit / 3),
      onFalse: () => head
    }) :
    head
  return awaited.pipe(
    within({ millis: limit, ignoreJumps, onTimeout: (expiry) => late(expiry, "no answer", limit) }),
    Effect.flatMap(({ request, response, sentAt }) =>
      readBody(response, {
        provider: call.provider,
        timeout,
        ignoreJumps,
        onLost: (cause) => lost(call, host, cause),
        onTimeout: (expiry) => late(expiry, "the answer stopped", timeout)
      }).pipe(
        Effect.zip(Clock.currentTimeMillis),
        Effect.map(([body, readAt]) => ({ answer: toAnswer(host, response, body, sentAt, readAt), request }))
      )
    ),
    within({
      millis: 2 * limit,
      ignoreJumps,
      onTimeout: (expiry) => late(expiry, "no whole answer", 2 * limit)
    })
  )
}

const unavailable = ({ provider }: { readonly provider: string }, host: string, reason: string): CredentialError =>
  new CredentialsUnavailable({ provider, reason: `${host}: ${reason}` })

/** An answer that broke off, or that cannot be read. */
const lost = (call: { readonly provider: string }, host: string, cause: unknown): Failure =>
  isMiscoded(cause) ? final(miscoded(call, host)) : again(unavailable(call, host, "connection lost"))

/** @internal */
export const hintOfMiscoded =
  "Check HTTPS_PROXY and NO_PROXY, or the server: something on the way changes the answer or its head"

const miscoded = ({ provider }: { readonly provider: string }, host: string): CredentialError =>
  new CredentialsMalformed({
    provider,
    issues: [`${host}: the answer is not compressed as its content-encoding says`],
    hint: hintOfMiscoded
  })

const misconfigured = (provider: string, host: string, cause: unknown): CredentialError =>
  cause instanceof NotAProxy
    ? new CredentialsMisconfigured({ provider, at: cause.variable, reason: cause.reason, hint: cause.hint })
    : new CredentialsMisconfigured({ provider, reason: `${host}: not a valid request` })

interface Head {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly response: HttpClientResponse.HttpClientResponse
  readonly sentAt: number
}

/** Builds a request and sends it, until the head of its answer is there. */
const headOf = <R>(call: Call<unknown, R>, noteHost: (host: string) => void): Effect.Effect<Head, Failure, R> =>
  Effect.gen(function*() {
    const request = yield* Effect.mapError(call.request, final)
    const host = hostOf(request.url)
    noteHost(host)
    const sentAt = yield* Clock.currentTimeMillis
    const response = yield* Effect.catchAll(call.client.execute(request), (error) => {
      const failure = failureOf(error)
      switch (failure._tag) {
        case "Status":
          return Effect.succeed(failure.response)
        case "Lost":
          return Effect.fail(lost(call, host, failure.cause))
        case "NoAnswer":
          return Effect.fail(
            isMiscoded(failure.cause)
              ? final(miscoded(call, host))
              : again(notConnected(call.provider, request.url, failure.cause))
          )
        case "NotSent":
          return Effect.fail(final(misconfigured(call.provider, host, failure.cause)))
      }
    })
    return { request, response, sentAt }
  })

/** Starts a second request, on another connection, if the first one hangs. The first answer counts. */
const orSecond = <A, E, R>(request: Effect.Effect<A, E, R>, after: number): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.fork(request), (running) => {
    const first = Effect.onInterrupt(Fiber.join(running), () => Fiber.interrupt(running))
    const late = Effect.as(Effect.sleep(Duration.millis(after)), Option.none<Exit.Exit<A, E>>())
    return Effect.flatMap(
      Effect.raceFirst(Effect.asSome(Fiber.await(running)), late),
      Option.match({ onNone: () => Effect.race(first, request), onSome: (exit) => exit })
    ).pipe(Effect.onInterrupt(() => Fiber.interrupt(running)))
  })

const toAnswer = (
  host: string,
  response: HttpClientResponse.HttpClientResponse,
  body: string,
  sentAt: number,
  readAt: number
): Answer => {
  const serverDate = parseServerDate(response.headers["date"], response.headers["age"])
  // A date in Retry-After is by the server's clock, which also says how far away it is.
  const wait = parseRetryAfter(response.headers["retry-after"], serverDate ?? NaN)
  return {
    host,
    status: response.status,
    body,
    exchange: { sentAt, readAt, serverDate },
    retryAfter: wait === undefined || Number.isNaN(wait) ? undefined : Duration.millis(wait)
  }
}

const maxBody = 1024 * 1024

interface BodyOptions {
  readonly provider: string
  /** How long the body may pause. */
  readonly timeout: number
  readonly ignoreJumps: boolean
  readonly onLost: (cause: unknown) => Failure
  readonly onTimeout: (expiry: Expiry) => Failure
}

const readBody = (
  response: HttpClientResponse.HttpClientResponse,
  { ignoreJumps, onLost, onTimeout, provider, timeout }: BodyOptions
): Effect.Effect<string, Failure> =>
  readWhole(
    Stream.mapError(response.stream, (error) => isEmptyBody(error) ? emptyBody : onLost(error)),
    maxBody,
    within({ millis: timeout, ignoreJumps, onTimeout: (expiry) => Option.some(onTimeout(expiry)) })
  ).pipe(
    // Clients have no stream for an answer without a body.
    Effect.catchAll((failure) => failure === emptyBody ? Effect.succeedSome(new Uint8Array()) : Effect.fail(failure)),
    Effect.flatMap(Option.match({
      onNone: () => Effect.fail(final(new CredentialsMalformed({ provider, issues: ["the body is over 1 MiB"] }))),
      onSome: (bytes) => Effect.succeed(new TextDecoder().decode(bytes))
    }))
  )

const emptyBody: unique symbol = Symbol.for("effect-alicloud-credentials/emptyBody")
