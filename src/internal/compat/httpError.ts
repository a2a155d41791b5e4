/** The errors of HTTP clients: a class for each kind in Effect 3, one class with a reason in Effect 4. */
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"

/** What a failed request means to who sent it. @internal */
export type Failure =
  /** The client takes the status of the response for an error. */
  | { readonly _tag: "Status"; readonly response: HttpClientResponse.HttpClientResponse }
  /** The response broke off. */
  | { readonly _tag: "Lost"; readonly cause: unknown }
  /** No answer came. */
  | { readonly _tag: "NoAnswer"; readonly description: string | undefined; readonly cause: unknown }
  /** The client did not send the request. */
  | { readonly _tag: "NotSent"; readonly cause: unknown }

/** @internal */
export const failureOf = (error: HttpClientError.HttpClientError): Failure => {
  if (error._tag === "ResponseError") {
    return error.reason === "StatusCode"
      ? { _tag: "Status", response: error.response }
      : { _tag: "Lost", cause: error.cause }
  }
  return error.reason === "Transport"
    ? { _tag: "NoAnswer", description: error.description, cause: error.cause }
    : { _tag: "NotSent", cause: error.cause }
}

/** @internal */
export const isEmptyBody = (error: unknown): boolean =>
  HttpClientError.isHttpClientError(error) && error._tag === "ResponseError" && error.reason === "EmptyBody"

/** @internal */
export const descriptionOf = (error: HttpClientError.HttpClientError): string | undefined => error.description

interface Amended {
  readonly request: HttpClientRequest.HttpClientRequest
  /** Instead of the response, where the error has one. */
  readonly response: (response: HttpClientResponse.HttpClientResponse) => HttpClientResponse.HttpClientResponse
  readonly description: string | undefined
}

/** An error of the same kind with other fields, and without the cause. @internal */
export const amended = (
  error: HttpClientError.HttpClientError,
  { description, request, response }: Amended
): HttpClientError.HttpClientError => {
  const fields = { request, ...(description === undefined ? {} : { description }) }
  return error._tag === "RequestError"
    ? new HttpClientError.RequestError({ ...fields, reason: error.reason })
    : new HttpClientError.ResponseError({ ...fields, reason: error.reason, response: response(error.response) })
}
