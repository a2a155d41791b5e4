/**
 * The official SDK of ECS, or any other generated SDK, with credentials of this library. The SDK reads the credentials
 * for each request, so it never signs with an expired session.
 */
import Ecs, { DescribeRegionsRequest } from "@alicloud/ecs20140526"
import { $OpenApiUtil } from "@alicloud/openapi-core"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { AlicloudSdk } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const program = Effect.gen(function*() {
  const credential = yield* AlicloudSdk.make
  const client = new Ecs.default(
    new $OpenApiUtil.Config({ credential, regionId: "cn-hangzhou", endpoint: "ecs.aliyuncs.com" })
  )
  const { body } = yield* Effect.tryPromise(() => client.describeRegions(new DescribeRegionsRequest({})))
  for (const region of body?.regions?.region ?? []) yield* Console.log(`${region.regionId} ${region.localName}`)
})

program.pipe(Effect.provide(NodeCredentials.layer), NodeRuntime.runMain)
