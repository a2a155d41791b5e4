/**
 * The profiles of both files, by name.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { inHome } from "../internal/files/home.ts"
import * as textFile from "../internal/files/textFile.ts"
import * as configFile from "../internal/profile/configFile.ts"
import * as ini from "../internal/profile/ini.ts"
import * as names from "../internal/provider/names.ts"
import * as variables from "../internal/variables.ts"

interface Text {
  readonly path: string
  readonly text: string
  /** The path, if a variable names it. */
  readonly named: string | undefined
}

const firstOf = (
  provider: string,
  variable: typeof variables.configFile,
  standard: ReadonlyArray<ReadonlyArray<string>>
) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const named = Option.getOrUndefined(yield* variables.read(provider, variable))
    const read = (path: string) =>
      Effect.map(
        textFile.read(files, provider, path),
        (text): Option.Option<Text> => Option.some({ path, text, named })
      )
    if (named !== undefined) return yield* read(named)
    for (const segments of standard) {
      const path = yield* inHome(provider, ...segments)
      if (Option.isSome(yield* textFile.stamp(files, provider, path))) return yield* read(path)
    }
    return Option.none<Text>()
  })

const isEnabled = Effect.map(
  Effect.orElseSucceed(variables.orFalse(variables.cliProfileDisabled), () => false),
  (disabled) => !disabled
)

/** `config.json`, if there is one and no variable says that it is not used. */
export const config = Effect.gen(function*() {
  if (!(yield* isEnabled)) return Option.none()
  const found = yield* firstOf(names.cliProfile, variables.configFile, [[".aliyun", "config.json"]])
  return Option.map(found, ({ named, path, text }) => ({ named, path, parsed: configFile.parse(text, path) }))
})

/** A file that is not valid has none. */
export const namesIn = (parsed: Either.Either<configFile.ConfigFile, unknown>): ReadonlyArray<string> =>
  Either.match(parsed, {
    onLeft: () => [],
    onRight: ({ profiles }) => [...new Set(profiles.map(({ name }) => name).filter(Predicate.isString))]
  })

const isOn = (section: ReadonlyMap<string, string>): boolean => !/^false$/i.test(section.get("enable") ?? "")

/** The sections of the INI file that are not switched off. */
export const sections = Effect.gen(function*() {
  const found = yield* firstOf(names.iniProfile, variables.credentialsFile, [
    [".alibabacloud", "credentials.ini"],
    [".alibabacloud", "credentials"]
  ])
  return Option.flatMap(found, ({ named, text }) =>
    Option.map(Either.getRight(ini.parse(text)), (parsed) => ({
      names: [...parsed.sections].filter(([, section]) => isOn(section)).map(([name]) => name),
      named
    })))
})
