import { Layer, Logger, LogLevel } from "effect"

/** Prints no logs. */
export const quiet = Logger.remove(Logger.defaultLogger)

/** Collects what is logged with its layer, one line per entry: `WARN renewal failed`. */
export const logs = (minimum: LogLevel.LogLevel = LogLevel.Info) => {
  const lines: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    lines.push(`${logLevel.label} ${String(message)}`)
  })
  const layer = Layer.merge(Logger.replace(Logger.defaultLogger, logger), Logger.minimumLogLevel(minimum))
  return { lines, logger, layer }
}
