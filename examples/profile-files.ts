/**
 * A tool for people who signed in with the CLI, or have an INI file of the SDKs. It uses one of their profiles and no
 * other source of the machine.
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
  // For example, if a login of the CLI has expired, the message names the command to run.
  Effect.catchTag("CredentialChainError", (error) => Console.error(error.message))
)

program.pipe(Effect.provide(Credentials), NodeRuntime.runMain)
