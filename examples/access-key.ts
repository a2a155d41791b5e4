/**
 * The key pair of a RAM user, read from your own configuration, for machines outside of Alibaba Cloud. Prefer a role if
 * you can: its keys expire on their own.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect } from "effect"
import { CredentialProvider, StaticCredentials } from "effect-alicloud-credentials"

const BillingKey = StaticCredentials.layerConfig({
  accessKeyId: Config.string("BILLING_KEY_ID"),
  accessKeySecret: Config.redacted("BILLING_KEY_SECRET")
})

const program = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(credentials) // the secret prints as <redacted>
})

program.pipe(Effect.provide(BillingKey), NodeRuntime.runMain)
