/**
 * The place to start: credentials from the first source that works on this machine, in the order of the official tools.
 * Provide the layer once, at the edge of the program, so that the whole program shares one cache.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { CredentialProvider } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const program = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`${credentials.provider} gave: ${credentials._tag}`)
})

program.pipe(Effect.provide(NodeCredentials.layer), NodeRuntime.runMain)
