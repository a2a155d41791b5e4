/** The spans of requests, and the headers that let a server continue the trace. */
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import { constTrue } from "effect/Function"
import * as Tracer from "effect/Tracer"

/** Without spans, and without the headers that let the server continue the trace. @internal */
export const untraced = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withTracerEnabled(self, false)

/** Leaves the span of a request to who sends it. @internal */
export const withoutClientSpan: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect.locally(
  HttpClient.currentTracerDisabledWhen,
  constTrue
)

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
export const tracingOf = (fiber: Fiber.RuntimeFiber<unknown, unknown>): Tracing | undefined =>
  fiber.getFiberRef(FiberRef.currentTracerEnabled)
    ? {
      isRecorded: fiber.currentTracer !== unrecorded,
      hasParent: fiber.currentSpan !== undefined,
      isDisabledFor: fiber.getFiberRef(HttpClient.currentTracerDisabledWhen),
      propagates: fiber.getFiberRef(HttpClient.currentTracerPropagation),
      nameOf: Context.get(fiber.currentContext, HttpClient.SpanNameGenerator),
      redacted: fiber.getFiberRef(Headers.currentRedactedNames)
    }
    : undefined

// The tracer of a program that has none. Its spans pass on the trace of a span around them, but nobody reads them.
const unrecorded = Context.get(DefaultServices.liveServices, Tracer.Tracer)
