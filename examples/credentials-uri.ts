/**
 * Your own service that hands out sessions over HTTP, such as a sidecar or a development server. The address is read as
 * a secret, because it may contain a ticket.
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
