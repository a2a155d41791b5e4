/**
 * Which host the requests to STS go to.
 */
import * as Config from "effect/Config"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { StsEndpoint } from "../../RamRoleArn.ts"
import * as variables from "../variables.ts"
import { hostOf, regional } from "../wire/endpoint.ts"

/** What the environment says. @internal */
export interface StsVariables {
  readonly endpoint: Option.Option<string>
  readonly region: Option.Option<string>
  readonly vpc: Option.Option<boolean>
}

/** @internal */
export const environment: Config.Config<StsVariables> = Config.all({
  endpoint: variables.stsEndpoint,
  region: variables.stsRegion,
  vpc: variables.vpcEndpointEnabled
})

/** @internal */
export interface Resolved {
  readonly host: string
  /** The VPC endpoint was requested, but only regions have one. */
  readonly vpcIgnored: boolean
}

/** @internal */
export const globalHost = "sts.aliyuncs.com"

/** A host, or which of the given names is not one. @internal */
export const resolve = (options: StsEndpoint, given: StsVariables): Either.Either<Resolved, string> => {
  const vpc = options.vpc ?? Option.getOrElse(given.vpc, () => false)
  const resolved = Either.map((host: string): Resolved => ({ host, vpcIgnored: false }))
  const ofEndpoint = (endpoint: string, at: string) => resolved(hostOf(endpoint, at))
  const ofRegion = (region: string, at: string) => resolved(regional("sts", region, vpc, at))
  if (options.endpoint) return ofEndpoint(options.endpoint, "sts.endpoint")
  if (options.region) return ofRegion(options.region, "sts.region")
  if (Option.isSome(given.endpoint)) return ofEndpoint(given.endpoint.value, variables.names.stsEndpoint)
  if (Option.isSome(given.region)) return ofRegion(given.region.value, variables.names.stsRegion)
  return Either.right({ host: globalHost, vpcIgnored: vpc })
}
