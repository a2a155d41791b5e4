/**
 * The span of a signed request. The span of the client would hold the signed request and the client's description of a
 * failure; this one describes the request as the caller made it, without the values of its query.
 */
import * as Headers from "@effect/platform/Headers"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Tracer from "effect/Tracer"
import { tracingOf, withoutClientSpan } from "../compat/tracing.ts"

type Response = HttpClientResponse.HttpClientResponse

/** `send` gets the headers that propagate the trace to the server. @internal */
export const traced = <E, R>(
  request: HttpClientRequest.HttpClientRequest,
  url: URL,
  send: (traceHeaders: Headers.Headers) => Effect.Effect<Response, E, R>
): Effect.Effect<Response, E, R> =>
  Effect.withFiberRuntime((fiber) => {
    const tracing = tracingOf(fiber)
    // In Effect 4 the client sends the headers of the trace also where the tracer is off.
    if (tracing === undefined) return withoutClientSpan(send(Headers.empty))
    const { hasParent, isRecorded, propagates, redacted } = tracing
    if (tracing.isDisabledFor(request) || (!isRecorded && !hasParent)) return withoutClientSpan(send(Headers.empty))
    return Effect.useSpan(tracing.nameOf(request), { kind: "client", captureStackTrace: false }, (span) => {
      if (isRecorded) describeRequest(span, request, url, redacted)
      const sent = send(propagates ? HttpTraceContext.toHeaders(span) : Headers.empty).pipe(
        withoutClientSpan,
        Effect.withParentSpan(span)
      )
      return isRecorded
        ? Effect.map(sent, (response) => {
          span.attribute("http.response.status_code", response.status)
          describeHeaders(span, "http.response.header", response.headers, redacted)
          return response
        })
        : sent
    })
  })

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
