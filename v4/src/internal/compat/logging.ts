/** The loggers of a part of a program. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"

/** Logs to one logger only. @internal */
export const withLogger =
  (logger: Logger.Logger<unknown, void>) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(self, Logger.CurrentLoggers, new Set([logger]))

const withoutDefault: Layer.Layer<never> = Layer.effect(
  Logger.CurrentLoggers,
  Effect.map(
    Effect.service(Logger.CurrentLoggers),
    (loggers) => new Set([...loggers].filter((logger) => logger !== Logger.defaultLogger))
  )
)

/** A layer without the default logger, which prints. A logger of the layer itself is kept. @internal */
export const quiet = <A, E, R>(layer: Layer.Layer<A, E, R>): Layer.Layer<A, E, R> =>
  Layer.provideMerge(layer, withoutDefault)
