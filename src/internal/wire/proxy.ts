/**
 * Which proxy a request goes through, by the rules that curl and Go have for the proxy variables.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"

/** The values of the variables, empty where they are not set. @internal */
export interface Variables {
  readonly http: string
  readonly https: string
  readonly none: string
}

/** The variable that a request needs has no address of a proxy that can be used. @internal */
export class NotAProxy {
  readonly variable: string
  readonly reason: string
  readonly hint = "Write it as http://host:port"
  constructor(variable: string, reason = "is not the address of a proxy") {
    this.variable = variable
    this.reason = reason
  }
}

// The metadata service answers on the instance alone, and this machine needs no proxy to reach itself.
const alwaysDirect = "100.100.100.200,localhost,127.0.0.0/8,::1"

/** The address of the proxy for a URL, or undefined where it is asked directly. @internal */
export const proxyFor = ({ http, https, none }: Variables, url: URL): Either.Either<URL | undefined, NotAProxy> => {
  const value = (isSecure(url) ? https : http).trim()
  if (value === "" || isListed(alwaysDirect, url) || isListed(none, url)) return Either.right(undefined)
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`
  const parsed = URL.canParse(address) ? new URL(address) : undefined
  return parsed !== undefined && isUsable(parsed)
    ? Either.right(parsed)
    : Either.left(new NotAProxy(variableFor(url)))
}

const isSecure = ({ protocol }: URL): boolean => protocol === "https:"

const variableFor = (url: URL): string => isSecure(url) ? "HTTPS_PROXY" : "HTTP_PROXY"

/** The same for a client that cannot speak to a SOCKS proxy. @internal */
export const httpProxyFor = (variables: Variables, url: URL): Either.Either<URL | undefined, NotAProxy> =>
  Either.filterOrLeft(
    proxyFor(variables, url),
    (found) => found === undefined || !found.protocol.startsWith("socks"),
    () => new NotAProxy(variableFor(url), "is the address of a SOCKS proxy, which this runtime cannot use")
  )

/** Quotes around an address end up in its host, and a client decodes the user and the password. */
const isUsable = ({ hostname, password, protocol, username }: URL): boolean =>
  /^(?:https?|socks5?):$/.test(protocol) && /^[\w.:[\]-]+$/.test(hostname) && canDecode(username) && canDecode(password)

const canDecode = (text: string): boolean => Option.isSome(decode(text))

const decode = Option.liftThrowable(decodeURIComponent)

const isListed = (list: string, url: URL): boolean => {
  const host = bare(url.hostname)
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port
  return list.split(/[\s,]+/).some((entry) => entry === "*" || (entry !== "" && matches(entry, host, port)))
}

// Brackets are how URLs write an address of IPv6, and a dot at the end is how DNS writes a whole name.
const bare = (host: string): string => host.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "")

const matches = (entry: string, host: string, port: string): boolean => {
  const [, name = entry, only = port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? []
  if (only !== port) return false
  const [address = "", length] = name.split("/")
  const bits = bitsOf(bare(address))
  const own = bitsOf(host)
  if (bits !== undefined) {
    const prefix = length === undefined ? bits.length : /^\d{1,3}$/.test(length) ? Number(length) : Infinity
    return prefix <= bits.length && own?.length === bits.length && own.startsWith(bits.slice(0, prefix))
  }
  const domain = bare(name).replace(/^\*?\./, "")
  return own === undefined && domain !== "" && (host === domain || host.endsWith(`.${domain}`))
}

/** The bits of an IP address; undefined for a name. */
const bitsOf = (host: string): string | undefined => {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) return host.split(".").map((part) => binary(Number(part), 8)).join("")
  if (!host.includes(":") || !URL.canParse(`http://[${host}]`)) return undefined
  // A URL writes each address in one way.
  const [head = "", tail] = bare(new URL(`http://[${host}]`).hostname).split("::")
  const groups = (text: string) => text === "" ? [] : text.split(":")
  const end = groups(tail ?? "")
  const zeros = Array.from({ length: Math.max(0, 8 - groups(head).length - end.length) }, () => "0")
  return [...groups(head), ...zeros, ...end].map((group) => binary(parseInt(group, 16), 16)).join("")
}

const binary = (value: number, digits: number): string => value.toString(2).padStart(digits, "0")
