/**
 * Lists the regions of ECS without an SDK: a signed call, an answer decoded by a schema, and typed errors.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer, Schedule, Schema } from "effect"
import { OpenApi, SignedHttpClient } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const Regions = Schema.Struct({
  Regions: Schema.Struct({
    Region: Schema.Array(Schema.Struct({ RegionId: Schema.String, LocalName: Schema.String }))
  })
})

const program = Effect.gen(function*() {
  const region = yield* Config.withDefault(Config.string("ALIBABA_CLOUD_REGION_ID"), "cn-hangzhou")
  const answer = yield* OpenApi.call({
    endpoint: `ecs.${region}.aliyuncs.com`,
    action: "DescribeRegions",
    version: "2014-05-26",
    parameters: { AcceptLanguage: "en-US" },
    schema: Regions
  }).pipe(
    Effect.retry({ while: (error) => error.isTransient, schedule: Schedule.exponential("200 millis"), times: 3 })
  )
  for (const { LocalName, RegionId } of answer.Regions.Region) yield* Console.log(`${RegionId} ${LocalName}`)
}).pipe(
  Effect.catchTag("OpenApiError", (error) => Console.error(`${error.message}\n${error.recommend ?? ""}`))
)

const Live = SignedHttpClient.layer().pipe(
  Layer.provide([NodeCredentials.layer, NodeCredentials.layerHttpClient])
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
