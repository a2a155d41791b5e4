import { ConfigProvider, Effect, type Layer } from "effect"

/** No variables, and the first read never ends. */
export const firstReadHangs = (): Layer.Layer<never> => {
  let reads = 0
  return ConfigProvider.layer(ConfigProvider.make(() => reads++ === 0 ? Effect.never : Effect.succeed(undefined)))
}
