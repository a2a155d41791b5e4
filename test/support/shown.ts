import { Cause } from "effect"
import { inspect } from "node:util"

/** Everything that a log, a debugger or a person can get to see of a value. */
export const shown = (value: unknown): string =>
  [
    String(value),
    inspect(value, { depth: Infinity, showHidden: true, getters: true }),
    JSON.stringify(value),
    Cause.pretty(Cause.fail(value), { renderErrorCause: true }),
    value instanceof Error ? `${value.message}\n${value.stack}` : ""
  ].join("\n")
