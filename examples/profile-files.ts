/**
 * A tool for people who have signed in with the CLI, or have an INI file of the SDKs: one profile of theirs, and nothing
 * that a machine might have besides.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { CliProfile, CredentialChain, CredentialProvider, IniProfile } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const Credentials = CliProfile.layerEnv.pipe(
  CredentialChain.orElse(() => IniProfile.layerEnv),
  Layer.provide(NodeCredentials.layerPlatform)
)

const program = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`${credentials.provider} gave: ${credentials._tag}`)
}).pipe(
  // A sign-in of the CLI has ended: the error has the command that mends it.
  Effect.catchTag("CredentialChainError", (error) => Console.error(error.message))
)

program.pipe(Effect.provide(Credentials), NodeRuntime.runMain)
