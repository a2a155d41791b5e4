/**
 * Which host the STS requests go to.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { hostOf, regional } from "../wire/endpoint.ts"

/** Where the requests of a role go. Without it, the variables decide; without these, `sts.aliyuncs.com` it is. */
export interface StsEndpoint {
  /** A host such as `sts.cn-hangzhou.aliyuncs.com`. A scheme and a slash at the end are dropped: it is always https. */
  readonly endpoint?: string | undefined
  /** A region such as `cn-hangzhou`, for `sts.cn-hangzhou.aliyuncs.com`. */
  readonly region?: string | undefined
  /** Whether to ask the region's endpoint inside the VPC. Has no effect without a region. */
  readonly vpc?: boolean | undefined
}

/** What the environment says of it. @internal */
export interface StsVariables {
  readonly endpoint: Option.Option<string>
  readonly region: Option.Option<string>
  readonly vpc: Option.Option<boolean>
}

/** @internal */
export interface Resolved {
  readonly host: string
  /** The VPC endpoint was asked for, and there is none without a region. */
  readonly vpcIgnored: boolean
}

/** A host, or which of the names given is not one. @internal */
export const resolve = (options: StsEndpoint, variables: StsVariables): Either.Either<Resolved, string> => {
  const vpc = options.vpc ?? Option.getOrElse(variables.vpc, () => false)
  const resolved = Either.map((host: string): Resolved => ({ host, vpcIgnored: false }))
  const ofEndpoint = (endpoint: string, at: string) => resolved(hostOf(endpoint, at))
  const ofRegion = (region: string, at: string) => resolved(regional("sts", region, vpc, at))
  if (options.endpoint) return ofEndpoint(options.endpoint, "sts.endpoint")
  if (options.region) return ofRegion(options.region, "sts.region")
  if (Option.isSome(variables.endpoint)) return ofEndpoint(variables.endpoint.value, "ALIBABA_CLOUD_STS_ENDPOINT")
  if (Option.isSome(variables.region)) return ofRegion(variables.region.value, "ALIBABA_CLOUD_STS_REGION")
  return Either.right({ host: "sts.aliyuncs.com", vpcIgnored: vpc })
}
