/**
 * The role of the ECS or ECI instance that the program runs on. With the name of the role, the library sends one
 * request less, and fails if the instance has another role.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { CredentialProvider, EcsRamRole } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const InstanceRole = EcsRamRole.layer({ roleName: "web", disableImdsV1: true }).pipe(
  Layer.provide(NodeCredentials.layerHttpClient)
)

const program = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`${credentials.provider} gave: ${credentials._tag}`)
})

program.pipe(Effect.provide(InstanceRole), NodeRuntime.runMain)
