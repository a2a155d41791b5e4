/**
 * The AccessKey pair of a RAM user that KMS stores and rotates, read with the credentials of this machine. The program
 * contains no key. When KMS rotates the key, the program uses the new one.
 *
 * KMS_SECRET=acs/ram/user/billing ALIBABA_CLOUD_REGION_ID=cn-hangzhou npx tsx examples/kms-secret.ts
 */
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import { CallerIdentity, KmsSecret } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const program = Effect.gen(function*() {
  const identity = yield* CallerIdentity.get()
  yield* Console.log(`the key of ${identity.arn}`)
})

const Live = KmsSecret.layerConfig({
  secretName: Config.string("KMS_SECRET"),
  region: Config.string("ALIBABA_CLOUD_REGION_ID")
}).pipe(
  Layer.provide(NodeCredentials.layer),
  Layer.provideMerge(NodeCredentials.layerHttpClient)
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
