/** Config providers that change while a program runs, or fail. */
import { ConfigProvider, Effect } from "effect"

/** Reads the variables anew each time, and counts the reads. */
export const changing = (entries: () => Readonly<Record<string, string>>) => {
  const state = { reads: 0 }
  const provider = ConfigProvider.make((path) =>
    Effect.sync(() => {
      state.reads += 1
      const value = entries()[path.join("_")]
      return value === undefined ? undefined : ConfigProvider.makeValue(value)
    })
  )
  return { provider, state }
}

/** Fails with these words for each variable, but for those that it does not know by intention. */
export const broken = (words: string, isAbsent: (name: string) => boolean = () => false) =>
  ConfigProvider.make((path) =>
    isAbsent(path.join("_"))
      ? Effect.succeed(undefined)
      : Effect.fail(new ConfigProvider.SourceError({ message: words }))
  )
