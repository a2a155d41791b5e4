/**
 * The shell of both protocols: requests are decided by plain functions, limited, and answered.
 */
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import type { CredentialError } from "../../CredentialError.ts"
import type * as CredentialProvider from "../../CredentialProvider.ts"
import { withoutServerSpan } from "../compat/serverTracing.ts"
import * as labels from "../provider/labels.ts"
import { annotated } from "../provider/telemetry.ts"
import * as answers from "./answer.ts"
import type { Decision, Form } from "./forms.ts"
import type { Asked } from "./guard.ts"
import * as tokenBucket from "./tokenBucket.ts"

/** @internal */
export interface Serving {
  readonly provider: CredentialProvider.Service
  readonly form: Form
  readonly requestsPerSecond: number
  readonly allowAccessKeys: boolean
  /** Whether clients have proved that they may know why there are no credentials. */
  readonly isTrusted: boolean
  /** Fields of a session that only this form has. */
  readonly more: (now: number) => object
}

// The official clients wait 10 seconds. Nobody gets less than what remains of them.
const patience = "8 seconds"

// Each one keeps a connection. The rate alone would let four times as many wait for a source that does not answer.
const mostWaiting = 256

// One line says it for all the clients that ask meanwhile.
const warnings: tokenBucket.Rate = { burst: 1, perSecond: 1 / 60 }

// Whoever guesses gets a few answers, and has no part in the requests of clients that know the path.
const refusals: tokenBucket.Rate = { burst: 20, perSecond: 5 }

const rateOf = ({ requestsPerSecond }: Serving): tokenBucket.Rate => ({
  burst: Math.max(1, 2 * requestsPerSecond),
  perSecond: requestsPerSecond
})

/** A request of Node.js as it came. What the platform shows has only the first `Host`, and a target that may be changed. */
const rawOf = (
  source: unknown
): { readonly target: string; readonly headers: ReadonlyArray<unknown> } | undefined =>
  Predicate.hasProperty(source, "rawHeaders") && Array.isArray(source.rawHeaders) &&
    Predicate.hasProperty(source, "url")
    ? { target: String(source.url), headers: source.rawHeaders }
    : undefined

const hostsOf = (rawHeaders: ReadonlyArray<unknown>): ReadonlyArray<string> =>
  rawHeaders.flatMap((value, at) =>
    at % 2 === 1 && String(rawHeaders[at - 1]).toLowerCase() === "host" ? [String(value)] : []
  )

const askedOf = (incoming: HttpServerRequest.HttpServerRequest): Asked => {
  const raw = rawOf(incoming.source)
  const host = incoming.headers["host"]
  return {
    method: incoming.method,
    target: raw?.target ?? incoming.url,
    hosts: raw !== undefined ? hostsOf(raw.headers) : host === undefined ? [] : [host],
    peer: Option.getOrUndefined(incoming.remoteAddress),
    headers: incoming.headers
  }
}

// Each client keeps its session, so that a connection has no second request.
const always = { "cache-control": "no-store", "x-content-type-options": "nosniff", connection: "close" }

const encoder = new TextEncoder()

const toResponse = ({ body, contentType, headers, status }: answers.Answer): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.uint8Array(encoder.encode(body), { status, contentType, headers: { ...always, ...headers } })

/** Requests that are refused are counted apart from the others. */
const makeLimit = (serving: Serving, now: number) => {
  const rates = { clients: rateOf(serving), refusals, warnings }
  const buckets = {
    clients: tokenBucket.full(rates.clients, now),
    refusals: tokenBucket.full(refusals, now),
    warnings: tokenBucket.full(warnings, now)
  }
  return (kind: keyof typeof rates, now: number): number => {
    const { bucket, wait } = tokenBucket.take(rates[kind], buckets[kind], now)
    buckets[kind] = bucket
    return wait
  }
}

type Limit = ReturnType<typeof makeLimit>

