/**
 * A RAM role, assumed with the credentials of the layer below, for a program whose key may only assume this role. The
 * session is renewed before it expires.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, DateTime, Effect, Layer, Option } from "effect"
import { CredentialProvider, Credentials, Environment, RamRoleArn } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const Deploy = RamRoleArn.layer({
  roleArn: "acs:ram::123456789012:role/deploy",
  roleSessionName: "nightly-build",
  duration: "15 minutes"
}).pipe(
  Layer.provide(Environment.layer),
  Layer.provide(NodeCredentials.layerHttpClient)
)

const program = Effect.gen(function*() {
  const session = yield* CredentialProvider.get
  const end = Option.map(Credentials.expiration(session), DateTime.formatIso)
  yield* Console.log(`${session.provider} gave: ${session._tag}, valid until ${Option.getOrThrow(end)}`)
})

program.pipe(Effect.provide(Deploy), NodeRuntime.runMain)
