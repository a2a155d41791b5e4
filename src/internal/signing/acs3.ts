/**
 * ACS3-HMAC-SHA256, the third version of the signature of Alibaba Cloud's APIs:
 * https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
 */
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import * as Either from "effect/Either"
import { canonicalPairs, percentEncode } from "../wire/encode.ts"

const algorithm = "ACS3-HMAC-SHA256"

/** What of a request a signature covers. @internal */
export interface Signable {
  readonly method: string
  /** As {@link canonicalPath} gives it. */
  readonly path: string
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
  /** All of them; those that count are picked. */
  readonly headers: Readonly<Record<string, string>>
  /** The hash of the body, in lower-case hexadecimal. */
  readonly payloadHash: string
}

/** @internal */
export const hash = (bytes: Uint8Array): string => bytesToHex(sha256(bytes))

/**
 * A path with each segment encoded in the one way that every reading of the rules agrees with. It has to be sent like
 * this too, since servers differ in what they make of `+`, `*` and parentheses. Escapes of anything but UTF-8 have no
 * such form.
 *
 * @internal
 */
export const canonicalPath = (path: string): Either.Either<string, string> =>
  Either.try({
    try: () => path.split("/").map((segment) => percentEncode(percentDecode(segment))).join("/"),
    catch: () => "the path has escapes that are not UTF-8"
  })

// A percent sign that begins no escape stands for itself.
const percentDecode = (text: string): string => decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, "%25"))

const isSigned = (name: string): boolean => name.startsWith("x-acs-") || name === "host" || name === "content-type"

/** The headers that count, names in lower case and in order; the values of a name that occurs twice in one. */
const signedHeaders = (headers: Readonly<Record<string, string>>): ReadonlyArray<readonly [string, string]> => {
  const values = new Map<string, ReadonlyArray<string>>()
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase()
    if (isSigned(lower)) values.set(lower, [...(values.get(lower) ?? []), value.trim()].sort())
  }
  return [...values.keys()].sort().map((name) => [name, (values.get(name) ?? []).join(",")])
}

const namesOf = (headers: ReadonlyArray<readonly [string, string]>): string => headers.map(([name]) => name).join(";")

/** @internal */
export const canonicalRequest = (request: Signable): string => {
  const headers = signedHeaders(request.headers)
  return [
    request.method,
    request.path,
    canonicalPairs(request.query),
    headers.map(([name, value]) => `${name}:${value}\n`).join(""),
    namesOf(headers),
    request.payloadHash
  ].join("\n")
}

/** @internal */
export const stringToSign = (canonical: string): string => `${algorithm}\n${hash(utf8ToBytes(canonical))}`

/** @internal */
export const sign = (text: string, accessKeySecret: string): string =>
  bytesToHex(hmac(sha256, utf8ToBytes(accessKeySecret), utf8ToBytes(text)))

/** The value of the `Authorization` header. @internal */
export const authorization = (request: Signable, accessKeyId: string, accessKeySecret: string): string => {
  const signature = sign(stringToSign(canonicalRequest(request)), accessKeySecret)
  const names = namesOf(signedHeaders(request.headers))
  return `${algorithm} Credential=${accessKeyId},SignedHeaders=${names},Signature=${signature}`
}
