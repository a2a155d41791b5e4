/**
 * Calls to the APIs of Alibaba Cloud without an SDK: an action, its version and parameters in, an answer decoded with a
 * `Schema` out, the error body of the service as a typed error.
 *
 * Actions, versions, endpoints and where each parameter belongs are listed at https://api.alibabacloud.com.
 *
 * @since 0.1.0
 */

import type * as HttpClientError from "@effect/platform/HttpClientError"
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
import { SecretTexts } from "./internal/signing/conceal.ts"
import { flatten, secretTexts } from "./internal/signing/parameters.ts"
import * as signedResponse from "./internal/signing/response.ts"
import { readWhole } from "./internal/wire/bytes.ts"
import { isThrottling } from "./internal/wire/codes.ts"
import { hostOf } from "./internal/wire/endpoint.ts"
import * as errorBody from "./internal/wire/errorBody.ts"
import { noConnection } from "./internal/wire/http.ts"
import { describeIssues } from "./internal/wire/issues.ts"
import { parseJson } from "./internal/wire/json.ts"
import * as serverText from "./internal/wire/serverText.ts"
import { parseRetryAfter, parseServerDate } from "./internal/wire/time.ts"
import { SignedHttpClient, SigningError } from "./SignedHttpClient.ts"

/**
 * The value of a parameter. Lists and objects become `Tag.1.Key` and the like, which is how the gateways want them;
 * `undefined` is left out. The text of a `Redacted` is kept out of errors.
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
 * Parameters by name.
 *
 * @since 0.1.0
 * @category models
 */
export interface Parameters {
  readonly [name: string]: Parameter
}

/**
 * The service answered, and said no. `code`, `requestId` and `recommend` are its own, where it gave them; its text is in
 * `reason` unless it could hold a secret.
 *
 * @since 0.1.0
 * @category errors
 */
export class OpenApiError extends Data.TaggedError("OpenApiError")<{
  /** The host that was asked. */
  readonly host: string
  readonly action: string
  readonly status: number
  /** The code of the service, for example `InvalidInstanceId.NotFound`. */
  readonly code?: string | undefined
  readonly reason?: string | undefined
  /** The id to quote when asking the service's support. */
  readonly requestId?: string | undefined
  /** The address of a page about this error. */
  readonly recommend?: string | undefined
  /** How long the service asked to be left alone. */
  readonly retryAfter?: Duration.Duration | undefined
  readonly message: string
}> {
  /** True for 429, 5xx and the throttling codes: another try may succeed. */
  readonly isTransient: boolean
  constructor(fields: {
    readonly host: string
    readonly action: string
    readonly status: number
    readonly code?: string | undefined
    readonly reason?: string | undefined
    readonly requestId?: string | undefined
    readonly recommend?: string | undefined
    readonly retryAfter?: Duration.Duration | undefined
  }) {
    const said = [fields.code, fields.reason].filter((part) => part !== undefined).join(": ")
    const id = fields.requestId === undefined ? "" : ` (request id ${fields.requestId})`
    super({
      ...fields,
      message: `${fields.action} at ${fields.host}: status ${fields.status}${said === "" ? "" : `, ${said}`}${id}`
    })
    this.isTransient = fields.status === 429 || fields.status >= 500 ||
      (fields.code !== undefined && isThrottling(fields.code))
  }
}

/**
 * The service did not answer, or its answer broke off. Worth another try, if the action may happen twice.
 *
 * @since 0.1.0
 * @category errors
 */
export class OpenApiUnavailable extends Data.TaggedError("OpenApiUnavailable")<
  { readonly host: string; readonly action: string; readonly reason: string; readonly message: string }
> {
  readonly isTransient: boolean = true
  constructor(fields: { readonly host: string; readonly action: string; readonly reason: string }) {
    super({ ...fields, message: `${fields.action} at ${fields.host}: ${fields.reason}` })
  }
}

/**
 * The answer is not what the schema says. `issues` names each field and what is wrong with it, never its value.
 *
 * @since 0.1.0
 * @category errors
 */
export class OpenApiMalformed extends Data.TaggedError("OpenApiMalformed")<
  { readonly host: string; readonly action: string; readonly issues: ReadonlyArray<string>; readonly message: string }
> {
  readonly isTransient: boolean = false
  constructor(
    fields: { readonly host: string; readonly action: string; readonly issues: ReadonlyArray<string> }
  ) {
    super({ ...fields, message: `${fields.action} at ${fields.host}: malformed answer (${fields.issues.join("; ")})` })
  }
}

/**
 * Everything that a call can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CallError = OpenApiError | OpenApiUnavailable | OpenApiMalformed | SigningError | CredentialError

/**
 * What is asked of a service.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  /** A host such as `ecs.cn-hangzhou.aliyuncs.com`, asked over https unless `http://` stands before it. */
  readonly endpoint: string
  readonly action: string
  /** The version of the API, for example `2014-05-26`. */
  readonly version: string
  /** The path of a ROA-style action. Without it the call is in RPC style. */
  readonly path?: string | undefined
  /** Defaults to `POST`. */
  readonly method?: HttpMethod | undefined
  /** What goes into the query. */
  readonly parameters?: Parameters | undefined
  /** What goes into a urlencoded body. */
  readonly form?: Parameters | undefined
  /** What goes as JSON into the body. Not together with `form`. */
  readonly body?: unknown
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * One call of one action.
 *
 * @since 0.1.0
 * @category models
 */
