/**
 * Keys that a program of one's own prints, such as a password manager. It is run without a shell, once for however many
 * ask, and again before what it printed ends.
 */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import { CredentialProvider, ExternalProcess } from "effect-alicloud-credentials"

// KEY_COMMAND="/usr/local/bin/keys --account 'big data'", which prints
// {"mode": "StsToken", "access_key_id": …, "access_key_secret": …, "sts_token": …, "expiration": "2030-01-01T00:00:00Z"}
const Credentials = ExternalProcess.layerConfig({ command: Config.redacted("KEY_COMMAND") }).pipe(
  Layer.provide(NodeContext.layer)
)

const program = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`${credentials.provider} gave: ${credentials._tag}`)
})

program.pipe(Effect.provide(Credentials), NodeRuntime.runMain)
