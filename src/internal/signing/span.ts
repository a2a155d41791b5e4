/**
 * The span of a signed request. The span of the client would hold the signed request and the client's description of a
 * failure; this one describes the request as the caller made it, without the values of its query.
 */
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { constTrue } from "effect/Function"
import * as Redacted from "effect/Redacted"
import * as Tracer from "effect/Tracer"

type Response = HttpClientResponse.HttpClientResponse

/** `send` gets the headers that propagate the trace to the server. @internal */
export const traced = <E, R>(
  request: HttpClientRequest.HttpClientRequest,
  url: URL,
  send: (traceHeaders: Headers.Headers) => Effect.Effect<Response, E, R>
): Effect.Effect<Response, E, R> =>
  Effect.withFiberRuntime((fiber) => {
    if (!fiber.getFiberRef(FiberRef.currentTracerEnabled)) return send(Headers.empty)
    const quietly = Effect.locally(HttpClient.currentTracerDisabledWhen, constTrue)
    const isRecorded = fiber.currentTracer !== unrecorded
    const isUnwanted = fiber.getFiberRef(HttpClient.currentTracerDisabledWhen)(request) ||
      (!isRecorded && fiber.currentSpan === undefined)
    if (isUnwanted) return quietly(send(Headers.empty))
    const name = Context.get(fiber.currentContext, HttpClient.SpanNameGenerator)(request)
    const propagates = fiber.getFiberRef(HttpClient.currentTracerPropagation)
    const redacted = isRecorded ? fiber.getFiberRef(Headers.currentRedactedNames) : undefined
    return Effect.useSpan(name, { kind: "client", captureStackTrace: false }, (span) => {
      if (redacted !== undefined) describeRequest(span, request, url, redacted)
      const sent = send(propagates ? HttpTraceContext.toHeaders(span) : Headers.empty).pipe(
        quietly,
        Effect.withParentSpan(span)
      )
      return redacted === undefined ? sent : Effect.map(sent, (response) => {
        span.attribute("http.response.status_code", response.status)
        describeHeaders(span, "http.response.header", response.headers, redacted)
        return response
      })
    })
  })

// The tracer of a program that has none. Its spans pass on the trace of a span around them, but nobody reads them.
const unrecorded = Context.get(DefaultServices.liveServices, Tracer.Tracer)

const describeRequest = (
  span: Tracer.Span,
  request: HttpClientRequest.HttpClientRequest,
  url: URL,
  redacted: ReadonlyArray<string | RegExp>
): void => {
  span.attribute("http.request.method", request.method)
  span.attribute("server.address", url.origin)
  if (url.port !== "") span.attribute("server.port", Number(url.port))
  const query = namesOf(url)
  span.attribute("url.full", `${url.origin}${url.pathname}${query === "" ? "" : `?${query}`}`)
  span.attribute("url.path", url.pathname)
  span.attribute("url.scheme", url.protocol.slice(0, -1))
  if (query !== "") span.attribute("url.query", query)
  describeHeaders(span, "http.request.header", request.headers, redacted)
}

// Values of parameters may be secret, and so is a password in the URL.
const namesOf = (url: URL): string =>
  [...url.searchParams.keys()].map((name) => `${encodeURIComponent(name)}=REDACTED`).join("&")

const describeHeaders = (
  span: Tracer.Span,
  prefix: string,
  headers: Headers.Headers,
  redacted: ReadonlyArray<string | RegExp>
): void => {
  for (const [name, value] of Object.entries(Headers.redact(headers, redacted))) {
    span.attribute(`${prefix}.${name}`, Redacted.isRedacted(value) ? "<redacted>" : value)
  }
}
