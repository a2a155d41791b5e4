/**
 * The servers that subjects ask, in a process of their own, so that the figures are those of the client: the local cloud,
 * and one with fixed answers that costs as little as a server can. Sends their addresses to the process that forked it.
 *
 * Fixed answers: `/session` as a credentials URI, `/azure` and `/computeMetadata/…` as the metadata services of other
 * clouds, `/requests` (how many there were since it was last asked), and for everything else that of `DescribeRegions`.
 * Sessions and tokens last an hour and come at once, unless `/expire?seconds=N&delay=MS` was asked before. `/session` takes
 * these parameters too.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, Layer } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** What the process that forked this one gets. */
export interface Addresses {
  readonly cloud: string
  readonly fixed: string
}

const hour = 3600

let seconds = hour
let delay = 0
let requests = 0

const regions = JSON.stringify({
  RequestId: "0C1F5A3E-0000-4000-8000-000000000000",
  Regions: { Region: ["cn-hangzhou", "cn-shanghai", "ap-southeast-1"].map((RegionId) => ({ RegionId })) }
})

const expiresAt = (lifetime: number): Date => new Date(Date.now() + lifetime * 1000)

const session = (lifetime: number): string =>
  JSON.stringify({
    Code: "Success",
    AccessKeyId: "STS.NUgYrLnoC37mZZCNnAbezExample",
    AccessKeySecret: "ExampleSecret0123456789ExampleSecret01234567",
    SecurityToken: `CAIS${"Example0123456789".repeat(40)}`,
    Expiration: expiresAt(lifetime).toISOString().replace(/\.\d+Z$/, "Z")
  })

const azureToken = (url: URL): string =>
  JSON.stringify({
    access_token: "example".repeat(100),
    expires_on: String(Math.floor(expiresAt(seconds).getTime() / 1000)),
    resource: url.searchParams.get("resource"),
    token_type: "Bearer"
  })

const googleToken = (): string =>
  JSON.stringify({ access_token: "example".repeat(100), expires_in: seconds, token_type: "Bearer" })

const answerOf = (url: URL): string => {
  const given = (name: string): number | undefined => {
    const text = url.searchParams.get(name)
    return text === null ? undefined : Number(text)
  }
  if (url.pathname === "/session") return session(given("seconds") ?? seconds)
  if (url.pathname === "/azure") return azureToken(url)
  if (url.pathname.startsWith("/computeMetadata/")) return googleToken()
  if (url.pathname === "/expire") {
    seconds = given("seconds") ?? hour
    delay = given("delay") ?? 0
    return "{}"
  }
  if (url.pathname !== "/requests") return regions
  const count = requests - 1
  requests = 0
  return String(count)
}

const delayOf = ({ pathname, searchParams }: URL): number =>
  pathname === "/expire" || pathname === "/requests" ? 0 : Number(searchParams.get("delay") ?? delay)

const answer = (request: IncomingMessage, response: ServerResponse): void => {
  requests += 1
  const url = new URL(request.url ?? "/", "http://127.0.0.1")
  const wait = delayOf(url)
  const end = () => {
    response.setHeader("content-type", "application/json")
    response.setHeader("metadata-flavor", "Google")
    response.end(answerOf(url))
  }
  request.resume().once("end", wait === 0 ? end : () => setTimeout(end, wait))
}

const listen = (): Promise<string> =>
  new Promise((resolve) => {
    const server = createServer(answer)
    // Clients that keep connections open must not find them closed between two rounds.
    server.keepAliveTimeout = 600_000
    server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })

const Cloud = LocalCloud.layerServer().pipe(
  Layer.provide(NodeHttpServer.layer(() => createServer({ keepAliveTimeout: 600_000 }), { port: 0, host: "127.0.0.1" }))
)

const program = Effect.gen(function*() {
  const cloud = yield* LocalCloud.LocalCloud
  const fixed = yield* Effect.promise(listen)
  process.send?.({ cloud: cloud.url ?? "", fixed } satisfies Addresses)
  return yield* Effect.never
})

process.once("disconnect", () => process.exit())
void Effect.runPromise(Effect.provide(program, Cloud))
