/**
 * Signature version 1.0 of RPC-style calls: HMAC-SHA1 over every parameter of query and form.
 */
import { hmac } from "@noble/hashes/hmac.js"
import { sha1 } from "@noble/hashes/legacy.js"
import { utf8ToBytes } from "@noble/hashes/utils.js"
import * as Encoding from "effect/Encoding"
import { canonicalQuery, percentEncode } from "../wire/encode.ts"

/** @internal */
export const stringToSign = (method: string, parameters: Readonly<Record<string, string>>): string =>
  `${method}&%2F&${percentEncode(canonicalQuery(parameters))}`

/** @internal */
export const sign = (
  method: string,
  parameters: Readonly<Record<string, string>>,
  accessKeySecret: string
): string =>
  Encoding.encodeBase64(
    hmac(sha1, utf8ToBytes(`${accessKeySecret}&`), utf8ToBytes(stringToSign(method, parameters)))
  )
