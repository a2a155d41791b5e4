/**
 * Two accounts in one program, for example to copy data between them. Each account has its own tag with the service
 * type of `CredentialProvider`. Both roles are assumed with the same default chain.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Context, Effect, Layer } from "effect"
import { CredentialProvider, RamRoleArn } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

class Source extends Context.Tag("app/Source")<Source, CredentialProvider.Service>() {}
class Target extends Context.Tag("app/Target")<Target, CredentialProvider.Service>() {}

const role = (roleArn: string) =>
  Effect.flatMap(CredentialProvider.CredentialProvider, (source) => RamRoleArn.make({ source, roleArn }))

const Accounts = Layer.mergeAll(
  Layer.scoped(Source, role("acs:ram::123456789012:role/reader")),
  Layer.scoped(Target, role("acs:ram::210987654321:role/writer"))
).pipe(
  Layer.provide(NodeCredentials.layer),
  Layer.provide(NodeCredentials.layerHttpClient)
)

const program = Effect.gen(function*() {
  const { get: reader } = yield* Source
  const { get: writer } = yield* Target
  const [from, to] = yield* Effect.all([reader, writer], { concurrency: "unbounded" })
  yield* Console.log(`reading with ${from.provider}, writing with ${to.provider}`)
})

program.pipe(Effect.provide(Accounts), NodeRuntime.runMain)
