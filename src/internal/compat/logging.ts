/** The loggers of a part of a program. */
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as HashSet from "effect/HashSet"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"

/** Logs to one logger only. @internal */
export const withLogger =
  (logger: Logger.Logger<unknown, void>) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.locally(self, FiberRef.currentLoggers, HashSet.make(logger))

/** A layer without the default logger, which prints. A logger of the layer itself is kept. @internal */
export const quiet = <A, E, R>(layer: Layer.Layer<A, E, R>): Layer.Layer<A, E, R> =>
  Layer.provideMerge(layer, Logger.remove(Logger.defaultLogger))
