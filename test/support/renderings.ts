/**
 * Every way to print a value, a log line, a span or a metric.
 */
import { assert } from "@effect/vitest"
import { Array as Arr, Cause, Effect, Exit, Layer, Logger, LogLevel, Metric } from "effect"
import { inspect } from "node:util"
import { type RecordedSpan, recordedSpans } from "./spans.ts"

const json = (value: unknown): string => {
  try {
    return JSON.stringify(value, (_, member: unknown) => typeof member === "bigint" ? String(member) : member) ?? ""
  } catch {
    return ""
  }
}

/** A value in every printed form. */
export const renderValue = (value: unknown): string =>
  [
    String(value),
    inspect(value, { depth: 20, showHidden: true, getters: true }),
    inspect(value, { depth: 20 }),
    json(value),
    ...(value instanceof Error
      ? [
        value.message,
        value.stack ?? "",
        inspect(value.cause, { depth: 20 }),
        json(Object.entries(value)),
        Cause.pretty(Cause.fail(value))
      ]
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

const renderSpan = ({ history, links, name }: RecordedSpan): ReadonlyArray<string> => [
  name,
  inspect(links, { depth: 3 }),
  ...history.map((entry) => {
    if ("attribute" in entry) return `${entry.attribute}=${inspect(entry.value)}`
    return "event" in entry ? `${entry.event} ${inspect(entry.attributes, { depth: 5 })}` : renderExit(entry.exit)
  })
]

/** Runs the effect and returns everything it printed, logged, traced and measured. */
export const renderings = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<string, never, R> =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    const { spans, tracer } = recordedSpans()
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
      Effect.withTracer(tracer),
      Logger.withMinimumLogLevel(LogLevel.All),
      Effect.provide(loggers)
    )
    lines.push(...spans.flatMap(renderSpan), renderExit(exit), inspect(yield* Metric.snapshot, { depth: 10 }))
    return lines.join("\n")
  })

/** Asserts that no printed form of a value contains one of these texts, plain or URL-encoded. */
export const assertShowsNone = (value: unknown, secrets: ReadonlyArray<string>): void => {
  const text = renderValue(value)
  assert.isAbove(secrets.length, 0)
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret), encodeURIComponent(encodeURIComponent(secret))]) {
      assert.notInclude(text, form)
    }
  }
}
