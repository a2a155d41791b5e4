/**
 * An HTTP client that signs requests to the APIs of Alibaba Cloud with the current credentials, and renews them if a
 * service refuses them.
 *
 * It has its own tag and never replaces `HttpClient`, which the sources of credentials use. OSS and Log Service use
 * other signatures, which this client does not support.
 *
 * @since 0.1.0
 */

import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Predicate from "effect/Predicate"
import type { CredentialError } from "./CredentialError.ts"
import { CredentialProvider, type Service as ProviderService } from "./CredentialProvider.ts"
import * as signingClient from "./internal/signing/client.ts"
import { isRefused } from "./internal/wire/codes.ts"

interface WithReason {
  /** Why it cannot be signed, without a value that could be a secret. */
  readonly reason: string
}

interface WithMessage {
  /** What failed, and why. */
  readonly message: string
}

/**
 * The request cannot be signed: its address is not valid or has a path that is not UTF-8, its body is multipart, cannot
 * be read or is too long, or the credentials contain characters that are not valid in a header.
 *
 * @since 0.1.0
 * @category errors
 */
export class SigningError extends Data.TaggedError("SigningError")<WithReason & WithMessage> {
  /** Whether a retry may succeed: always false. */
  readonly isTransient: boolean = false
  constructor(fields: WithReason) {
    super({ ...fields, message: `the request cannot be signed (${fields.reason})` })
  }
}

/**
 * When credentials count as refused, and how large a body may be.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * Whether an answer with status 400 or more means that the credentials are not valid. If so, they are dropped and the
   * request is sent once more with new ones. Defaults to the documented codes for keys and tokens that are unknown,
   * disabled, expired or malformed, which do not include missing permissions.
   */
  readonly isCredentialFailure?:
    | Predicate.Predicate<{
      /** The HTTP status. */
      readonly status: number
      /** The code of the service, if its answer has one. */
      readonly code: string | undefined
    }>
    | undefined
  /** The maximum size in bytes of a stream body, which is collected to be hashed. Defaults to 10 MiB. */
  readonly maxBody?: number | undefined
}

/**
 * The signing client: an `HttpClient` that can also fail with `CredentialError` or `SigningError`.
 *
 * @since 0.1.0
 * @category models
 */
export type Service = HttpClient.HttpClient.With<HttpClientError.HttpClientError | CredentialError | SigningError>

/**
 * The tag of {@link Service}.
 *
 * @since 0.1.0
 * @category tags
 * @example
 * ```ts
 * import { SignedHttpClient } from "effect-alicloud-credentials"
 * import { HttpClientRequest } from "@effect/platform"
 * import { Effect } from "effect"
 *
 * const clusters = Effect.gen(function*() {
 *   const client = yield* SignedHttpClient.SignedHttpClient
 *   const response = yield* client.execute(
 *     HttpClientRequest.get("https://cs.cn-hangzhou.aliyuncs.com/clusters", {
 *       headers: { "x-acs-action": "DescribeClusters", "x-acs-version": "2015-12-15" }
 *     })
 *   )
 *   return yield* response.json
 * })
 * ```
 */
export class SignedHttpClient extends Context.Tag("effect-alicloud-credentials/SignedHttpClient")<
  SignedHttpClient,
  Service
>() {}

/**
 * Makes a client that signs every request with ACS3-HMAC-SHA256 and sends it with `client`, in RPC style (path `/`) or
 * ROA style (any other path). The caller sets the headers `x-acs-action` and `x-acs-version`; `OpenApi` sets them for
 * you.
 *
 * The client asks the provider for each attempt, so an outer `HttpClient.retry` signs again. Apply transformations of
 * the request to the result, not to `client`, or the signature does not cover them. A body may be empty, JSON,
 * urlencoded, text or bytes. A stream is collected up to `maxBody`.
 *
 * A redirect is not followed: the client is asked not to follow any (`redirect: "manual"` for fetch, `maxRedirections: 0`
 * for undici), and an answer with status 3xx is returned like any other. That does not stop a client that follows by
 * itself, such as one with `HttpClient.followRedirects`, or a fetch of your own that ignores `redirect`: it sends the
 * signed request, with the security token, to the other host. Do not apply `HttpClient.followRedirects` to the result
 * either, which signs the request for the other host. {@link layer} shows how to keep a client that follows for other
 * requests.
 *
 * If the service refuses the credentials, they are invalidated, and the request is sent once more if the provider
 * returns others. The client learns the server's clock from its answers, and sends a request with a refused timestamp
 * once more with that clock. It returns every other answer, whatever its status.
 *
 * Errors, responses, spans and logs contain no secret: errors and responses show the request before it was signed, and
 * spans leave out the values of the query.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { SignedHttpClient } from "effect-alicloud-credentials"
 * import { HttpClient } from "@effect/platform"
 * import { Effect } from "effect"
 *
 * const client = Effect.gen(function*() {
 *   const signed = yield* SignedHttpClient.make(yield* HttpClient.HttpClient)
 *   return signed.pipe(HttpClient.retryTransient({ times: 3 }))
 * })
 * ```
 */
