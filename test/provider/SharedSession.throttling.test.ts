/**
 * Processes that share a session, while the server that their sources ask throttles.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Layer, TestClock } from "effect"
import { CredentialProvider, SessionStore, SharedSession } from "effect-alicloud-credentials"
import { hour, settle } from "../support/clock.ts"
import { idOf, session } from "../support/credentials.ts"
import { quiet } from "../support/logs.ts"
import { throttledFetch } from "../support/scriptedProvider.ts"

/** A process, whose server may throttle it. Its source has no session as long as another process requests them. */
const start = (store: SessionStore.Service, id: string) =>
  Effect.gen(function*() {
    const server = { isThrottling: false, requests: 0 }
    const fetch = Effect.suspend(() => {
      server.requests += 1
      return server.isThrottling
        ? throttledFetch()
        : Effect.map(Clock.currentTimeMillis, (now) => session(`${id}${server.requests}`, now + hour))
    })
    const source = yield* CredentialProvider.make({ name: "test", fetch, refresh: { jitter: 0 } })
    const provider = yield* SharedSession.make({ source, store, name: "app", settings: {}, refresh: { jitter: 0 } })
    return { provider, server, id: Effect.map(provider.get, idOf) }
  })

describe("a server that throttles the renewal of a session that still works", () => {
  it.scoped("is asked once, and the lease is free for a process that it does not throttle", () =>
    Effect.gen(function*() {
      const store = Context.get(yield* Layer.build(SessionStore.layerMemory), SessionStore.SessionStore)
      const first = yield* start(store, "first")
      const second = yield* start(store, "second")
      assert.strictEqual(yield* first.id, "first1")
      assert.strictEqual(yield* second.id, "first1")
      yield* TestClock.adjust("50 minutes")
      second.server.isThrottling = true
      assert.strictEqual(yield* second.id, "first1")
      yield* settle
      assert.strictEqual(second.server.requests, 1)
      assert.strictEqual(yield* first.id, "first1")
      yield* settle
      assert.strictEqual(yield* first.id, "first2")
      yield* TestClock.adjust("1 minute")
      yield* second.id
      yield* settle
      assert.strictEqual(yield* second.id, "first2")
      assert.strictEqual(second.server.requests, 1)
    }).pipe(Effect.provide(quiet)))

  it.scoped("is left to the pauses of the cache also if the store is down", () =>
    Effect.gen(function*() {
      const store = Context.get(yield* Layer.build(SessionStore.layerMemory), SessionStore.SessionStore)
      let isDown = false
      const read: SessionStore.Service["read"] = (name) =>
        isDown ? Effect.fail(new SessionStore.SessionStoreError({ reason: "down" })) : store.read(name)
      const first = yield* start(store, "first")
      const second = yield* start({ ...store, read }, "second")
      assert.strictEqual(yield* first.id, "first1")
      assert.strictEqual(yield* second.id, "first1")
      yield* TestClock.adjust("50 minutes")
      isDown = true
      second.server.isThrottling = true
      yield* second.id
      yield* settle
      assert.strictEqual((yield* CredentialProvider.health(second.provider)).isRenewing, false)
      assert.strictEqual(second.server.requests, 1)
    }).pipe(Effect.provide(quiet)))
})
