/**
 * Environment variables. Without a provider of the program they have the value of the moment, which Effect 4 does not
 * promise: it copies the environment at the first read.
 */
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"

/** How the text of a variable is read. @internal */
export interface Form {
  /** What is empty after this is absent. */
  readonly trim: (text: string) => string
  /** What is wrong with a text. */
  readonly issueOf: (text: string) => string | undefined
}

/** Any text but the empty one. @internal */
export const plain: Form = { trim: (text) => text, issueOf: () => undefined }

interface Process {
  readonly env?: Readonly<Record<string, string | undefined>>
}

const ofProcess = (name: string): string | undefined =>
  (globalThis as { readonly process?: Process }).process?.env?.[name]

/** Reads the environment at each read, also empty texts, which the provider of Effect drops. */
const live = ConfigProvider.make((path) =>
  Effect.sync(() => {
    const value = ofProcess(path.join("_"))
    return value === undefined ? undefined : ConfigProvider.makeValue(value)
  })
)

/**
 * The provider of the program; without one, the environment of the moment. Effect would copy the environment when it is
 * asked for its own, also for the program around.
 */
const current: Effect.Effect<ConfigProvider.ConfigProvider> = Effect.contextWith((context: Context.Context<never>) =>
  hasProvider(context) ? Effect.service(ConfigProvider.ConfigProvider) : Effect.succeed(live)
)

const hasProvider = ({ mapUnsafe }: Context.Context<never>): boolean => mapUnsafe.has(ConfigProvider.ConfigProvider.key)

/** Reads what the program reads by itself: its provider, or the environment of the moment. @internal */
export const now = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.contextWith((context: Context.Context<never>) =>
    hasProvider(context)
      ? self
      : Effect.provideService(self, ConfigProvider.ConfigProvider, ConfigProvider.fromEnv())
  )

const failed = (name: string, issue: SchemaIssue.Issue): Config.ConfigError =>
  new Config.ConfigError(new Schema.SchemaError(new SchemaIssue.Pointer([name], issue)))

const found = (name: string): Effect.Effect<Option.Option<string>, Config.ConfigError> =>
  Effect.flatMap(current, (provider) =>
    Effect.mapError(
      Config.option(Config.String(name)).parse(provider),
      // The error of a source does not say which variable was read.
      (error) => error.cause._tag === "SourceError" ? failed(name, new SchemaIssue.InvalidValue()) : error
    ))

const checked = (name: string, { issueOf, trim }: Form): Effect.Effect<Option.Option<string>, Config.ConfigError> =>
  Effect.flatMap(found(name), (text) => {
    const value = Option.filter(Option.map(text, trim), (value) => value !== "")
    const issue = Option.isSome(value) ? issueOf(value.value) : undefined
    return issue === undefined
      ? Effect.succeed(value)
      : Effect.fail(failed(name, new SchemaIssue.InvalidValue({ message: issue })))
  })

const config = <A>(effect: Effect.Effect<A, Config.ConfigError>): Config.Config<A> =>
  Config.mapEffect(Config.succeed(undefined), () => effect)

/** @internal */
export const optional = (name: string, form: Form): Config.Config<Option.Option<string>> => config(checked(name, form))

/** The second one where the first is absent or not valid. @internal */
export const either = (first: string, second: string, form: Form): Config.Config<Option.Option<string>> =>
  config(
    Effect.flatMap(
      Effect.orElseSucceed(checked(first, form), () => Option.none<string>()),
      (value) => Option.isSome(value) ? Effect.succeed(value) : checked(second, form)
    )
  )

/** Fails if it is absent. An empty text is a text. @internal */
export const text = (name: string): Config.Config<string> =>
  config(Effect.flatMap(
    found(name),
    Option.match({
      onNone: () => Effect.fail(failed(name, new SchemaIssue.MissingKey(undefined))),
      onSome: (value) => Effect.succeed(value)
    })
  ))

/** Runs an effect, and notes which variables it reads. A text of blanks counts as not set. @internal */
export const watching =
  (note: (name: string, isSet: boolean) => void) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(
      current,
      (provider) => Effect.provideService(self, ConfigProvider.ConfigProvider, watched(provider, note))
    )

const watched = (
  provider: ConfigProvider.ConfigProvider,
  note: (name: string, isSet: boolean) => void
): ConfigProvider.ConfigProvider =>
  ConfigProvider.make((path) => {
    const name = path.join(".")
    return Effect.tap(
      // A value of the wrong form is a value.
      Effect.tapError(provider.load(path), () => Effect.sync(() => note(name, true))),
      (node) => Effect.sync(() => note(name, node?.value !== undefined && node.value.trim() !== ""))
    )
  })
