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

/** The parts of a request that the signature covers. @internal */
export interface Signable {
  readonly method: string
  /** From {@link canonicalPath}. */
  readonly path: string
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
  /** All headers; the signature covers only some of them. */
  readonly headers: Readonly<Record<string, string>>
  /** The hash of the body, in lower-case hexadecimal. */
  readonly payloadHash: string
}

/** @internal */
export const hash = (bytes: Uint8Array): string => bytesToHex(sha256(bytes))

/**
 * The path with each segment strictly percent-encoded. It must also be sent in this form, because servers differ in how
 * they encode `+`, `*` and parentheses. Fails if escapes are not UTF-8.
 *
 * @internal
 */
export const canonicalPath = (path: string): Either.Either<string, string> =>
  Either.try({
    try: () => path.split("/").map((segment) => percentEncode(percentDecode(segment))).join("/"),
    catch: () => "the path has escapes that are not UTF-8"
  })

// A percent sign that does not begin an escape is literal.
const percentDecode = (text: string): string => decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, "%25"))

const isSigned = (name: string): boolean => name.startsWith("x-acs-") || name === "host" || name === "content-type"

/** The signed headers, sorted by lower-case name; repeated values of a name are joined. */
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
