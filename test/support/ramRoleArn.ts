/**
 * A RamRoleArn source with its own local cloud.
 */
import { assert } from "@effect/vitest"
import { DateTime, Effect, Layer, Option } from "effect"
import { Credentials, RamRoleArn } from "effect-alicloud-credentials"
import type { LocalCloud } from "effect-alicloud-credentials/testing"
import { defaults, overCloud, requests, type Setup, user } from "./cloud.ts"

export const { otherRoleArn, roleArn } = defaults

export const roleSource = (options: Partial<RamRoleArn.RoleOptions> = {}, setup?: Setup, base = user) =>
  overCloud(Layer.provide(RamRoleArn.layer({ roleArn, refresh: { jitter: 0 }, ...options }), base), setup)

export const onlyRequest = Effect.map(requests, (all) => {
  assert.lengthOf(all, 1)
  return all[0] as LocalCloud.RequestRecord
})

export const expirationOf = (credentials: Credentials.Credentials) =>
  Option.getOrThrow(Option.map(Credentials.expiration(credentials), DateTime.toEpochMillis))
