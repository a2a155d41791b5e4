import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { CustomResponse } from "../../../internal/compat/response.ts"
import * as streams from "../../../internal/compat/stream.ts"
import { fromUtf8, parseParams, utf8 } from "../wire/encode.ts"
import type { Answer, Request } from "../wire/message.ts"
import type { Delivery } from "./delivery.ts"

type Body = Stream.Stream<Uint8Array>

const endlessPiece = utf8(" ".repeat(64 * 1024))

/**
 * Spaces, which JSON allows, so the body is too long before it is malformed.
 *
 * @internal
 */
export const endless = (bytes: number): Body =>
  streams.unfold(bytes, (left) => {
    if (left <= 0) return undefined
    return [endlessPiece.subarray(0, Math.min(left, endlessPiece.length)), left - endlessPiece.length]
  }).pipe(Stream.rechunk(1))

/** Two parts, because the body of a real connection can arrive in several. */
const pieces = (text: string): Body => {
  const bytes = utf8(text)
  const middle = bytes.length >> 1
  return Stream.fromIterable([bytes.subarray(0, middle), bytes.subarray(middle)]).pipe(
    Stream.filter((piece) => piece.length > 0),
    Stream.rechunk(1)
  )
}

type Readable = Extract<Delivery, { readonly answer: Answer }>

const concat = (pieces: ReadonlyArray<Uint8Array>): Uint8Array => {
  const size = pieces.reduce((sum, bytes) => sum + bytes.length, 0)
  const all = new Uint8Array(size)
  pieces.reduce((at, bytes) => {
    all.set(bytes, at)
    return at + bytes.length
  }, 0)
  return all
}

/** Reads without a promise, so a test only has to adjust its clock. */
class MemoryResponse extends CustomResponse {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly delivery: Readable
  readonly headers: Headers.Headers
  readonly cookies = Cookies.empty
  readonly remoteAddress = Option.some("127.0.0.1")

  constructor(request: HttpClientRequest.HttpClientRequest, delivery: Readable) {
    super()
    this.request = request
    this.delivery = delivery
    this.headers = Headers.fromInput(delivery.answer.headers)
  }

  get status(): number {
    return this.delivery.answer.status
  }

  get stream(): Stream.Stream<Uint8Array, HttpClientError.ResponseError> {
    const { answer } = this.delivery
    switch (this.delivery._tag) {
      case "Whole":
        return pieces(answer.body)
      case "Endless":
        return endless(this.delivery.bytes)
      case "Drip":
        return Stream.concat(Stream.make(utf8(answer.body).subarray(0, this.delivery.bytes)), Stream.never)
      case "Broken":
        return Stream.concat(Stream.take(pieces(answer.body), 1), Stream.fail(this.failure("connection lost")))
    }
  }

  private get bytes(): Effect.Effect<Uint8Array, HttpClientError.ResponseError> {
    if (this.delivery._tag === "Endless" && this.delivery.bytes === Infinity) return Effect.never
    return Effect.map(streams.runCollect(this.stream), concat)
  }

  get text(): Effect.Effect<string, HttpClientError.ResponseError> {
    return this.delivery._tag === "Whole" ? Effect.succeed(this.delivery.answer.body) : Effect.map(this.bytes, fromUtf8)
  }

  protected notJson(cause: unknown): HttpClientError.ResponseError {
    return this.failure(undefined, cause)
  }

  override get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpClientError.ResponseError> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(parseParams(text)))
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpClientError.ResponseError> {
    return Effect.map(this.bytes, (bytes) => new Uint8Array(bytes).buffer)
  }

  get formData(): Effect.Effect<FormData, HttpClientError.ResponseError> {
    return Effect.fail(this.failure("the local cloud does not answer with form data"))
  }

  private failure(description: string | undefined, cause?: unknown): HttpClientError.ResponseError {
    return new HttpClientError.ResponseError({
      request: this.request,
      response: this,
      reason: "Decode",
      ...(description === undefined ? {} : { description }),
      ...(cause === undefined ? {} : { cause })
    })
  }
}

/** Looks like a network error of Node.js, with the code where clients read it. */
const transportError = (request: HttpClientRequest.HttpClientRequest, code: string) =>
  new HttpClientError.RequestError({
    request,
    reason: "Transport",
    cause: Object.assign(new Error(`connection failed: ${code}`), { code })
  })

interface SentBody {
  readonly bytes: Uint8Array
  readonly contentType?: string | undefined
}

const fromResponse = (response: Response): Promise<SentBody> =>
  response.arrayBuffer().then((buffer) => ({
    bytes: new Uint8Array(buffer),
    contentType: response.headers.get("content-type") ?? undefined
  }))

const readBody = (body: HttpBody.HttpBody): Effect.Effect<SentBody, unknown> => {
  switch (body._tag) {
    case "Empty":
      return Effect.succeed({ bytes: new Uint8Array() })
    case "Uint8Array":
      return Effect.succeed({ bytes: body.body })
    case "Stream":
      return Effect.map(streams.runCollect(body.stream), (pieces) => ({ bytes: concat(pieces) }))
    case "FormData":
      return Effect.tryPromise(() => fromResponse(new Response(body.formData)))
    case "Raw":
      if (typeof body.body === "string") return Effect.succeed({ bytes: utf8(body.body) })
      if (body.body instanceof Uint8Array) return Effect.succeed({ bytes: body.body })
      return Effect.tryPromise(() => fromResponse(new Response(body.body as BodyInit)))
  }
}

const toRequest = (request: HttpClientRequest.HttpClientRequest, url: URL, body: SentBody): Request => ({
  method: request.method,
  host: url.host,
  path: url.pathname,
  query: parseParams(url.search),
  headers: {
    ...(body.contentType === undefined ? {} : { "content-type": body.contentType }),
    ...request.headers,
    host: url.host
  },
  body: body.bytes
})

const deliver = (
  request: HttpClientRequest.HttpClientRequest,
  delivery: Delivery
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError> => {
  switch (delivery._tag) {
    case "Silent":
      return Effect.never
    case "Disconnect":
      return Effect.fail(transportError(request, delivery.errorCode))
    default:
      return Effect.succeed(new MemoryResponse(request, delivery))
  }
}

/** @internal */
export const client = (handle: (request: Request) => Effect.Effect<Delivery>): HttpClient.HttpClient =>
  HttpClient.make((request, url) =>
    readBody(request.body).pipe(
      Effect.mapError((cause) =>
        new HttpClientError.RequestError({ request, reason: "Encode", description: "the body cannot be read", cause })
      ),
      Effect.flatMap((body) => handle(toRequest(request, url, body))),
      Effect.flatMap((delivery) => deliver(request, delivery))
    )
  )
