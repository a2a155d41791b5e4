/** The role of the instance, by version 2 of the metadata service only. */
import { Effect } from "effect"
import { EcsRamRole } from "effect-alicloud-credentials"
import { areOf } from "./cloud.ts"

export const ecs = Effect.provide(
  areOf(/assumed-role\/local-instance-role\//),
  EcsRamRole.layer({ disableImdsV1: true })
)
