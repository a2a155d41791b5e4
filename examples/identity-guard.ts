/**
 * A program that does not start with the credentials of another account.
 *
 * EXPECTED_ACCOUNT=123456789012 npx tsx examples/identity-guard.ts
 */
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import { CallerIdentity, CredentialProvider } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const program = Effect.gen(function*() {
  const { provider } = yield* CredentialProvider.get
  yield* Console.log(`starting with the credentials of ${provider}`)
})

const Guard = Layer.unwrapEffect(
  Effect.map(Config.string("EXPECTED_ACCOUNT"), (accountId) => CallerIdentity.guard({ accountId }))
)

const Live = Guard.pipe(
  Layer.provideMerge(NodeCredentials.layer),
  Layer.provide(NodeCredentials.layerHttpClient)
)

program.pipe(
  Effect.provide(Live),
  Effect.catchTag("UnexpectedIdentity", (error) => Console.error(error.message)),
  NodeRuntime.runMain
)
