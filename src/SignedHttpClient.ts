/**
 * An HTTP client that signs requests to the APIs of Alibaba Cloud with the credentials of the moment, and renews them
 * when a service refuses them.
 *
 * It has a tag of its own and never takes the place of `HttpClient`, over which the sources of credentials ask their
 * servers. OSS and Log Service check signatures of their own kind, which this client does not make.
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
import { CredentialProvider } from "./CredentialProvider.ts"
import * as signingClient from "./internal/signing/client.ts"
import { isRefused } from "./internal/wire/codes.ts"

/**
 * The request cannot be signed: its address is not one or has a path that is not UTF-8, its body is multipart, cannot be read or is too long to be
 * gathered, or the credentials hold characters that no header can carry.
 *
 * @since 0.1.0
 * @category errors
 */
export class SigningError extends Data.TaggedError("SigningError")<
  { readonly reason: string; readonly message: string }
> {
  readonly isTransient: boolean = false
  constructor(fields: { readonly reason: string }) {
    super({ ...fields, message: `the request cannot be signed (${fields.reason})` })
  }
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * Whether an answer with status 400 or more says that the credentials are not, or no longer, good. Those are dropped,
   * and the request is sent once more with new ones. Defaults to the documented codes for keys and tokens that are
   * unknown, disabled, expired or malformed; a missing permission is none of them.
   */
  readonly isCredentialFailure?:
    | Predicate.Predicate<{ readonly status: number; readonly code: string | undefined }>
    | undefined
  /** How many bytes of a stream are gathered to be hashed. Defaults to 10 MiB. */
  readonly maxBody?: number | undefined
}

/**
 * What the tag stands for: an `HttpClient` that can also fail for want of credentials, or of a body that can be signed.
 *
 * @since 0.1.0
 * @category models
 */
export type Service = HttpClient.HttpClient.With<HttpClientError.HttpClientError | CredentialError | SigningError>

/**
 * The tag of the signing client.
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
 * A client that signs every request with ACS3-HMAC-SHA256 and sends it with `client`, in RPC style (path `/`) or ROA
 * style (any other path). The caller sets `x-acs-action` and `x-acs-version`; `OpenApi` does it by itself.
 *
 * The provider is asked for each attempt, so that an outer `HttpClient.retry` signs anew. Whatever changes a request
 * belongs around the result, not inside `client`, where the signature would miss it. Bodies may be absent, JSON,
 * urlencoded, text or bytes; a stream is gathered up to `maxBody`. Redirects are not followed.
 *
 * When the service refuses the credentials they are invalidated, and the request is sent once more if the provider has
 * others. The clock of the server is learnt from its answers; a timestamp that it refuses is sent once more by its
 * clock. Every other answer is the caller's, whatever its status.
 *
 * Requests in errors, responses, spans and logs carry no secret: errors and responses show them as they were before,
 * spans without the values of the query.
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
  Effect.map(CredentialProvider, (provider) => {
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
  })

/**
 * {@link make} over the `HttpClient` of the context.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { DefaultChain, SignedHttpClient } from "effect-alicloud-credentials"
 * import { Layer } from "effect"
 *
 * const layer = SignedHttpClient.layer().pipe(Layer.provide(DefaultChain.layer))
 * ```
 */
export const layer = (
  options?: Options
): Layer.Layer<SignedHttpClient, never, CredentialProvider | HttpClient.HttpClient> =>
  Layer.effect(SignedHttpClient, Effect.flatMap(HttpClient.HttpClient, (client) => make(client, options)))
