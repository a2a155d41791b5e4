/**
 * An EcsRamRole source with its own metadata service.
 */
import { Effect } from "effect"
import { EcsRamRole } from "effect-alicloud-credentials"
import type { LocalCloud } from "effect-alicloud-credentials/testing"
import { defaults, overCloud, requests, type Setup } from "./cloud.ts"

export const { instanceRole } = defaults

export const imds = (changes: Partial<LocalCloud.Imds>): Setup => ({
  world: { imds: { ...defaults.world.imds, ...changes } }
})

export const instanceSource = (options: EcsRamRole.EcsOptions = {}, setup?: Setup) =>
  overCloud(EcsRamRole.layer({ refresh: { jitter: 0 }, ...options }), setup)

/** The operation of each request so far, with a plus sign if the request has a token: `token credential+`. */
export const steps = Effect.map(
  requests,
  (all) =>
    all.map((request) => `${request.operation}${"x-aliyun-ecs-metadata-token" in request.headers ? "+" : ""}`).join(" ")
)
