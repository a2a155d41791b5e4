/** The address at which a server listens. */
import type * as HttpServer from "effect/http/HttpServer"

/** @internal */
export type ServerAddress = HttpServer.HttpServer["Service"]["address"]

/** The host and the port; undefined for a socket that is a file. @internal */
export const hostOf = (
  address: ServerAddress
): { readonly hostname: string; readonly port: number } | undefined =>
  "port" in address ? { hostname: String(address.address), port: address.port } : undefined
