/** Requests without spans. */
import * as Effect from "effect/Effect"

/** Without spans, and without the headers that let the server continue the trace. @internal */
export const untraced = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withTracerEnabled(self, false)
