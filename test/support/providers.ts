/** Config providers that change while a program runs, or fail. */
import { ConfigError, ConfigProvider, Effect } from "effect"

/** Reads the variables anew each time, and counts the reads. */
export const changing = (entries: () => Readonly<Record<string, string>>) => {
  const state = { reads: 0 }
  const provider = ConfigProvider.fromFlat({
    ...ConfigProvider.fromMap(new Map()).flattened,
    load: (path, primitive, split) => {
      state.reads += 1
      return ConfigProvider.fromMap(new Map(Object.entries(entries()))).flattened.load(path, primitive, split)
    }
  })
  return { provider, state }
}

/** Fails with these words for each variable, but for those that it does not know by intention. */
export const broken = (words: string, isAbsent: (name: string) => boolean = () => false) => {
  const flat = ConfigProvider.fromMap(new Map()).flattened
  return ConfigProvider.fromFlat({
    ...flat,
    load: (path, config, split) =>
      isAbsent(path.join("_"))
        ? flat.load(path, config, split)
        : Effect.fail(ConfigError.InvalidData([...path], words))
  })
}
