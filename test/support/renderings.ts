/**
 * Every way in which a value, a log line, a span or a metric can come before somebody's eyes.
 */
import { Array as Arr, Cause, Effect, Exit, Layer, Logger, LogLevel, Metric, Tracer } from "effect"
import { inspect } from "node:util"

const json = (value: unknown): string => {
  try {
    return JSON.stringify(value, (_, member: unknown) => typeof member === "bigint" ? String(member) : member) ?? ""
  } catch {
    return ""
  }
}

/** A value as people and programs print it. */
export const renderValue = (value: unknown): string =>
  [
    String(value),
    inspect(value, { depth: 20, showHidden: true, getters: true }),
    inspect(value, { depth: 20 }),
    json(value),
    ...(value instanceof Error
      ? [value.message, value.stack ?? "", inspect(value.cause, { depth: 20 }), json(Object.entries(value))]
      : [])
  ].join("\n")

const renderExit = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.match(exit, {
    onSuccess: renderValue,
    onFailure: (cause) =>
      [
        Cause.pretty(cause),
        Cause.pretty(cause, { renderErrorCause: true }),
        renderValue(cause),
        renderValue(Cause.squash(cause)),
        ...Arr.fromIterable(Cause.failures(cause)).map(renderValue)
      ].join("\n")
  }) + renderValue(exit)

const recordingTracer = (lines: Array<string>) =>
  Tracer.make({
    context: (execution) => execution(),
    span: (name, parent, context, links, startTime, kind) => {
      lines.push(name, inspect(links, { depth: 3 }))
      return {
        _tag: "Span",
        name,
        spanId: "span",
        traceId: "trace",
        parent,
        context,
        links,
        sampled: true,
        kind,
        status: { _tag: "Started", startTime },
        attributes: new Map(),
        attribute: (key, value) => void lines.push(`${key}=${inspect(value)}`),
        end: (_, exit) => void lines.push(renderExit(exit)),
        event: (event, _, attributes) => void lines.push(event, inspect(attributes, { depth: 5 })),
        addLinks: () => {}
      }
    }
  })

/** Runs the effect to its end and gives everything that anybody could have seen of it. */
export const renderings = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<string, never, R> =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    const sink = <M>(logger: Logger.Logger<M, string>) => Logger.map(logger, (line) => void lines.push(line))
    const loggers = Layer.mergeAll(
      Logger.replace(Logger.defaultLogger, sink(Logger.stringLogger)),
      Logger.add(sink(Logger.jsonLogger)),
      Logger.add(sink(Logger.logfmtLogger)),
      Logger.add(Logger.map(Logger.structuredLogger, (entry) => void lines.push(inspect(entry, { depth: 20 }))))
    )
    const exit = yield* effect.pipe(
      Effect.tapErrorCause((cause) => Effect.logError("failed", cause)),
      Effect.withSpan("caller"),
      Effect.exit,
      Effect.withTracer(recordingTracer(lines)),
      Logger.withMinimumLogLevel(LogLevel.All),
      Effect.provide(loggers)
    )
    lines.push(renderExit(exit), inspect(yield* Metric.snapshot, { depth: 10 }))
    return lines.join("\n")
  })
