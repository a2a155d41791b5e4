/**
 * A bearer token, for the few services that accept one instead of a signature, such as Cloud Call Center. Code that
 * needs a key pair distinguishes the kinds with `Credentials.match`.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import { CredentialProvider, Credentials, StaticCredentials } from "effect-alicloud-credentials"

const CallCenterToken = Layer.unwrapEffect(
  Effect.map(Config.redacted("CALL_CENTER_TOKEN"), StaticCredentials.layerBearerToken)
)

const authorization = Credentials.match({
  AccessKey: (key) => `a signature with ${key.accessKeyId}`,
  StsToken: (session) => `a signature with ${session.accessKeyId} and its token`,
  BearerToken: () => "the token itself"
})

const program = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`requests contain ${authorization(credentials)}`)
})

program.pipe(Effect.provide(CallCenterToken), NodeRuntime.runMain)
