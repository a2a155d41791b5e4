/**
 * The local cloud as a real server on loopback, and the HTTP clients of the platform.
 */
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Layer } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { createServer } from "node:http"

export const httpClients: Readonly<Record<"fetch" | "undici" | "node", Layer.Layer<HttpClient.HttpClient>>> = {
  fetch: FetchHttpClient.layer,
  undici: NodeHttpClient.layerUndici,
  node: NodeHttpClient.layer
}

export const onLoopback = (options?: LocalCloud.Options, server = () => createServer()) =>
  LocalCloud.layerServer(options).pipe(
    Layer.provide(NodeHttpServer.layer(server, { port: 0, host: "127.0.0.1" }))
  )

/** A server, and a client that connects to it for the names of the real hosts. */
export const CloudServer = LocalCloud.layerClient.pipe(
  Layer.provide(NodeHttpClient.layer),
  Layer.provideMerge(onLoopback())
)
