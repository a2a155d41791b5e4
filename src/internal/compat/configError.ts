/** The errors of configuration: which variables they are about, and what is wrong with them. */
import * as ConfigError from "effect/ConfigError"

/** @internal */
export const isConfigError: (u: unknown) => u is ConfigError.ConfigError = ConfigError.isConfigError

/** Whether variables are missing, and nothing else is wrong. @internal */
export const isMissingOnly: (error: ConfigError.ConfigError) => boolean = ConfigError.isMissingDataOnly

/** @internal */
export const pathsOf: (error: ConfigError.ConfigError) => ReadonlyArray<string> = ConfigError.reduceWithContext<
  undefined,
  ReadonlyArray<string>
>(undefined, {
  andCase: (_, left, right) => [...left, ...right],
  orCase: (_, left, right) => [...left, ...right],
  invalidDataCase: (_, path) => [path.join(".")],
  missingDataCase: (_, path) => [path.join(".")],
  sourceUnavailableCase: (_, path) => [path.join(".")],
  unsupportedCase: (_, path) => [path.join(".")]
})

/** What is said of values that are not valid. @internal */
export const reasonsOf: (error: ConfigError.ConfigError) => ReadonlyArray<string> = ConfigError.reduceWithContext<
  undefined,
  ReadonlyArray<string>
>(undefined, {
  andCase: (_, left, right) => [...left, ...right],
  orCase: (_, left, right) => [...left, ...right],
  invalidDataCase: (_, __, message) => [message],
  missingDataCase: () => [],
  sourceUnavailableCase: () => [],
  unsupportedCase: () => []
})
