/**
 * What runtimes say about a failed connection: Node.js and Bun by a code, Deno and workerd in words. The same failure
 * gets the code that Node.js has for it.
 */

/** @internal */
export interface Lost {
  /** A code, or a few words for what has none. */
  readonly code: string
  /** The host whose name does not resolve. */
  readonly hostname?: string | undefined
  /** The host that was dialed. */
  readonly address?: string | undefined
  readonly port?: number | undefined
}

type Fields = Readonly<Record<string, unknown>>

/** An error and its causes, the outermost first. */
const chainOf = (cause: unknown): ReadonlyArray<Fields> => {
  const chain: Array<Fields> = []
  let error = cause
  while (chain.length < 5 && typeof error === "object" && error !== null) {
    chain.push(error as Fields)
    error = (error as Fields)["cause"]
  }
  return chain
}

/** Codes of Bun up to 1.3, which have both for a host that does not resolve. */
const ofOldBun = new Set(["ConnectionRefused", "FailedToOpenSocket"])

const isCode = (code: unknown): code is string =>
  typeof code === "string" && (/^[A-Z][A-Z0-9_]{2,40}$/.test(code) || ofOldBun.has(code))

/** The words of Deno, of its node:http and fetch, and those of workerd. */
const words: ReadonlyArray<readonly [RegExp, string]> = [
  [/Connection refused|actively refused/, "ECONNREFUSED"],
  [/Temporary failure in name resolution/, "EAI_AGAIN"],
  [/failed to lookup address information/, "ENOTFOUND"],
  [/Network is unreachable/, "ENETUNREACH"],
  [/No route to host/, "EHOSTUNREACH"],
  [/Connection reset by peer|connection closed before message completed/, "ECONNRESET"],
  [/timed out \(os error/, "ETIMEDOUT"],
  [/invalid peer certificate: UnknownIssuer/, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  [/invalid peer certificate: certificate not valid for name/, "ERR_TLS_CERT_ALTNAME_INVALID"],
  [/invalid peer certificate: certificate expired/, "CERT_HAS_EXPIRED"],
  [/invalid peer certificate/, "the certificate is not valid"],
  [/corrupt message of type InvalidContentType/, "EPROTO"],
  [/^Requires net access to /, "EPERM"],
  [/^Network connection lost\.$/, "refused, or connection lost"]
]

const text = (value: unknown): string => typeof value === "string" ? value : ""

const isAddress = (value: unknown): value is string =>
  typeof value === "string" && /^\d+(?:\.\d+){3}$|^(?=.*:)[\da-f:.]+$/i.test(value)

/**
 * The error of a connection whose address this library knows. That of any other error may be any text, so it counts only
 * if it is an IP address.
 *
 * @internal
 */
export class Dialed implements Lost {
  readonly code: string
  readonly address: string
  readonly port: number
  constructor(fields: { readonly code: string; readonly address: string; readonly port: number }) {
    this.code = fields.code
    this.address = fields.address
    this.port = fields.port
  }
}

const ofCode = (error: Fields): Lost | undefined => {
  const { code, errors } = error
  if (!isCode(code)) return undefined
  // A runtime that tried several addresses tells them apart in the errors of an `AggregateError`.
  const [first] = Array.isArray(errors) ? errors as ReadonlyArray<unknown> : []
  const { address, hostname, port } = (first ?? error) as Fields
  return {
    code,
    hostname: typeof hostname === "string" ? hostname : undefined,
    address: isAddress(address) ? address : undefined,
    port: Number.isInteger(port) ? port as number : undefined
  }
}

/** What its message says. A message is never shown: it may have the URL. */
const ofMessage = ({ message }: Fields): Lost | undefined => {
  const [, code] = words.find(([pattern]) => pattern.test(text(message))) ?? []
  if (code !== undefined) return { code }
  const [, reference] = /^internal error; reference = ([a-z0-9]{10,40})$/.exec(text(message)) ?? []
  return reference === undefined
    ? undefined
    : { code: `internal error of the runtime, reference ${reference} in its log` }
}

/** The status with which a proxy refused a tunnel: in a message of undici, and in a field of Bun. */
const ofTunnel = ({ code, message, status }: Fields): Lost | undefined => {
  const [, inMessage] = /^Proxy response \((\d{3})\) !== 200 when HTTP Tunneling$/.exec(text(message)) ?? []
  const refused = code === "ERR_PROXY_TUNNEL" && typeof status === "number" ? String(status) : inMessage
  return refused === undefined ? undefined : { code: `the proxy refused the tunnel with status ${refused}` }
}

const first = <A>(errors: ReadonlyArray<Fields>, of: (error: Fields) => A | undefined): A | undefined => {
  for (const error of errors) {
    const found = of(error)
    if (found !== undefined) return found
  }
  return undefined
}

/** Undefined if nothing says what failed. @internal */
export const lostOf = (cause: unknown): Lost | undefined =>
  first(
    chainOf(cause),
    (error) => error instanceof Dialed ? error : ofTunnel(error) ?? ofCode(error) ?? ofMessage(error)
  )

const dialing = new Set([...ofOldBun, "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH", "ETIMEDOUT"])

/** Whether nobody answered where a connection was opened. @internal */
export const isDialing = ({ code }: Lost): boolean => dialing.has(code)

/** Node.js, Bun, Deno, workerd. */
const decoding = /^(?:Z_[A-Z]+_ERROR|ZlibError)$/
const inWordsOfDecoding = /^(?:Invalid gzip header|Gzip decompression failed\.)/

/** Whether an answer is not compressed as its `content-encoding` says. @internal */
export const isMiscoded = (cause: unknown): boolean =>
  chainOf(cause).some(({ code, message }) => decoding.test(text(code)) || inWordsOfDecoding.test(text(message)))
