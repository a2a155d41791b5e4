/** The key pair of the environment variables. */
import { Effect } from "effect"
import { Environment } from "effect-alicloud-credentials"
import { areOf } from "./cloud.ts"

export const environment = Effect.provide(areOf(/user\/local-user$/), Environment.layer)
