/** The programs that need no files, on an edge runtime, whose variables come as an argument. */
import { ConfigProvider, Effect, Layer } from "effect"
import { portable, run } from "./run.ts"

export default {
  test: (_controller: unknown, env: unknown) =>
    Effect.runPromise(Effect.provide(run(portable), Layer.setConfigProvider(ConfigProvider.fromJson(env))))
}
