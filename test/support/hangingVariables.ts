import { ConfigProvider, Effect, Layer } from "effect"

/** No variables, and the first read never ends. */
export const firstReadHangs = (): Layer.Layer<never> => {
  let reads = 0
  const none = ConfigProvider.fromMap(new Map())
  return Layer.setConfigProvider(ConfigProvider.make({
    load: (config) => reads++ === 0 ? Effect.never : none.load(config),
    flattened: none.flattened
  }))
}
