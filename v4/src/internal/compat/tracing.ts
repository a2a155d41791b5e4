/** Requests without spans. */
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as HttpClient from "effect/http/HttpClient"

/** Without spans, and without the headers that let the server continue the trace. @internal */
export const untraced = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  // The client sends the headers of a span outside, also where the tracer is off.
  Effect.provideService(Effect.withTracerEnabled(self, false), HttpClient.TracerDisabledWhen, constTrue)
