/** The address at which a server listens. */
import type * as HttpServer from "@effect/platform/HttpServer"

/** @internal */
export type ServerAddress = HttpServer.HttpServer["address"]

/** The host and the port; undefined for a socket that is a file. @internal */
export const hostOf = (
  address: ServerAddress
): { readonly hostname: string; readonly port: number } | undefined =>
  address._tag === "UnixAddress" ? undefined : address
