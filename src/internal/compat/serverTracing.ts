/** The spans of requests that a server answers. */
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"

/** Leaves out these spans: they have the whole address. @internal */
export const withoutServerSpan: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect.locally(
  HttpMiddleware.currentTracerDisabledWhen,
  constTrue
)
