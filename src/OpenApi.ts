/**
 * Calls to the APIs of Alibaba Cloud without an SDK. A call takes an action, its version and its parameters. It returns
 * an answer decoded with a `Schema`, or fails with the error of the service as a typed error.
 *
 * https://api.alibabacloud.com lists the actions, their versions, endpoints and parameters.
 *
 * @since 0.1.0
 */

import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type { HttpMethod } from "@effect/platform/HttpMethod"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { CredentialError } from "./CredentialError.ts"
import { failureOf, isEmptyBody } from "./internal/compat/httpError.ts"
import { SecretTexts } from "./internal/signing/conceal.ts"
import { flatten, secretTexts } from "./internal/signing/parameters.ts"
import * as signedResponse from "./internal/signing/response.ts"
import { readWhole } from "./internal/wire/bytes.ts"
import { isTemporary } from "./internal/wire/codes.ts"
import { describedConnection, noConnection } from "./internal/wire/connection.ts"
import { hostOf } from "./internal/wire/endpoint.ts"
import * as errorBody from "./internal/wire/errorBody.ts"
import { describeIssues } from "./internal/wire/issues.ts"
import { parseJson } from "./internal/wire/json.ts"
import * as serverText from "./internal/wire/serverText.ts"
import { parseRetryAfter, parseServerDate } from "./internal/wire/time.ts"
import { SignedHttpClient, SigningError } from "./SignedHttpClient.ts"

/**
 * The value of a parameter. Lists and objects are flattened to names such as `Tag.1.Key`, as the services expect.
 * `undefined` is left out. Errors never contain the value of a `Redacted`.
 *
 * @since 0.1.0
 * @category models
 */
export type Parameter =
  | string
  | number
  | bigint
  | boolean
  | undefined
  | Redacted.Redacted
  | ReadonlyArray<Parameter>
  | Parameters

/**
 * The parameters of a call, by name.
 *
 * @since 0.1.0
 * @category models
 */
export interface Parameters {
  readonly [name: string]: Parameter
}

/** The fields of every error of a call. */
interface Family {
  /** The host that the call was sent to. */
  readonly host: string
  /** The action of the call. */
  readonly action: string
}

interface Refusal extends Family {
  /** The HTTP status. */
  readonly status: number
  /** The code of the service, for example `InvalidInstanceId.NotFound`. */
  readonly code?: string | undefined
  /** The message of the service. */
  readonly reason?: string | undefined
  /** The id to quote to the support of the service. */
  readonly requestId?: string | undefined
  /** The address of a page about this error. */
  readonly recommend?: string | undefined
  /** How long to wait before the next call, if the service sent `Retry-After`. */
  readonly retryAfter?: Duration.Duration | undefined
}

interface WithReason extends Family {
  /** Why there is no answer. */
  readonly reason: string
}

interface WithIssues extends Family {
  /** Each field and what is wrong with it, never its value. */
  readonly issues: ReadonlyArray<string>
}

interface WithMessage {
  /** What failed, where and why. */
  readonly message: string
}

/**
 * The service refused the call. `code`, `requestId` and `recommend` come from the service, if it sent them. `reason` is
 * its message, unless that could contain a secret.
 *
 * @since 0.1.0
 * @category errors
 */
export class OpenApiError extends Data.TaggedError("OpenApiError")<Refusal & WithMessage> {
  /** True for status 429, 5xx and the throttling codes: a retry may succeed. */
  readonly isTransient: boolean
  constructor(fields: Refusal) {
    const details = [fields.code, fields.reason].filter((part) => part !== undefined).join(": ")
    const id = fields.requestId === undefined ? "" : ` (request id ${fields.requestId})`
    super({
      ...fields,
      message: `${fields.action} at ${fields.host}: status ${fields.status}${details === "" ? "" : `, ${details}`}${id}`
    })
    this.isTransient = fields.status === 429 || fields.status >= 500 ||
      (fields.code !== undefined && isTemporary(fields.code))
  }
}

/**
 * The service did not answer, or the connection was lost. Retry if the action may run twice.
 *
 * @since 0.1.0
 * @category errors
 */
export class OpenApiUnavailable extends Data.TaggedError("OpenApiUnavailable")<WithReason & WithMessage> {
  /** Whether a retry may succeed: always true. */
  readonly isTransient: boolean = true
  constructor(fields: WithReason) {
    super({ ...fields, message: `${fields.action} at ${fields.host}: ${fields.reason}` })
  }
}

/**
 * The answer does not match the schema. `issues` names each field and what is wrong with it, never its value.
 *
 * @since 0.1.0
 * @category errors
 */
export class OpenApiMalformed extends Data.TaggedError("OpenApiMalformed")<WithIssues & WithMessage> {
  /** Whether a retry may succeed: always false. */
  readonly isTransient: boolean = false
  constructor(fields: WithIssues) {
    super({ ...fields, message: `${fields.action} at ${fields.host}: malformed answer (${fields.issues.join("; ")})` })
  }
}

