/** The spans of requests, and the headers that let a server continue the trace. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { constTrue } from "effect/Function"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"

/** Leaves the span of a request to who sends it. @internal */
export const withoutClientSpan: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect
  .provideService(HttpClient.TracerDisabledWhen, constTrue)

/** Without spans, and without the headers that let the server continue the trace. @internal */
export const untraced = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  // The client sends the headers of a span outside, also where the tracer is off.
  withoutClientSpan(Effect.withTracerEnabled(self, false))

/** How a request is traced. @internal */
export interface Tracing {
  /** Whether somebody reads the spans. */
  readonly isRecorded: boolean
  /** Whether a span is around the request, whose trace the server can continue. */
  readonly hasParent: boolean
  readonly isDisabledFor: (request: HttpClientRequest.HttpClientRequest) => boolean
  readonly propagates: boolean
  readonly nameOf: (request: HttpClientRequest.HttpClientRequest) => string
  /** The names of the headers whose values are secret. */
  readonly redacted: ReadonlyArray<string | RegExp>
}

/** The tracing of a fiber, or undefined if it is off. @internal */
export const tracingOf = (fiber: Fiber.Fiber<unknown, unknown>): Tracing | undefined =>
  fiber.cache.tracerEnabled
    ? {
      isRecorded: fiber.cache.tracer !== undefined,
      hasParent: fiber.cache.span !== undefined,
      isDisabledFor: fiber.getRef(HttpClient.TracerDisabledWhen),
      propagates: fiber.getRef(HttpClient.TracerPropagationEnabled),
      nameOf: Context.get(fiber.context, HttpClient.SpanNameGenerator),
      redacted: fiber.getRef(Headers.CurrentRedactedNames)
    }
    : undefined
