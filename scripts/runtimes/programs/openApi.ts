/** A signed call, whose answer is decoded by a schema. */
import { Effect, Layer, Schema } from "effect"
import { CredentialsUri, OpenApi, SignedHttpClient } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { expected } from "./cloud.ts"

const regions = OpenApi.call({
  endpoint: "ecs.cn-hangzhou.aliyuncs.com",
  action: "DescribeRegions",
  version: "2014-05-26",
  schema: Schema.Struct({
    Regions: Schema.Struct({ Region: Schema.Array(Schema.Struct({ RegionId: Schema.String })) })
  })
})

export const openApi = Effect.flatMap(
  regions,
  ({ Regions: { Region } }) => expected(Region.map(({ RegionId }) => RegionId).join(" "), /^cn-hangzhou cn-shanghai /)
).pipe(Effect.provide(
  Layer.provide(SignedHttpClient.layer(), CredentialsUri.layer({ uri: LocalCloud.defaults.credentialsUri }))
))
