/**
 * Signature version 1.0 of RPC-style calls: HMAC-SHA1 over every parameter of query and form.
 */
import { canonicalQuery, percentEncode } from "../wire/encode.ts"
import { type Hashing, hashing } from "../wire/hash.ts"

/** @internal */
export const stringToSign = (method: string, parameters: Readonly<Record<string, string>>): string =>
  `${method}&%2F&${percentEncode(canonicalQuery(parameters))}`

/** @internal */
export const sign = (
  method: string,
  parameters: Readonly<Record<string, string>>,
  accessKeySecret: string,
  by: Hashing = hashing()
): string => by.hmacSha1(`${accessKeySecret}&`, stringToSign(method, parameters))