/**
 * The errors that a call can fail with, including those of the provider.
 *
 * @since 0.1.0
 * @category errors
 */
export type CallError = OpenApiError | OpenApiUnavailable | OpenApiMalformed | SigningError | CredentialError

/**
 * The endpoint, the action and the parameters of a call.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  /** A host such as `ecs.cn-hangzhou.aliyuncs.com`. The call uses https unless the endpoint starts with `http://`. */
  readonly endpoint: string
  /** The name of the action, for example `DescribeRegions`. */
  readonly action: string
  /** The version of the API, for example `2014-05-26`. */
  readonly version: string
  /** The path of a ROA-style action. Defaults to an RPC-style call. */
  readonly path?: string | undefined
  /** The HTTP method. Defaults to `POST`. */
  readonly method?: HttpMethod | undefined
  /** The parameters in the query. Defaults to none. */
  readonly parameters?: Parameters | undefined
  /** The parameters in a urlencoded body. Defaults to none. */
  readonly form?: Parameters | undefined
  /** A JSON body. Excludes `form`. Defaults to none. */
  readonly body?: unknown
  /** Additional headers. Defaults to none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * A call, and the schema of its answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Call<A, I, R> extends Request {
  /** The schema of the answer. An answer without a body is decoded as `null`. */
  readonly schema: Schema.Schema<A, I, R>
}

/**
 * Calls an action with the current credentials and decodes its answer. Fails with a {@link CallError}. Answers of more
 * than 10 MiB are refused. A redirect, of any status, is an {@link OpenApiError}; see {@link SignedHttpClient} for clients
 * that follow redirects by themselves.
 *
 * It does not retry, except that `SignedHttpClient` sends a request again if the service refused the credentials.
 * Errors have `isTransient`. The caller has to decide whether the action may run twice.
 *
 * @since 0.1.0
 * @category calls
 * @example
 * ```ts
 * import { OpenApi } from "effect-alicloud-credentials"
 * import { Effect, Schedule, Schema } from "effect"
 *
 * const regions = OpenApi.call({
 *   endpoint: "ecs.cn-hangzhou.aliyuncs.com",
 *   action: "DescribeRegions",
 *   version: "2014-05-26",
 *   parameters: { AcceptLanguage: "en-US" },
 *   schema: Schema.Struct({
 *     Regions: Schema.Struct({ Region: Schema.Array(Schema.Struct({ RegionId: Schema.String })) })
 *   })
 * }).pipe(
 *   Effect.retry({
 *     while: (error) => error.isTransient,
 *     schedule: Schedule.exponential("200 millis"),
 *     times: 3
 *   })
 * )
 * ```
 */
export const call = <A, I, R>(call: Call<A, I, R>): Effect.Effect<A, CallError, R | SignedHttpClient> =>
  Effect.flatMap(SignedHttpClient, (client) => {
    const addressed = requestOf(call)
    if (Either.isLeft(addressed)) return new SigningError({ reason: addressed.left })
    const { host, request } = addressed.right
    const { action } = call
    const secrets = [...secretTexts(call.parameters), ...secretTexts(call.form)]
    const unavailable = (reason: string) => new OpenApiUnavailable({ host, action, reason })
    const sent = Effect.catchAll(
      secrets.length === 0
        ? client.execute(request)
        : Effect.provideService(client.execute(request), SecretTexts, secrets),
      (error) => notAnswered(error, secrets, unavailable)
    )
    return Effect.flatMap(
      sent,
      (response) =>
        Effect.flatMap(readText(response, host, action), (text): Effect.Effect<A, CallError, R> => {
          if (response.status < 200 || response.status >= 300) {
            return Effect.flatMap(Clock.currentTimeMillis, (now) => refusal(response, host, action, text, now, secrets))
          }
          const json = text === "" ? Option.some(null) : parseJson(text)
          if (Option.isNone(json)) return new OpenApiMalformed({ host, action, issues: ["the body is not JSON"] })
          return Effect.mapError(
            Schema.decodeUnknown(call.schema, { errors: "all" })(json.value),
            (error) => new OpenApiMalformed({ host, action, issues: describeIssues(error) })
          )
        })
    )
  })

type Unanswered = HttpClientError.HttpClientError | CredentialError | SigningError

const notAnswered = (
  error: Unanswered,
  secrets: ReadonlyArray<string>,
  unavailable: (reason: string) => OpenApiUnavailable
): Effect.Effect<HttpClientResponse.HttpClientResponse, CallError> => {
  if (!HttpClientError.isHttpClientError(error)) return Effect.fail(error)
  const failure = failureOf(error)
  switch (failure._tag) {
    case "Status":
      return Effect.succeed(failure.response)
    case "Lost":
      return unavailable("connection lost")
    case "NoAnswer":
      return unavailable(
        describedConnection(failure.description, secrets) ?? noConnection(failure.cause, error.request.url)
      )
    case "NotSent":
      return new SigningError({ reason: "the HTTP client refused the request" })
  }
}