export const make = <E, R>(
  client: HttpClient.HttpClient.With<E, R>,
  options: Options = {}
): Effect.Effect<HttpClient.HttpClient.With<E | CredentialError | SigningError, R>, never, CredentialProvider> =>
  Effect.map(CredentialProvider, (provider) => signing(provider, client, options))

/**
 * Makes a client that signs with one of several providers, for a program with more than one account. It sends with the
 * `HttpClient` of the context, and is otherwise that of {@link make}.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { type CredentialProvider, OpenApi, SignedHttpClient } from "effect-alicloud-credentials"
 * import { Context, Effect, Schema } from "effect"
 *
 * class Billing extends Context.Tag("app/Billing")<Billing, CredentialProvider.Service>() {}
 *
 * const regions = Effect.gen(function*() {
 *   const billing = yield* SignedHttpClient.fromService(yield* Billing)
 *   return yield* OpenApi.call({
 *     endpoint: "ecs.cn-hangzhou.aliyuncs.com",
 *     action: "DescribeRegions",
 *     version: "2014-05-26",
 *     schema: Schema.Struct({ RequestId: Schema.String })
 *   }).pipe(Effect.provideService(SignedHttpClient.SignedHttpClient, billing))
 * })
 * ```
 */
export const fromService = (
  service: ProviderService,
  options: Options = {}
): Effect.Effect<Service, never, HttpClient.HttpClient> =>
  Effect.map(HttpClient.HttpClient, (client) => signing(service, client, options))

const signing = <E, R>(
  provider: ProviderService,
  client: HttpClient.HttpClient.With<E, R>,
  options: Options
): HttpClient.HttpClient.With<E | CredentialError | SigningError, R> => {
  const execute = signingClient.make({
    client,
    provider,
    isCredentialFailure: options.isCredentialFailure ?? ((answer) => isRefused(answer.code)),
    maxBody: options.maxBody ?? 10 * 1024 * 1024,
    cannotSign: (reason) => new SigningError({ reason })
  })
  return HttpClient.makeWith<never, never, E | CredentialError | SigningError, R>(
    Effect.flatMap(execute),
    Effect.succeed
  )
}

/**
 * A layer that provides a client that signs every request with the current credentials (ACS3-HMAC-SHA256), and sends it
 * once more with new credentials if the service refuses them. See {@link make} for the requests that it accepts.
 *
 * Needs a `CredentialProvider` and an `HttpClient`. Building it cannot fail, and it reads no environment variables. A
 * request fails with `HttpClientError`, with `SigningError`, or with the errors of the provider.
 *
 * If the program follows redirects of other hosts, give this layer and the sources of credentials a client of their own
 * that does not. {@link make} says what happens otherwise.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { DefaultChain, SignedHttpClient } from "effect-alicloud-credentials"
 * import { FetchHttpClient, HttpClient } from "@effect/platform"
 * import { Effect, Layer } from "effect"
 *
 * const signed = SignedHttpClient.layer().pipe(
 *   Layer.provideMerge(DefaultChain.layer),
 *   Layer.provide(FetchHttpClient.layer)
 * )
 *
 * const following = Layer.effect(
 *   HttpClient.HttpClient,
 *   Effect.map(HttpClient.HttpClient, HttpClient.followRedirects())
 * ).pipe(Layer.provide(FetchHttpClient.layer))
 *
 * const layer = Layer.merge(signed, following)
 * ```
 */
export const layer = (
  options?: Options
): Layer.Layer<SignedHttpClient, never, CredentialProvider | HttpClient.HttpClient> =>
  Layer.effect(SignedHttpClient, Effect.flatMap(CredentialProvider, (provider) => fromService(provider, options)))
