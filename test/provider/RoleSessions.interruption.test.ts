/**
 * A caller of a pool of sessions, or the whole pool, is interrupted wherever a caller can wait.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, DateTime, Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { RoleSessions } from "effect-alicloud-credentials"
import { hour, settle } from "../support/clock.ts"
import { accessKey } from "../support/credentials.ts"
import { fiberStarts } from "../support/fiberStarts.ts"
import { fakeHttp } from "../support/network.ts"

const role = (tenant: string): RoleSessions.Role => ({ roleArn: `acs:ram::1234567890123456:role/${tenant}` })

/** An STS that answers no request until it may, and a pool with one permit and space for one role. */
const setup = Effect.gen(function*() {
  const mayAnswer = yield* Deferred.make<void>()
  const server = { requests: 0 }
  const http = fakeHttp(() =>
    Effect.gen(function*() {
      server.requests += 1
      yield* Deferred.await(mayAnswer)
      const now = yield* Clock.currentTimeMillis
      const session = {
        AccessKeyId: `STS.${server.requests}`,
        AccessKeySecret: "secret",
        SecurityToken: "token",
        Expiration: DateTime.formatIso(DateTime.unsafeMake(now + hour))
      }
      return { body: JSON.stringify({ Credentials: session }) }
    })
  )
  const source = { name: "user", get: Effect.succeed(accessKey("LTAI")), invalidate: () => Effect.void }
  const scope = yield* Scope.make()
  const fibers = fiberStarts()
  const sessions = yield* RoleSessions.make({ source, capacity: 1, concurrency: 1 }).pipe(
    Scope.extend(scope),
    Effect.provide([http, fibers.layer])
  )
  return { sessions, server, scope, fibers, answer: Deferred.succeed(mayAnswer, undefined) }
})

type Setup = Effect.Effect.Success<typeof setup>

const started = ({ sessions }: Setup, tenant: string) =>
  Effect.zipLeft(Effect.fork(Effect.exit(sessions.get(role(tenant)))), settle)

/** Where the last of these callers waits. */
const places: Readonly<Record<string, ReadonlyArray<string>>> = {
  "the answer of STS": ["a"],
  "the request of another caller": ["a", "a"],
  "a permit": ["a", "b"],
  "a permit, with another caller": ["a", "b", "b"],
  "a permit, with a role that will be dropped": ["a", "b", "c"]
}

describe("a get that is interrupted keeps no permit, no role and no fiber", () => {
  for (const [place, tenants] of Object.entries(places)) {
    it.effect(`while it waits for ${place}`, () =>
      Effect.gen(function*() {
        const all = yield* setup
        const callers = yield* Effect.forEach(tenants, (tenant) => started(all, tenant))
        yield* Fiber.interrupt(callers[callers.length - 1]!)
        yield* settle
        assert.strictEqual(all.server.requests, 1)
        yield* all.answer
        for (const caller of callers.slice(0, -1)) assert.isTrue(Exit.isSuccess(yield* Fiber.join(caller)))
        yield* settle
        assert.strictEqual(all.fibers.running(), 0)
        yield* all.sessions.get(role("new"))
        const before = all.server.requests
        yield* all.sessions.get(role("a"))
        assert.strictEqual(all.server.requests, before + 1, "only one role is kept")
        yield* Scope.close(all.scope, Exit.void)
      }))

    it.effect(`as its pool closes, while it waits for ${place}`, () =>
      Effect.gen(function*() {
        const all = yield* setup
        const callers = yield* Effect.forEach(tenants, (tenant) => started(all, tenant))
        yield* Scope.close(all.scope, Exit.void)
        for (const caller of callers) assert.isTrue(Exit.isInterrupted(yield* Fiber.join(caller)))
        assert.strictEqual(all.fibers.running(), 0)
        yield* all.answer
        yield* settle
        assert.strictEqual(all.server.requests, 1)
        assert.isTrue(Exit.isInterrupted(yield* Effect.exit(all.sessions.get(role("a")))))
      }))
  }

  it.effect("as another role is dropped", () =>
    Effect.gen(function*() {
      const all = yield* setup
      yield* all.answer
      yield* all.sessions.get(role("a"))
      const dropping = yield* Effect.fork(all.sessions.get(role("b")))
      yield* Fiber.interrupt(dropping)
      yield* settle
      yield* all.sessions.get(role("c"))
      yield* settle
      assert.strictEqual(all.fibers.running(), 0)
      const before = all.server.requests
      yield* all.sessions.get(role("a"))
      assert.strictEqual(all.server.requests, before + 1)
      yield* Scope.close(all.scope, Exit.void)
    }))
})
