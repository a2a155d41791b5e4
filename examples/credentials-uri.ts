/**
 * A service of your own that hands out sessions over HTTP, such as a side-car or a development server. The address may
 * hold a ticket, so that it is read as a secret.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import { CredentialProvider, CredentialsUri } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const KeyService = CredentialsUri.layerConfig({
  uri: Config.redacted("KEY_SERVICE")
}).pipe(
  Layer.provide(NodeCredentials.layerHttpClient)
)

const program = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`${credentials.provider} gave: ${credentials._tag}`)
})

program.pipe(Effect.provide(KeyService), NodeRuntime.runMain)
