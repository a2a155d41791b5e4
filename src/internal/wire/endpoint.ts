/**
 * Host names from configured endpoints and regions.
 */
import * as Either from "effect/Either"

const strip = (endpoint: string): string => endpoint.trim().replace(/^https?:\/\//i, "").replace(/\/$/, "")

/** @internal */
export const isHost = (endpoint: string): boolean => /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(strip(endpoint))

/** @internal */
export const isRegion = (region: string): boolean => /^[a-z0-9-]+$/i.test(region)

/** A host with or without a port; drops a scheme and a trailing slash. @internal */
export const hostOf = (endpoint: string, at: string): Either.Either<string, string> =>
  isHost(endpoint) ? Either.right(strip(endpoint)) : Either.left(`${at} is not a host name`)

/** The endpoint of a product in a region, from outside or from inside a VPC. @internal */
export const regional = (product: string, region: string, vpc: boolean, at: string): Either.Either<string, string> =>
  isRegion(region)
    ? Either.right(`${vpc ? `${product}-vpc` : product}.${region}.aliyuncs.com`)
    : Either.left(`${at} is not a region id`)
