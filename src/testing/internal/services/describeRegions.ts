import * as Either from "effect/Either"
import type { Action } from "./action.ts"

/** @internal */
export const describeRegions: Action = {
  version: "2014-05-26",
  name: "DescribeRegions",
  signed: true,
  perform: ({ state }) => {
    const Region = state.world.regions.map((id) => ({
      RegionId: id,
      RegionEndpoint: `ecs.${id}.aliyuncs.com`,
      LocalName: id
    }))
    return Either.right({ state, body: { Regions: { Region } } })
  }
}
