import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { hostOf, type ServerAddress } from "../../../internal/compat/serverAddress.ts"
import { parseParams, utf8 } from "../wire/encode.ts"
import type { Answer, Request } from "../wire/message.ts"
import type { Delivery } from "./delivery.ts"
import { endless } from "./memory.ts"
import { isCloudHost } from "./router.ts"

const hostHeader = "x-local-cloud-host"

const toRequest = (incoming: HttpServerRequest.HttpServerRequest, body: ArrayBuffer): Request => {
  const { [hostHeader]: originalHost, ...headers } = incoming.headers
  const [path = "/", query = ""] = incoming.url.split(/\?(.*)/s)
  const host = originalHost ?? headers["host"] ?? "localhost"
  return {
    method: incoming.method,
    host,
    path,
    query: parseParams(query),
    headers: { ...headers, host },
    body: new Uint8Array(body)
  }
}

type Respond = Effect.Effect<HttpServerResponse.HttpServerResponse>

const contentType = (answer: Answer) => answer.headers["content-type"] ?? "application/json"

const respondWhole = (answer: Answer): Respond =>
  Effect.succeed(HttpServerResponse.uint8Array(utf8(answer.body), {
    status: answer.status,
    headers: answer.headers,
    contentType: contentType(answer)
  }))

const streamed = (
  answer: Answer,
  body: Stream.Stream<Uint8Array>,
  headers: Readonly<Record<string, string>> = {}
): Respond =>
  Effect.succeed(HttpServerResponse.stream(body, {
    status: answer.status,
    headers: { ...answer.headers, ...headers },
    contentType: contentType(answer)
  }))

/** A body shorter than its `content-length`, on a connection that is closed after it. */
const respondBroken = (answer: Answer): Respond => {
  const bytes = utf8(answer.body)
  const half = Stream.make(bytes.subarray(0, bytes.length >> 1)).pipe(
    // Node.js buffers the head and the first part until the next turn, and drops them if the response fails before it.
    Stream.concat(Stream.drain(Stream.fromEffect(Effect.yieldNow())))
  )
  return streamed(answer, half, { "content-length": String(bytes.length + 1), connection: "close" })
}

interface Socket {
  readonly destroy: () => void
}

const isSocket = (value: unknown): value is Socket =>
  Predicate.hasProperty(value, "destroy") && typeof value.destroy === "function"

/** Closes the socket of a request, which Node.js exposes. On other platforms the body breaks off instead. */
const hangUp = (incoming: HttpServerRequest.HttpServerRequest, closed: Respond): Respond =>
  Effect.suspend(() => {
    if (!Predicate.hasProperty(incoming.source, "socket") || !isSocket(incoming.source.socket)) {
      return respondBroken({ status: 200, headers: {}, body: "" })
    }
    incoming.source.socket.destroy()
    return closed
  })

const unavailable = HttpServerResponse.empty({ status: 503, headers: { connection: "close" } })

const respond = (
  incoming: HttpServerRequest.HttpServerRequest,
  delivery: Delivery,
  closing: Deferred.Deferred<void>
): Respond => {
  const closed = Effect.as(Deferred.await(closing), unavailable)
  switch (delivery._tag) {
    case "Whole":
      return respondWhole(delivery.answer)
    case "Broken":
      return respondBroken(delivery.answer)
    case "Endless":
      return streamed(
        delivery.answer,
        Stream.interruptWhenDeferred(endless(delivery.bytes), closing)
      )
    case "Drip":
      return streamed(
        delivery.answer,
        Stream.concat(
          Stream.make(utf8(delivery.answer.body).subarray(0, delivery.bytes)),
          Stream.drain(Stream.fromEffect(Deferred.await(closing)))
        )
      )
    case "Disconnect":
      return hangUp(incoming, closed)
    case "Silent":
      return closed
  }
}

/**
 * The cloud as an application of an HTTP server. `closing` ends responses that have no end.
 *
 * @internal
 */
export const app = (
  handle: (request: Request) => Effect.Effect<Delivery>,
  closing: Deferred.Deferred<void>
): Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  HttpServerError.RequestError,
  HttpServerRequest.HttpServerRequest
> =>
  Effect.gen(function*() {
    const incoming = yield* HttpServerRequest.HttpServerRequest
    const request = toRequest(incoming, yield* incoming.arrayBuffer)
    return yield* respond(incoming, yield* handle(request), closing)
  })

/** @internal */
export const baseUrl = (address: ServerAddress): string | undefined => {
  const listening = hostOf(address)
  if (listening === undefined) return undefined
  const host = listening.hostname === "0.0.0.0" ? "127.0.0.1" : listening.hostname
  return `http://${host.includes(":") ? `[${host}]` : host}:${listening.port}`
}

const otherHost = (request: HttpClientRequest.HttpClientRequest, url: URL) =>
  new HttpClientError.RequestError({
    request,
    reason: "Transport",
    description: `${url.host} is not part of the local cloud`
  })

const redirected = (request: HttpClientRequest.HttpClientRequest, url: URL, base: string) =>
  HttpClientRequest.make(request.method)(`${base}${url.pathname}${url.search}`, {
    headers: request.headers,
    body: request.body
  } as HttpClientRequest.Options.NoUrl).pipe(HttpClientRequest.setHeader(hostHeader, url.host))

/**
 * Sends requests for hosts of the cloud to `base`. Requests for `base` itself are not changed.
 *
 * @internal
 */
export const redirectingClient = (client: HttpClient.HttpClient, base: string): HttpClient.HttpClient =>
  HttpClient.make((request, url) => {
    if (url.origin === base) return client.execute(request)
    return isCloudHost(url.hostname)
      ? client.execute(redirected(request, url, base))
      : Effect.fail(otherHost(request, url))
  })
