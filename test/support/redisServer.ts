/**
 * A server of Redis on loopback for one test.
 */
import { Effect, type Scope } from "effect"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import { eventually } from "./eventually.ts"
import { connectNodeRedis } from "./redisClients.ts"

/** Without a server these tests are skipped, unless they are required. */
export const hasRedis = process.env["REQUIRE_REDIS"] === "1" ||
  spawnSync("redis-server", ["--version"]).error === undefined

const freePort = Effect.promise(() =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
)

export interface RedisServer {
  readonly port: number
  /** Ends when the server answers. It has nothing of before, since it writes no files. */
  readonly start: Effect.Effect<void>
  readonly stop: Effect.Effect<void>
}

/** The server runs until the scope is closed. */
export const redisServer: Effect.Effect<RedisServer, never, Scope.Scope> = Effect.gen(function*() {
  const port = yield* freePort
  let child: ChildProcess | undefined
  const stop = Effect.promise(async () => {
    const running = child
    child = undefined
    if (running?.kill("SIGKILL") === true) await once(running, "exit")
  })
  const ping = Effect.flatMap(connectNodeRedis(port), ({ command }) => Effect.promise(async () => command(["PING"])))
  const start = Effect.suspend(() => {
    const options = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    child = spawn("redis-server", options, { stdio: "ignore" })
    return Effect.asVoid(eventually(Effect.scoped(ping)))
  })
  yield* Effect.acquireRelease(start, () => stop)
  return { port, start, stop }
})
