/**
 * CLI profiles of mode AK, and shortcuts to get their credentials.
 */
import { Effect } from "effect"
import { CliProfile } from "effect-alicloud-credentials"
import type { Fields } from "./configFiles.ts"
import { idOf } from "./credentials.ts"

export const ak = (name: string, id: string = name): Fields => ({
  name,
  mode: "AK",
  access_key_id: id,
  access_key_secret: "example-secret"
})

export const getProfile = (options?: CliProfile.ProfileOptions) =>
  Effect.scoped(Effect.flatMap(CliProfile.make(options), (provider) => provider.get))

export const getId = (options?: CliProfile.ProfileOptions) => Effect.map(getProfile(options), idOf)

export const failureOf = (options?: CliProfile.ProfileOptions) => Effect.flip(getId(options))
