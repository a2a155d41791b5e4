/**
 * The address under which clients on other machines reach a server.
 */
import * as Either from "effect/Either"

/** @internal */
export interface PublicUrl {
  readonly base: string
  /** What clients send as `Host`. */
  readonly hosts: ReadonlyArray<string>
}

/** @internal */
export const parse = (text: string): Either.Either<PublicUrl, string> => {
  if (!URL.canParse(text)) return Either.left("is not an address")
  const { hash, host, origin, password, pathname, protocol, search, username } = new URL(text)
  if (protocol !== "http:" && protocol !== "https:") return Either.left("is not an address of http or https")
  if (pathname !== "/" || [hash, password, search, username].some((part) => part !== "")) {
    return Either.left("has more than a scheme, a host and a port")
  }
  return Either.right({ base: origin, hosts: [host] })
}
