import { ConfigProvider, Layer } from "effect"

export type Texts = Readonly<Record<string, string>>

/** Only these variables, never those of the machine. */
export const variables = (entries: Texts = {}): Layer.Layer<never> =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(entries))))

export const noVariables = variables()
