import { afterEach, beforeAll, beforeEach, vi } from "@effect/vitest"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { client, load } from "./client.ts"

interface NacosConfigClient {
  readonly getConfig: (dataId: string, group: string) => Promise<unknown>
  readonly close: () => Promise<void>
  readonly on: (event: "error", listener: () => void) => void
}

const clients: Array<NacosConfigClient> = []

let cacheDir = ""

// The first client of a machine listens on a port for the others, by default always on the same one.
beforeAll(async () => {
  const port = await new Promise<number>((resolve) => {
    const server = createServer()
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" ? address?.port ?? 0 : 0))
    })
  })
  vi.stubEnv("NODE_CLUSTER_CLIENT_PORT", `${port}`)
  return () => void vi.unstubAllEnvs()
})

// The client returns what it has in its folder if it gets an error.
beforeEach(() => {
  cacheDir = mkdtempSync(path.join(tmpdir(), "nacos-"))
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  rmSync(cacheDir, { recursive: true })
})

client("nacos", (credential, { host: serverAddr }) => {
  const { NacosConfigClient } = load<{ readonly NacosConfigClient: new(options: object) => NacosConfigClient }>("nacos")
  const options = { serverAddr, namespace: "n", cacheDir, requestTimeout: 1000 }
  const client = new NacosConfigClient({ aliyunCredentialsProvider: credential, ...options })
  clients.push(client)
  // Otherwise it prints the error in place of which it returns its copy.
  client.on("error", () => {})
  return () => client.getConfig("data", "group")
}, { keepsCopy: true })