interface Addressed {
  readonly host: string
  readonly request: HttpClientRequest.HttpClientRequest
}

const requestOf = (call: Request): Either.Either<Addressed, string> => {
  const found = hostOf(call.endpoint, "endpoint")
  if (Either.isLeft(found)) return Either.left(found.left)
  if (call.form !== undefined && call.body !== undefined) return Either.left("form and body exclude each other")
  const host = found.right
  const scheme = /^http:\/\//i.test(call.endpoint.trim()) ? "http" : "https"
  const path = call.path === undefined ? "/" : call.path.replace(/^\/?/, "/")
  const request = HttpClientRequest.make(call.method ?? "POST")(`${scheme}://${host}${path}`, {
    headers: { ...call.headers, "x-acs-action": call.action, "x-acs-version": call.version },
    urlParams: flatten(call.parameters)
  } as HttpClientRequest.Options.NoUrl)
  return Either.map(withBody(request, call), (request) => ({ host, request }))
}

const withBody = (
  request: HttpClientRequest.HttpClientRequest,
  { body, form }: Request
): Either.Either<HttpClientRequest.HttpClientRequest, string> => {
  if (form !== undefined) return Either.right(HttpClientRequest.bodyUrlParams(request, flatten(form)))
  if (body === undefined) return Either.right(request)
  return Option.match(Option.liftThrowable(JSON.stringify)(body), {
    onNone: () => Either.left("the body cannot be written as JSON"),
    onSome: (json) => Either.right(HttpClientRequest.bodyText(request, json, "application/json; charset=utf-8"))
  })
}

const maxAnswer = 10 * 1024 * 1024

const readText = (
  response: HttpClientResponse.HttpClientResponse,
  host: string,
  action: string
): Effect.Effect<string, OpenApiUnavailable | OpenApiMalformed> =>
  Effect.mapBoth(readBody(response), {
    onFailure: (reason) =>
      reason === "lost"
        ? new OpenApiUnavailable({ host, action, reason: "connection lost" })
        : new OpenApiMalformed({ host, action, issues: ["the body is larger than 10 MiB"] }),
    onSuccess: (bytes) => new TextDecoder().decode(bytes)
  })

type NotRead = "lost" | "large"
type Bytes = Uint8Array | ArrayBuffer

const readBody = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<Bytes, NotRead> => {
  const length = signedResponse.plainLength(response)
  // Reading at once takes a fraction of the steps of a stream, which is for a body whose end is not known.
  const body: Effect.Effect<Option.Option<Bytes>, HttpClientError.HttpClientError> =
    length !== undefined && length <= maxAnswer
      ? Effect.asSome(response.arrayBuffer)
      : readWhole(response.stream, maxAnswer)
  return Effect.matchEffect(body, {
    onFailure: (error): Effect.Effect<Bytes, NotRead> =>
      isEmptyBody(error) ? Effect.succeed(new Uint8Array()) : Effect.fail("lost"),
    onSuccess: Option.match({
      onNone: (): Effect.Effect<Bytes, NotRead> => Effect.fail("large"),
      onSome: Effect.succeed
    })
  })
}

const refusal = (
  response: HttpClientResponse.HttpClientResponse,
  host: string,
  action: string,
  text: string,
  now: number,
  secrets: ReadonlyArray<string>
): OpenApiError => {
  const body = errorBody.parse(text)
  const signedWith = signedResponse.hiddenIn(response)
  const hidden = [...secrets, ...(signedWith ?? []), ...serverText.secretFields(body.json)]
  // The message of a refused signature contains the string that the server would have signed, including the token. If
  // the secrets of the request are not known, every message may contain one.
  const isShown = signedWith !== undefined && body.code !== "SignatureDoesNotMatch"
  const serverDate = parseServerDate(response.headers["date"], response.headers["age"])
  const wait = parseRetryAfter(response.headers["retry-after"], serverDate ?? now)
  return new OpenApiError({
    host,
    action,
    status: response.status,
    code: serverText.errorCode(body.code, hidden),
    reason: isShown ? serverText.quotable(body.message, hidden) : undefined,
    requestId: serverText.requestId(body.requestId ?? response.headers["x-acs-request-id"], hidden),
    recommend: isShown ? pageOf(body.recommend, hidden) : undefined,
    retryAfter: wait === undefined ? undefined : Duration.millis(wait)
  })
}

/** The address of a page, without the parameters that could contain a secret. */
const pageOf = (text: unknown, hidden: ReadonlyArray<string>): string | undefined => {
  if (typeof text !== "string" || !URL.canParse(text)) return undefined
  const url = new URL(text)
  for (const [name, value] of [...url.searchParams]) {
    if (serverText.quotable(value, hidden) !== value) url.searchParams.delete(name)
  }
  return url.protocol === "https:" && serverText.quotable(url.href, hidden) === url.href ? url.href : undefined
}
