/**
 * A session that another program requested, for example a build server for this job. It is never renewed, so it is
 * meant for short programs.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Redacted } from "effect"
import { CredentialProvider, StaticCredentials } from "effect-alicloud-credentials"

const Session = StaticCredentials.layerStsToken({
  accessKeyId: "STS.Example",
  accessKeySecret: Redacted.make("example-secret"),
  securityToken: Redacted.make("example-token")
})

const program = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`${credentials.provider} gave: ${credentials._tag}`)
})

program.pipe(Effect.provide(Session), NodeRuntime.runMain)
