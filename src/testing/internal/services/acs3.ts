import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { type Params, percentEncode, sortByName, utf8 } from "../wire/encode.ts"

/** @internal */
export const algorithm = "ACS3-HMAC-SHA256"

/** @internal */
export interface Signable {
  readonly method: string
  /** Encoded, as it was sent. */
  readonly path: string
  readonly query: Params
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** @internal */
export interface Authorization {
  readonly accessKeyId: string
  readonly signedHeaders: ReadonlyArray<string>
  readonly signature: string
}

/** @internal */
export const hashBody = (body: Uint8Array): string => bytesToHex(sha256(body))

const reencode = (segment: string): string => {
  try {
    return percentEncode(decodeURIComponent(segment))
  } catch {
    return percentEncode(segment)
  }
}

const canonicalPath = (path: string): string => path.split("/").map(reencode).join("/")

const canonicalQuery = (query: Params): string =>
  sortByName(query).map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join("&")

/**
 * The headers of a request that its signature has to cover.
 *
 * @internal
 */
export const headersToSign = (headers: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.keys(headers)
    .filter((name) => name.startsWith("x-acs-") || name === "host" || name === "content-type")
    .sort()

/** @internal */
export const canonicalRequest = (request: Signable, signedHeaders: ReadonlyArray<string>): string => {
  const names = [...signedHeaders].sort()
  const headerLines = names.map((name) => `${name}:${(request.headers[name] ?? "").trim()}\n`).join("")
  return [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    headerLines,
    names.join(";"),
    hashBody(request.body)
  ].join("\n")
}

/** @internal */
export const stringToSign = (canonical: string): string => `${algorithm}\n${bytesToHex(sha256(utf8(canonical)))}`

/** @internal */
export const sign = (secret: string, text: string): string => bytesToHex(hmac(sha256, utf8(secret), utf8(text)))

const authorizationPattern =
  /^ACS3-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/

/** @internal */
export const parseAuthorization = (header: string): Authorization | undefined => {
  const [, accessKeyId, names, signature] = authorizationPattern.exec(header) ?? []
  if (accessKeyId === undefined || names === undefined || signature === undefined) return undefined
  return { accessKeyId, signedHeaders: names.split(";"), signature }
}
