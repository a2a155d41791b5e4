import type { DurationInput } from "effect/Duration"
import type { ServiceName, World } from "../../World.ts"
import { issuedSecrets, type State } from "../cloud/state.ts"
import type { Action } from "./action.ts"
import type { CloudService } from "./cloudService.ts"
import { cloudSso } from "./cloudSso.ts"
import { describeRegions } from "./describeRegions.ts"
import { getSecretValue } from "./getSecretValue.ts"
import { imds } from "./imds.ts"
import { oauth } from "./oauth.ts"
import { openApi } from "./openApi.ts"
import { stsActions } from "./sts.ts"
import { uri } from "./uri.ts"

const actions: ReadonlyArray<Action> = [
  ...stsActions,
  describeRegions,
  getSecretValue
]

/**
 * Every service. The API gateway is the last: it takes each request that names an action.
 *
 * @internal
 */
export const services: ReadonlyArray<CloudService> = [imds, uri, cloudSso, oauth, openApi(actions)]

/** @internal */
export const withLifetime = (world: World, service: ServiceName, lifetime: DurationInput): World =>
  services.reduce((changed, { lifetimes }) => lifetimes?.[service]?.(changed, lifetime) ?? changed, world)

/**
 * The secrets of the world and every issued secret.
 *
 * @internal
 */
export const allSecrets = (state: State): ReadonlyArray<string> => [
  ...new Set([...services.flatMap((service) => service.secrets?.(state.world) ?? []), ...issuedSecrets(state)])
]
