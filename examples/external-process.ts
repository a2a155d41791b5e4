/**
 * Keys that your own program prints, for example a password manager. It runs without a shell, once for all concurrent
 * callers, and again before the printed credentials expire.
 */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import { CredentialProvider, ExternalProcess } from "effect-alicloud-credentials"

// KEY_COMMAND="/usr/local/bin/keys --account 'big data'", which prints
// { "mode": "StsToken", "access_key_id": …, "access_key_secret": …, "sts_token": …,
//   "expiration": "2030-01-01T00:00:00Z" }
const Credentials = ExternalProcess.layerConfig({ command: Config.redacted("KEY_COMMAND") }).pipe(
  Layer.provide(NodeContext.layer)
)

const program = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`${credentials.provider} gave: ${credentials._tag}`)
})

program.pipe(Effect.provide(Credentials), NodeRuntime.runMain)
