/**
 * ACS3-HMAC-SHA256, the third version of the signature of Alibaba Cloud's APIs:
 * https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
 */
import * as Either from "effect/Either"
import { byName, canonicalPairs, percentEncode } from "../wire/encode.ts"
import { type Hashing, hashing } from "../wire/hash.ts"

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
  const values = new Map<string, string | Array<string>>()
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase()
    if (!isSigned(lower)) continue
    const known = values.get(lower)
    values.set(lower, known === undefined ? value.trim() : [known, value.trim()].flat())
  }
  return [...values].sort(byName).map(([name, value]) => [name, typeof value === "string" ? value : joined(value)])
}

const joined = (values: ReadonlyArray<string>): string => [...values].sort().join(",")

const namesOf = (headers: ReadonlyArray<readonly [string, string]>): string => headers.map(([name]) => name).join(";")

/** @internal */
export const canonicalRequest = (request: Signable): string => canonical(request, signedHeaders(request.headers))

const canonical = (
  { method, path, payloadHash, query }: Signable,
  headers: ReadonlyArray<readonly [string, string]>
): string => {
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join("")
  return `${method}\n${path}\n${canonicalPairs(query)}\n${lines}\n${namesOf(headers)}\n${payloadHash}`
}

/** @internal */
export const stringToSign = (canonical: string, by: Hashing = hashing()): string =>
  `${algorithm}\n${by.sha256(canonical)}`

/** @internal */
export const sign = (text: string, accessKeySecret: string, by: Hashing = hashing()): string =>
  by.hmacSha256(accessKeySecret, text)

/** The value of the `Authorization` header. @internal */
export const authorization = (
  request: Signable,
  accessKeyId: string,
  accessKeySecret: string,
  by: Hashing = hashing()
): string => {
  const headers = signedHeaders(request.headers)
  const signature = sign(stringToSign(canonical(request, headers), by), accessKeySecret, by)
  return `${algorithm} Credential=${accessKeyId},SignedHeaders=${namesOf(headers)},Signature=${signature}`
}
