/**
 * Credentials that are renewed although nobody asks, so that the first request after a quiet hour need not wait. The
 * timer of `NodeCredentials.keepWarm` does not hold the process; that of `CredentialProvider.keepWarm` runs everywhere.
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
