/**
 * A program that does not start without credentials, and retries for a few seconds while the network of a new machine
 * comes up. It stops at once on errors that a retry cannot fix. A metadata service that does not answer counts as such
 * an error, unless `ALIBABA_CLOUD_ECS_METADATA` names the role.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schedule } from "effect"
import { type CredentialError, CredentialProvider } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const whileTransient = Schedule.exponential("200 millis").pipe(
  Schedule.jittered,
  Schedule.upTo("15 seconds"),
  Schedule.whileInput((error: CredentialError.CredentialError) => error.isTransient)
)

const Live = CredentialProvider.eager(NodeCredentials.layerStrict).pipe(Layer.retry(whileTransient))

const program = Effect.gen(function*() {
  const { name } = yield* CredentialProvider.CredentialProvider
  yield* Console.log(`started with credentials of the chain ${name}`)
})

program.pipe(
  Effect.provide(Live),
  Effect.tapError((error) => Console.error(error.message)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
