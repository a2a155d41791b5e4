/** Several configs whose error names each that is missing or wrong. Effect 4 names the first one only. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { now } from "./variable.ts"

type Fields = Readonly<Record<string, Config.Config<unknown>>>

const joined = (errors: readonly [Config.ConfigError, ...Array<Config.ConfigError>]): Config.ConfigError => {
  const issues: Array<SchemaIssue.Issue> = []
  for (const { cause } of errors) {
    // A source that does not answer says nothing about the variables.
    if (cause._tag === "SourceError") return errors[0].cause === cause ? errors[0] : new Config.ConfigError(cause)
    issues.push(cause.issue)
  }
  const [first, ...more] = issues
  return first === undefined || more.length === 0
    ? errors[0]
    : new Config.ConfigError(new Schema.SchemaError(new SchemaIssue.Composite(Schema.Unknown.ast, [first, ...more])))
}

/** @internal */
export const all =
  (<A extends Fields>(fields: A): Config.Config<{ [K in keyof A]: Config.Success<A[K]> }> =>
    Config.mapEffect(Config.succeed(fields), (fields) =>
      Effect.flatMap(
        Effect.all(
          Object.entries(fields).map(([name, config]) =>
            Effect.map(Effect.result(now(config)), (result) => [name, result] as const)
          )
        ),
        (results) => {
          const [first, ...more] = results.flatMap(([, result]) => Result.isFailure(result) ? [result.failure] : [])
          if (first !== undefined) return Effect.fail(joined([first, ...more]))
          return Effect.succeed(
            Object.fromEntries(results.map(([name, result]) => [name, Result.getOrUndefined(result)])) as {
              [K in keyof A]: Config.Success<A[K]>
            }
          )
        }
      ))) as typeof Config.all

/** @internal */
export const unwrap = <A>(wrapped: Config.Wrap<A>): Config.Config<A> =>
  Config.isConfig(wrapped)
    ? Config.mapEffect(Config.succeed(undefined), () => now(wrapped as Config.Config<A>))
    : all(
      Object.fromEntries(
        Object.entries(wrapped as Readonly<Record<string, Config.Wrap<unknown>>>).map((
          [name, config]
        ) => [name, unwrap(config)])
      )
    ) as unknown as Config.Config<A>
