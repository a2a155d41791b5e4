/**
 * What errors, responses and spans show of a signed request.
 */
import * as Headers from "@effect/platform/Headers"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as httpError from "../compat/httpError.ts"
import { withoutSecretValues } from "../compat/urlParams.ts"
import { noConnection } from "../wire/connection.ts"
import { clientOptions, withoutRedirects } from "../wire/http.ts"
import { quotable } from "../wire/serverText.ts"
import * as signedResponse from "./response.ts"

/** Headers with credentials: removed before a request is signed again, and never shown. @internal */
export const secretHeaders: ReadonlyArray<string> = [
  "authorization",
  "x-acs-accesskey-id",
  "x-acs-security-token",
  "x-acs-bearer-token"
]

/** Keeps the headers with credentials out of spans, and the client from sending them to a redirect. @internal */
export const concealed = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime((fiber) => {
    const context = fiber.currentContext
    return self.pipe(
      Effect.locally(Headers.currentRedactedNames, [
        ...fiber.getFiberRef(Headers.currentRedactedNames),
        ...secretHeaders
      ]),
      Effect.locally(FiberRef.currentContext, Context.merge(context, withoutRedirects(clientOptions(context))))
    )
  })

/**
 * The secret parameters of a request. They are passed in the context of the fiber, because the application may have
 * wrapped the signing client in functions that do not pass them on.
 *
 * @internal
 */
export class SecretTexts extends Context.Reference<SecretTexts>()<
  "effect-alicloud-credentials/SecretTexts",
  ReadonlyArray<string>
>("effect-alicloud-credentials/SecretTexts", { defaultValue: () => [] }) {}

/** The request as errors, responses and spans show it. @internal */
export const withoutSecrets = (
  request: HttpClientRequest.HttpClientRequest,
  secrets: ReadonlyArray<string>
): HttpClientRequest.HttpClientRequest => withoutSecretValues(request, (value) => secrets.includes(value))

/** A client's error with the request as the caller made it, and without its cause, which may quote more. @internal */
export const unsigned = <E>(
  error: E,
  request: HttpClientRequest.HttpClientRequest,
  hidden: ReadonlyArray<string>
): E => {
  if (!HttpClientError.isHttpClientError(error)) return error
  const failure = httpError.failureOf(error)
  return httpError.amended(error, {
    request,
    response: (response) => signedResponse.withRequest(request, response, hidden),
    description: quotable(httpError.descriptionOf(error), hidden) ??
      (failure._tag === "NoAnswer" || failure._tag === "NotSent" ? noConnection(failure.cause, request.url) : undefined)
  }) as E
}
