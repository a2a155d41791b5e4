import { mergeConfig } from "vitest/config"
import base from "../../vitest.config.ts"

const { projects: _, ...test } = base.test ?? {}

export default mergeConfig(
  { resolve: base.resolve ?? {}, test },
  { root: import.meta.dirname, test: { include: ["*.test.ts"] } }
)