// A defect may carry anything, so the log says only that there was one.
const defective = (limit: Limit): Effect.Effect<answers.Answer> =>
  Effect.as(
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      limit("warnings", now) > 0
        ? Effect.void
        : Effect.logError("the provider has a defect, and clients get no credentials")),
    answers.defect
  )

const failed = (
  cause: Cause.Cause<CredentialError>,
  { isTrusted }: Serving,
  limit: Limit
): Effect.Effect<answers.Answer> => {
  const outcome = labels.outcome(Exit.failCause(cause))
  const error = Option.getOrUndefined(Cause.failureOption(cause))
  if (error !== undefined && outcome !== "defect") return Effect.succeed(answers.failureAnswer(error, isTrusted))
  return outcome === "interrupted" ? Effect.succeed(answers.tooLong) : defective(limit)
}

const answered = (serving: Serving, limit: Limit): Effect.Effect<answers.Answer> => {
  const { allowAccessKeys, more, provider } = serving
  return Effect.interruptible(provider.get).pipe(
    Effect.flatMap((credentials) =>
      Effect.map(
        Clock.currentTimeMillis,
        (now) => answers.credentialsAnswer(credentials, now, { allowAccessKeys, more: more(now) })
      )
    ),
    Effect.catchAllCause((cause) => failed(cause, serving, limit))
  )
}

/**
 * Apart from the fiber of the request, so that a provider which cannot be interrupted does not hold it. If the client
 * has gone, there is no answer: the platform would wait for ever until it is sent.
 */
const credentialsAnswer = (serving: Serving, limit: Limit): Effect.Effect<answers.Answer> =>
  Effect.flatMap(
    Effect.forkDaemon(answered(serving, limit)),
    (fiber) =>
      Effect.interruptible(Fiber.join(fiber)).pipe(
        Effect.onInterrupt(() => Effect.forkDaemon(Fiber.interrupt(fiber))),
        Effect.timeoutOption(patience),
        Effect.map(Option.getOrElse(() => answers.tooLong))
      )
  )

/** Whoever comes when too many wait learns at once when to come again. */
const limited = (answer: Effect.Effect<answers.Answer>): Effect.Effect<answers.Answer> => {
  const permitted = Effect.unsafeMakeSemaphore(mostWaiting).withPermitsIfAvailable(1)(answer)
  return Effect.map(permitted, Option.getOrElse(() => answers.tooMany))
}

/** Answers the requests of the server until the scope closes. @internal */
export const serve = (serving: Serving): Effect.Effect<void, never, HttpServer.HttpServer | Scope.Scope> =>
  Effect.gen(function*() {
    const clock = yield* Effect.clock
    const limit = makeLimit(serving, clock.unsafeCurrentTimeMillis())
    const credentials = limited(credentialsAnswer(serving, limit))

    const answerOf = (decision: Decision, now: number): Effect.Effect<answers.Answer> => {
      const reason = decision._tag === "Answer" ? decision.refused : undefined
      const wait = limit(reason === undefined ? "clients" : "refusals", now)
      if (wait > 0) return Effect.succeed(answers.throttled(wait))
      if (decision._tag === "Credentials") return credentials
      return reason === undefined
        ? Effect.succeed(decision.answer)
        : Effect.as(Effect.logDebug(`a request was refused: ${reason}`), decision.answer)
    }

    const app = Effect.gen(function*() {
      const asked = askedOf(yield* HttpServerRequest.HttpServerRequest)
      return toResponse(yield* answerOf(serving.form(asked, clock), clock.unsafeCurrentTimeMillis()))
    }).pipe(
      // What a program without types gives may have no answer. The platform would say nothing of it.
      Effect.catchAllDefect(() => Effect.map(defective(limit), toResponse))
    )
    yield* withoutServerSpan(HttpServer.serveEffect(annotated("CredentialsServer", serving.provider.name)(app)))
  })
