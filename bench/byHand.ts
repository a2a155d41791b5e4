/**
 * A signature (ACS3-HMAC-SHA256) as a program writes it that needs nothing else: with node:crypto, and without checks.
 */
import { createHash, createHmac, randomUUID } from "node:crypto"
import { key } from "./sessions.ts"

export interface Request {
  readonly method: string
  readonly host: string
  /** Sorted by name. */
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | undefined
}

const algorithm = "ACS3-HMAC-SHA256"

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex")

export const emptyHash = sha256("")

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

export const queryString = (query: Request["query"]): string =>
  query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&")

const isSigned = (name: string): boolean => name.startsWith("x-acs-") || name === "host" || name === "content-type"

/** The headers of the request, signed with a session. */
export const sign = ({ body, headers, host, method, query }: Request): Record<string, string> => {
  const hash = body === undefined ? emptyHash : sha256(body)
  const all: Record<string, string> = {
    ...headers,
    host,
    "x-acs-content-sha256": hash,
    "x-acs-date": `${new Date().toISOString().slice(0, 19)}Z`,
    "x-acs-signature-nonce": randomUUID(),
    "x-acs-accesskey-id": key.id,
    "x-acs-security-token": key.token
  }
  const names = Object.keys(all).filter(isSigned).sort()
  const lines = names.map((name) => `${name}:${all[name]}\n`).join("")
  const signed = names.join(";")
  const canonical = `${method}\n/\n${queryString(query)}\n${lines}\n${signed}\n${hash}`
  const signature = createHmac("sha256", key.secret).update(`${algorithm}\n${sha256(canonical)}`).digest("hex")
  all["authorization"] = `${algorithm} Credential=${key.id},SignedHeaders=${signed},Signature=${signature}`
  return all
}
