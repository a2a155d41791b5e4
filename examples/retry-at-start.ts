/**
 * A program that does not start without credentials, and gives the network of a new machine a few seconds to come up.
 * Errors that another try cannot mend end the start at once. So does a metadata service that is merely guessed at: name
 * the role in `ALIBABA_CLOUD_ECS_METADATA` to wait for it.
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
  yield* Console.log(`started, with credentials of the chain ${name}`)
})

program.pipe(
  Effect.provide(Live),
  Effect.tapError((error) => Console.error(error.message)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