export interface Call<A, I, R> extends Request {
  /** What the answer is decoded with. An answer without a body is decoded as `null`. */
  readonly schema: Schema.Schema<A, I, R>
}

/**
 * Calls an action with the credentials of the moment and decodes its answer. Answers of more than 10 MiB are refused.
 *
 * Nothing is tried again but what `SignedHttpClient` does about refused credentials. Errors say in `isTransient` whether
 * another try is worth it; whether the action may happen twice, the caller knows.
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
  Effect.gen(function*() {
    const client = yield* SignedHttpClient
    const { action } = call
    const { host, request } = yield* Effect.mapError(requestOf(call), (reason) => new SigningError({ reason }))
    const unavailable = (reason: string) => new OpenApiUnavailable({ host, action, reason })
    const secrets = [...secretTexts(call.parameters), ...secretTexts(call.form)]
    const response = yield* client.execute(request).pipe(
      Effect.provideService(SecretTexts, secrets),
      Effect.catchTags({
        ResponseError: (error: HttpClientError.ResponseError) =>
          error.reason === "StatusCode" ? Effect.succeed(error.response) : Effect.fail(unavailable("connection lost")),
        RequestError: (error: HttpClientError.RequestError) =>
          Effect.fail(
            error.reason === "Transport"
              ? unavailable(serverText.quotable(error.description, secrets) ?? noConnection(error.cause))
              : new SigningError({ reason: "the client does not take the request" })
          )
      })
    )
    const text = yield* readText(response, host, action, unavailable("connection lost"))
    if (response.status < 200 || response.status >= 300) {
      return yield* refusal(response, host, action, text, yield* Clock.currentTimeMillis, secrets)
    }
    const malformed = (issues: ReadonlyArray<string>) => new OpenApiMalformed({ host, action, issues })
    const json = text === "" ? Option.some(null) : parseJson(text)
    if (Option.isNone(json)) return yield* malformed(["the body is not JSON"])
    return yield* Effect.mapError(
      Schema.decodeUnknown(call.schema, { errors: "all" })(json.value),
      (error) => malformed(describeIssues(error))
    )
  })

interface Addressed {
  readonly host: string
  readonly request: HttpClientRequest.HttpClientRequest
}

const requestOf = (call: Request): Either.Either<Addressed, string> =>
  Either.gen(function*() {
    const host = yield* hostOf(call.endpoint, "endpoint")
    const scheme = /^http:\/\//i.test(call.endpoint.trim()) ? "http" : "https"
    const path = call.path === undefined ? "/" : call.path.replace(/^\/?/, "/")
    const bare = HttpClientRequest.make(call.method ?? "POST")(`${scheme}://${host}`, {
      headers: { ...call.headers, "x-acs-action": call.action, "x-acs-version": call.version },
      urlParams: flatten(call.parameters)
    } as HttpClientRequest.Options.NoUrl)
    const request = HttpClientRequest.setUrl(bare, `${scheme}://${host}${path}`)
    if (call.form !== undefined && call.body !== undefined) {
      return yield* Either.left("form and body exclude each other")
    }
    if (call.form !== undefined) return { host, request: HttpClientRequest.bodyUrlParams(request, flatten(call.form)) }
    if (call.body === undefined) return { host, request }
    const json = yield* Option.match(Option.liftThrowable(JSON.stringify)(call.body), {
      onNone: () => Either.left("the body cannot be written as JSON"),
      onSome: Either.right
    })
    return { host, request: HttpClientRequest.bodyText(request, json, "application/json; charset=utf-8") }
  })

const maxAnswer = 10 * 1024 * 1024

const readText = (
  response: HttpClientResponse.HttpClientResponse,
  host: string,
  action: string,
  lost: OpenApiUnavailable
): Effect.Effect<string, OpenApiUnavailable | OpenApiMalformed> =>
  readWhole(response.stream, maxAnswer).pipe(
    Effect.catchAll((error) => error.reason === "EmptyBody" ? Effect.succeedSome(new Uint8Array()) : Effect.fail(lost)),
    Effect.flatMap(Option.match({
      onNone: () => Effect.fail(new OpenApiMalformed({ host, action, issues: ["the body is over 10 MiB"] })),
      onSome: (bytes) => Effect.succeed(new TextDecoder().decode(bytes))
    }))
  )

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
  // The message of a refused signature holds the string that the server would have signed, token included. Without
  // knowing what the request was signed with, no message can be told to be free of it.
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

/** The address of a page, without the parameters that could hold anything but words. */
const pageOf = (text: unknown, hidden: ReadonlyArray<string>): string | undefined => {
  if (typeof text !== "string" || !URL.canParse(text)) return undefined
  const url = new URL(text)
  for (const [name, value] of [...url.searchParams]) {
    if (serverText.quotable(value, hidden) !== value) url.searchParams.delete(name)
  }
  return url.protocol === "https:" && serverText.quotable(url.href, hidden) === url.href ? url.href : undefined
}
