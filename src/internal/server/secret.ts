/**
 * Random texts that nobody can guess, and comparisons that say nothing of where two texts differ.
 */
import * as Encoding from "effect/Encoding"
import { hashing } from "../wire/hash.ts"

/** 256 random bits, which can stand in a path. @internal */
export const random = (): string => Encoding.encodeBase64Url(crypto.getRandomValues(new Uint8Array(32)))

/** Compares hashes, whose time depends neither on the length of the secret nor on its beginning. @internal */
export const isSame = (left: string, right: string): boolean => {
  const [one, other] = [hashing().sha256(left), hashing().sha256(right)]
  let difference = 0
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return difference === 0
}
