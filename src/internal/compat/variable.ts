/**
 * Environment variables. Without a provider of the program they have the value of the moment, which Effect 4 does not
 * promise: it copies the environment at the first read.
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"

/** How the text of a variable is read. @internal */
export interface Form {
  /** What is empty after this is absent. */
  readonly trim: (text: string) => string
  /** What is wrong with a text. */
  readonly issueOf: (text: string) => string | undefined
}

/** Any text but the empty one. @internal */
export const plain: Form = { trim: (text) => text, issueOf: () => undefined }

const required = (name: string, { issueOf, trim }: Form): Config.Config<string> =>
  Config.mapOrFail(Config.string(name), (text) => {
    const value = trim(text)
    if (value === "") return Either.left(ConfigError.MissingData([], "empty"))
    const issue = issueOf(value)
    return issue === undefined ? Either.right(value) : Either.left(ConfigError.InvalidData([], issue))
  })

/** @internal */
export const optional = (name: string, form: Form): Config.Config<Option.Option<string>> =>
  Config.option(required(name, form))

/** The second one where the first is absent or not valid. @internal */
export const either = (first: string, second: string, form: Form): Config.Config<Option.Option<string>> =>
  Config.orElse(Config.map(required(first, form), Option.some), () => optional(second, form))

/** Fails if it is absent. An empty text is a text. @internal */
export const text = (name: string): Config.Config<string> => Config.string(name)

/** Runs an effect, and notes which variables it reads. A text of blanks counts as not set. @internal */
export const watching =
  (note: (name: string, isSet: boolean) => void) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.configProviderWith((provider) => Effect.withConfigProvider(self, watched(provider, note)))

const watched = (
  provider: ConfigProvider.ConfigProvider,
  note: (name: string, isSet: boolean) => void
): ConfigProvider.ConfigProvider => {
  const flat = provider.flattened
  return ConfigProvider.fromFlat(ConfigProvider.makeFlat({
    enumerateChildren: (path) => flat.enumerateChildren(path),
    patch: flat.patch,
    load: (path, config, split) => {
      const name = path.join(".")
      return Effect.tapBoth(flat.load(path, config, split), {
        // A value of the wrong form is a value.
        onFailure: (error) => Effect.sync(() => note(name, !ConfigError.isMissingData(error))),
        onSuccess: (values) =>
          Effect.sync(() => note(name, values.some((value) => typeof value !== "string" || value.trim() !== "")))
      })
    }
  }))
}
