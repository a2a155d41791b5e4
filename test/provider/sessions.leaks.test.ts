/**
 * Providers of shared and pooled sessions that are used very often keep nothing.
 */
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, DateTime, Effect, Layer, Redacted, Ref, type Scope } from "effect"
import {
  type CredentialError,
  CredentialProvider,
  type Credentials,
  RoleSessions,
  SessionStore,
  SharedSession
} from "effect-alicloud-credentials"
import { readdirSync } from "node:fs"
import { bytesInUse } from "../../bench/garbage.ts"
import { hour } from "../support/clock.ts"
import { accessKey, session } from "../support/credentials.ts"
import { fiberStarts } from "../support/fiberStarts.ts"
import { quiet } from "../support/logs.ts"
import { fakeHttp } from "../support/network.ts"
import { offsetClock } from "../support/offsetClock.ts"
import { connectIoredis } from "../support/redisClients.ts"
import { hasRedis, redisServer } from "../support/redisServer.ts"
import { unavailable } from "../support/scriptedProvider.ts"

const opened = <E, R>(layer: Layer.Layer<SessionStore.SessionStore, E, R>) =>
  Effect.map(Layer.build(layer), (context) => Context.get(context, SessionStore.SessionStore))

const inFolder = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const folder = `${yield* files.makeTempDirectoryScoped()}/sessions`
  return yield* opened(SessionStore.layerFolder({ folder }))
}).pipe(Effect.provide(NodeContext.layer), Effect.orDie)

const inRedis = Effect.gen(function*() {
  const { port } = yield* redisServer
  return yield* opened(SessionStore.layerRedis({ client: yield* connectIoredis(port) }))
})

const down = Effect.fail(new SessionStore.SessionStoreError({ reason: "down" }))

const failing: SessionStore.Service = {
  needsEncryption: false,
  read: () => down,
  acquire: () => down,
  write: () => down,
  release: () => down
}

const descriptors = () => process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0

/** Growth that is not noise: 500 bytes for each of 2000, which is less than a fiber or a session with its text takes. */
const mostBytes = 1_000_000

/** What was dropped is closed in the background. */
const settle = Effect.repeatN(Effect.yieldNow(), 100)

/** Repeats an effect, and compares what the process has before and after. */
const keepsNothing = <E>(once: Effect.Effect<unknown, E>, times: number, running: () => number) =>
  Effect.gen(function*() {
    const usage = () => ({ files: descriptors(), handles: process.getActiveResourcesInfo().length, fibers: running() })
    const round = Effect.gen(function*() {
      const bytes = bytesInUse()
      yield* Effect.repeatN(once, times - 1)
      return bytesInUse() - bytes
    })
    yield* once
    yield* settle
    const before = usage()
    // Code is compiled only in the first rounds, and what is kept grows in all of them.
    yield* Effect.repeat(round, { until: (growth) => growth < mostBytes, times: 2 }).pipe(
      Effect.tap((growth) => Effect.sync(() => assert.isBelow(growth, mostBytes, "bytes")))
    )
    yield* settle
    const after = usage()
    assert.strictEqual(after.fibers, before.fibers, "fibers")
    assert.isAtMost(after.files, before.files + 2, "descriptors")
    assert.isAtMost(after.handles, before.handles + 2, "timers and sockets")
  })

const key: SharedSession.Key = { id: "test", key: Redacted.make(new Uint8Array(32).fill(7)) }

const shared = (
  makeStore: Effect.Effect<SessionStore.Service, never, Scope.Scope>,
  fetch: (count: number) => Effect.Effect<Credentials.Credentials, CredentialError.CredentialError>,
  times: number
) =>
  Effect.gen(function*() {
    const store = yield* makeStore
    const fibers = fiberStarts()
    const clock = yield* Effect.clock
    const requests = yield* Ref.make(0)
    let offset = 0
    const provider = yield* Effect.gen(function*() {
      const source = yield* CredentialProvider.make({
        name: "test",
        fetch: Effect.flatMap(Ref.updateAndGet(requests, (count) => count + 1), fetch)
      })
      return yield* SharedSession.make({ source, store, name: "app", settings: {}, keys: [key] })
    }).pipe(Effect.provide(fibers.layer), Effect.withClock(offsetClock(clock, () => offset)))
    const once = Effect.suspend(() => {
      // Every session has expired by the next call.
      offset += 2 * hour
      return Effect.exit(provider.get)
    })
    yield* keepsNothing(once, times, fibers.running)
    const answered = yield* Ref.get(requests)
    assert.isAtLeast(answered, times)
  }).pipe(Effect.scoped, Effect.provide(quiet))

describe("nothing is kept of gets", () => {
  // A renewal in a folder replaces files, which takes ten milliseconds.
  const stores = [
    { name: "memory", store: opened(SessionStore.layerMemory), times: 2000 },
    { name: "a folder", store: inFolder, times: 200 },
    ...(hasRedis ? [{ name: "Redis", store: inRedis, times: 500 }] : [])
  ]
  const fails = () => Effect.fail(unavailable("down"))
  const works = (count: number) => Effect.map(Clock.currentTimeMillis, (now) => session(`key${count}`, now + hour))
  for (const { name, store, times } of stores) {
    it.live(`whose source fails, with the store in ${name}`, () => shared(store, fails, times))
    it.live(`of new sessions, with the store in ${name}`, () => shared(store, works, times))
  }
  it.live("whose store fails", () => shared(Effect.succeed(failing), works, 2000))
  it.live("whose source and store fail", () => shared(Effect.succeed(failing), fails, 2000))

  it.live("of 2000 roles, of which 100 are kept", () =>
    Effect.gen(function*() {
      const fibers = fiberStarts()
      let role = 0
      const http = fakeHttp(() =>
        Effect.map(Clock.currentTimeMillis, (now) => ({
          body: JSON.stringify({
            Credentials: {
              AccessKeyId: `STS.${role}`,
              AccessKeySecret: "secret",
              SecurityToken: "token",
              Expiration: DateTime.formatIso(DateTime.unsafeMake(now + hour))
            }
          })
        }))
      )
      const source = { name: "user", get: Effect.succeed(accessKey("LTAI")), invalidate: () => Effect.void }
      const sessions = yield* RoleSessions.make({ source, capacity: 100 }).pipe(
        Effect.provide([http, fibers.layer])
      )
      const once = Effect.suspend(() => sessions.get({ roleArn: `acs:ram::1234567890123456:role/tenant-${role++}` }))
      yield* keepsNothing(once, 2000, fibers.running)
    }).pipe(Effect.scoped))
})
