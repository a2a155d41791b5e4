/**
 * A session that somebody else obtained, for example one that a build server handed to this job. It is used as it is
 * and never renewed, so that it suits short programs.
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
