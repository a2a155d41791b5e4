/**
 * Only the variables that every official tool reads first: `ALIBABA_CLOUD_ACCESS_KEY_ID`,
 * `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, for a session, `ALIBABA_CLOUD_SECURITY_TOKEN`. The layer fails to build if
 * they are missing, so you can fall back to another layer.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { CredentialProvider, Environment } from "effect-alicloud-credentials"

const program = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`${credentials.provider} gave: ${credentials._tag}`)
})

program.pipe(
  Effect.provide(Environment.layer),
  Effect.catchTag("CredentialsNotConfigured", (error) => Console.log(error.message)),
  NodeRuntime.runMain
)
