/**
 * Which requests are answered at all. A browser can be made to send a request to this machine by any page that it shows;
 * a proxy or another machine can pass on the request of somebody else.
 */
import { isSameMachine, type Listening } from "./address.ts"

/** A request, without its body, which nobody reads. @internal */
export interface Asked {
  readonly method: string
  /** What stands between the method and the version of HTTP. */
  readonly target: string
  /** The value of each `Host`. */
  readonly hosts: ReadonlyArray<string>
  /** The address of the peer, if the platform knows it. */
  readonly peer: string | undefined
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** @internal */
export interface Policy {
  readonly listening: Listening
  /** In lower case. */
  readonly hosts: ReadonlySet<string>
  readonly allowRemoteClients: boolean
}

/** Whether a header is one that proxies add, and no client. */
const isOfProxy = (name: string): boolean =>
  ["forwarded", "via", "x-real-ip"].includes(name) || name.startsWith("x-forwarded-")

/** Why a request is refused, for the log: the client does not learn it. @internal */
export const refusalOf = (asked: Asked, policy: Policy): string | undefined => {
  const { headers, hosts, peer } = asked
  if (!policy.allowRemoteClients) {
    if (peer === undefined || !isSameMachine(peer, policy.listening)) return "it came from another machine"
    if (Object.keys(headers).some(isOfProxy)) return "a proxy passed it on"
  }
  const [host, ...others] = hosts
  if (host === undefined) return "it has no Host"
  if (others.length > 0) return "it has more than one Host"
  if (!policy.hosts.has(host.toLowerCase())) return "its Host is not the address of this server"
  if (headers["origin"] !== undefined) return "it has an Origin, as the requests of web pages"
  return (headers["sec-fetch-site"] ?? "none") === "none" ? undefined : "its Sec-Fetch-Site is that of a web page"
}
