/**
 * Two accounts in one program, for example to copy data between them. Each account has its own tag with the service
 * type of `CredentialProvider`, and any source can provide it. Here both roles are assumed with the same default chain.
 * Each account then has its own client of an official SDK.
 */
import Ecs, { DescribeInstancesRequest } from "@alicloud/ecs20140526"
import { $OpenApiUtil } from "@alicloud/openapi-core"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Context, Effect, Layer } from "effect"
import { AlicloudSdk, CredentialProvider, RamRoleArn } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

class Source extends Context.Tag("app/Source")<Source, CredentialProvider.Service>() {}
class Target extends Context.Tag("app/Target")<Target, CredentialProvider.Service>() {}

const Accounts = Layer.mergeAll(
  Layer.effect(Source, CredentialProvider.CredentialProvider).pipe(
    Layer.provide(RamRoleArn.layer({ roleArn: "acs:ram::123456789012:role/reader" }))
  ),
  Layer.effect(Target, CredentialProvider.CredentialProvider).pipe(
    Layer.provide(RamRoleArn.layer({ roleArn: "acs:ram::210987654321:role/writer" }))
  )
).pipe(
  Layer.provide(NodeCredentials.layer),
  Layer.provide(NodeCredentials.layerHttpClient)
)

const client = (credential: AlicloudSdk.SdkCredential) =>
  new Ecs.default(new $OpenApiUtil.Config({ credential, regionId: "cn-hangzhou", endpoint: "ecs.aliyuncs.com" }))

const count = (ecs: ReturnType<typeof client>) =>
  Effect.tryPromise(() => ecs.describeInstances(new DescribeInstancesRequest({ regionId: "cn-hangzhou" }))).pipe(
    Effect.map(({ body }) => body?.totalCount ?? 0)
  )

const program = Effect.gen(function*() {
  const source = client(yield* AlicloudSdk.fromService(yield* Source))
  const target = client(yield* AlicloudSdk.fromService(yield* Target))
  const [from, to] = yield* Effect.all([count(source), count(target)], { concurrency: "unbounded" })
  yield* Console.log(`${from} instances in the source account, ${to} in the target account`)
})

program.pipe(Effect.provide(Accounts), NodeRuntime.runMain)
