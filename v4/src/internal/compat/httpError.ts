/** The errors of HTTP clients: a class for each kind in Effect 3, one class with a reason in Effect 4. */
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"

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
export const failureOf = ({ reason }: HttpClientError.HttpClientError): Failure => {
  switch (reason._tag) {
    case "StatusCodeError":
      return { _tag: "Status", response: reason.response }
    case "DecodeError":
    case "EmptyBodyError":
      return { _tag: "Lost", cause: reason.cause }
    case "TransportError":
      return { _tag: "NoAnswer", description: reason.description, cause: reason.cause }
    case "EncodeError":
    case "InvalidUrlError":
      return { _tag: "NotSent", cause: reason.cause }
  }
}

/** @internal */
export const isEmptyBody = (error: unknown): boolean =>
  HttpClientError.isHttpClientError(error) && error.reason._tag === "EmptyBodyError"

/** @internal */
export const descriptionOf = (error: HttpClientError.HttpClientError): string | undefined => error.reason.description

interface Amended {
  readonly request: HttpClientRequest.HttpClientRequest
  /** Instead of the response, where the error has one. */
  readonly response: (response: HttpClientResponse.HttpClientResponse) => HttpClientResponse.HttpClientResponse
  readonly description: string | undefined
}

/** An error of the same kind with other fields, and without the cause. @internal */
export const amended = (
  { reason }: HttpClientError.HttpClientError,
  { description, request, response }: Amended
): HttpClientError.HttpClientError => {
  const fields = { request, ...(description === undefined ? {} : { description }) }
  const made = (reason: HttpClientError.HttpClientErrorReason) => new HttpClientError.HttpClientError({ reason })
  switch (reason._tag) {
    case "TransportError":
      return made(new HttpClientError.TransportError(fields))
    case "EncodeError":
      return made(new HttpClientError.EncodeError(fields))
    case "InvalidUrlError":
      return made(new HttpClientError.InvalidUrlError(fields))
    case "StatusCodeError":
      return made(new HttpClientError.StatusCodeError({ ...fields, response: response(reason.response) }))
    case "DecodeError":
      return made(new HttpClientError.DecodeError({ ...fields, response: response(reason.response) }))
    case "EmptyBodyError":
      return made(new HttpClientError.EmptyBodyError({ ...fields, response: response(reason.response) }))
  }
}
