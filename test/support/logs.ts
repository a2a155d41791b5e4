import { Layer, Logger, LogLevel } from "effect"

/** Nothing of what is logged on the screen. */
export const quiet = Logger.remove(Logger.defaultLogger)

/** Collects what is logged under its layer, a line for each entry: `WARN renewal failed`. */
export const logs = (minimum: LogLevel.LogLevel = LogLevel.Info) => {
  const lines: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    lines.push(`${logLevel.label} ${String(message)}`)
  })
  const layer = Layer.merge(Logger.replace(Logger.defaultLogger, logger), Logger.minimumLogLevel(minimum))
  return { lines, logger, layer }
}
