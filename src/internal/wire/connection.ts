/**
 * Connections that fail, in words, and what can be told from these words again: an error has no other place for it.
 */
import { type CredentialError, CredentialsUnavailable } from "../../CredentialError.ts"
import { holdsSecret } from "./disguise.ts"
import { Dialed, isDialing, type Lost, lostOf } from "./lost.ts"
import { quotable } from "./serverText.ts"

/** @internal */
export const hostOf = (url: string): string => {
  try {
    return new URL(url).host
  } catch {
    return "the server"
  }
}

/**
 * A failed connection to an address in words: the code that a runtime gives it, which is somewhere below the error of
 * the client, and the host that was dialed if it was another one.
 *
 * @internal
 */
export const noConnection = (cause: unknown, address: string): string => {
  const lost = lostOf(cause)
  const url = URL.canParse(address) ? new URL(address) : undefined
  return lost === undefined ? "no connection" : `no connection: ${wordsFor(lost, url)}`
}

/**
 * The description of an error that came from {@link noConnection} and lost its cause, or any other that may be shown.
 * The reference in the log of a runtime is a long word, which is otherwise taken for a secret.
 *
 * @internal
 */
export const describedConnection = (description: unknown, secrets: ReadonlyArray<string>): string | undefined =>
  typeof description === "string" && isReferenced.test(description) && !holdsSecret(description, secrets)
    ? description
    : quotable(description, secrets)

const isReferenced = /^no connection: internal error of the runtime, reference [a-z0-9]{10,40} in its log$/

const unresolved = new Set(["ENOTFOUND", "EAI_AGAIN"])

const untrusted = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_UNTRUSTED"
])

/** The error of a request that found no connection. @internal */
export const notConnected = (
  provider: string,
  address: string,
  cause: unknown
): CredentialError => {
  const lost = lostOf(cause)
  return new CredentialsUnavailable({
    provider,
    reason: `${hostOf(address)}: ${noConnection(cause, address)}`,
    hint: lost === undefined ? undefined : hintFor(lost.code, hostOf(address))
  })
}

const hintFor = (code: string, host: string): string | undefined => {
  if (untrusted.has(code)) {
    return "Trust the certificate of the proxy or firewall that intercepts TLS: NODE_EXTRA_CA_CERTS=/path/to/ca.pem"
  }
  return code === "EPERM" ? `Allow the program to connect to ${host}; with Deno: --allow-net=${host}` : undefined
}

/** The host that was dialed is that of a proxy if it is not the host of the URL. */
const wordsFor = ({ address, code, hostname, port }: Lost, url: URL | undefined): string => {
  if (unresolved.has(code)) {
    const isProxy = hostname !== undefined && url !== undefined && hostname !== bare(url.hostname)
    return `${isProxy ? "the host of the proxy" : "host"} does not resolve (${code})`
  }
  if (address === undefined || port === undefined || url === undefined) return code
  const dialed = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`
  if (port !== portOf(url)) return `${code} at ${dialed}, perhaps that of a proxy`
  return dialed === `${url.hostname}:${port}` ? code : `${code} at ${dialed}`
}

// URLs write an address of IPv6 in brackets.
const bare = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, "$1")

/** @internal */
export const portOf = ({ port, protocol }: URL): number =>
  port === "" ? (protocol === "https:" ? 443 : 80) : Number(port)

/**
 * The error of a request through a proxy, with the address of the proxy if that was dialed in vain: Bun leaves it out.
 *
 * @internal
 */
export const atProxy = (cause: unknown, proxy: URL): unknown => {
  const lost = lostOf(cause)
  return lost === undefined || lost.address !== undefined || !isDialing(lost)
    ? cause
    : new Dialed({ code: lost.code, address: bare(proxy.hostname), port: portOf(proxy) })
}

const isWithoutAnswer = (error: CredentialError): error is CredentialsUnavailable =>
  error._tag === "CredentialsUnavailable" && error.status === undefined

/** Whether nothing listens where the connection was opened. @internal */
export const isRefused = (error: CredentialError): boolean =>
  isWithoutAnswer(error) && error.reason.includes(": ECONNREFUSED")

/** Whether the host has no address. @internal */
export const isUnresolved = (error: CredentialError): boolean =>
  isWithoutAnswer(error) && error.reason.includes("does not resolve")

/** Whether a connection was lost, there is no route, or nothing came in time. @internal */
export const isBroken = (error: CredentialError): boolean =>
  isWithoutAnswer(error) &&
  / within \d| (?:ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)|connection lost/.test(error.reason)
