/**
 * A program that switches between the profiles of its user while it runs. The Python SDK does this with `client_type`
 * for the whole process; here each effect chooses its own profile.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { CredentialProvider, Profiles } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const work = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`working with ${credentials.provider}`)
})

const program = Effect.forEach(
  ["client1", "client2"],
  (profile) =>
    Effect.provide(work, Profiles.get(profile)).pipe(
      Effect.catchTag("CredentialsMisconfigured", (error) => Console.error(error.message))
    ),
  { concurrency: "unbounded", discard: true }
)

program.pipe(
  Effect.provide(Layer.provide(Profiles.layer({ idleTimeToLive: "5 minutes" }), NodeCredentials.layerPlatform)),
  NodeRuntime.runMain
)
