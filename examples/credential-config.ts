/**
 * A `Config` object of the official SDKs, for example from an existing configuration file. The program fails at the
 * start with an error that lists everything that is wrong with the object.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import { CredentialConfig, CredentialProvider } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

// CREDENTIAL_CONFIG='{"type": "ecs_ram_role", "role_name": "web", "disable_imds_v1": true}'
const Credentials = Layer.unwrapEffect(
  Config.nonEmptyString("CREDENTIAL_CONFIG").pipe(
    Effect.flatMap((text) => Effect.try(() => JSON.parse(text) as unknown)),
    Effect.map(CredentialConfig.layer)
  )
).pipe(
  Layer.provide(NodeCredentials.layerPlatform)
)

const program = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`${credentials.provider} gave: ${credentials._tag}`)
})

program.pipe(Effect.provide(Credentials), NodeRuntime.runMain)
