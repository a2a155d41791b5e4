/**
 * Credentials that are renewed while the program is idle, so that the first request after an idle hour does not wait.
 * The timer of `NodeCredentials.keepWarm` does not keep the process alive. `CredentialProvider.keepWarm` runs on every
 * runtime, but keeps a Node.js process alive.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { CredentialProvider } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const Warm = NodeCredentials.keepWarm("30 seconds").pipe(Layer.provideMerge(NodeCredentials.layer))

const program = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`${credentials.provider} gave: ${credentials._tag}`)
})

program.pipe(Effect.provide(Warm), NodeRuntime.runMain)
