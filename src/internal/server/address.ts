/**
 * Where a server listens, who is on the same machine, and under which names a client may ask.
 */

/** @internal */
export interface Listening {
  readonly hostname: string
  readonly port: number
}

/** Without what IPv6 puts around an address. */
const plain = (address: string): string =>
  address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "").replace(/^\[(.*)\]$/, "$1")

/** @internal */
export const isLoopback = (address: string): boolean =>
  /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(plain(address)) || plain(address) === "::1"

/** Whether a server with this address listens on every interface. @internal */
export const isWildcard = (address: string): boolean => ["0.0.0.0", "::"].includes(plain(address))

/**
 * Whether a peer is on the machine of the server. A client that connects to an address of its own machine comes from the
 * same address, and the kernel drops packets from other machines that claim to.
 *
 * @internal
 */
export const isSameMachine = (peer: string, { hostname }: Listening): boolean =>
  isLoopback(peer) || (!isWildcard(hostname) && plain(peer) === plain(hostname))

const bracketed = (address: string): string => plain(address).includes(":") ? `[${plain(address)}]` : plain(address)

/** The address as it stands in a URL. @internal */
export const authority = ({ hostname, port }: Listening): string => `${bracketed(hostname)}:${port}`

/** What clients that ask this address send as `Host`. They leave out the port of the scheme. @internal */
export const hostsOf = ({ hostname, port }: Listening): ReadonlyArray<string> => {
  const names = isLoopback(hostname) ? [hostname, "127.0.0.1", "localhost", "::1"] : [hostname]
  return names.map(bracketed).flatMap((name) => port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])
}
