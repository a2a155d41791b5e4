/**
 * The two clients of Redis that most programs use. Both connect by themselves, and again after the server was stopped.
 */
import { createClient } from "@redis/client"
import { Effect, type Scope } from "effect"
import type { SessionStore } from "effect-alicloud-credentials"
import { Redis } from "ioredis"

type Connect = (port: number) => Effect.Effect<SessionStore.RedisClient, never, Scope.Scope>

const host = "127.0.0.1"

export const connectIoredis: Connect = (port) =>
  Effect.acquireRelease(
    Effect.sync(() => new Redis({ host, port, retryStrategy: () => 50 }).on("error", () => {})),
    (client) => Effect.sync(() => client.disconnect())
  ).pipe(Effect.map((client) => ({ command: ([name = "", ...args]) => client.call(name, ...args) })))

export const connectNodeRedis: Connect = (port) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const client = createClient({ socket: { host, port, reconnectStrategy: 50 } })
      client.on("error", () => {}).connect().catch(() => {})
      return client
    }),
    (client) => Effect.sync(() => client.destroy())
  ).pipe(Effect.map((client) => ({ command: (args) => client.sendCommand([...args]) })))
