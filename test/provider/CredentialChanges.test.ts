/**
 * The stream of changes, over test time. No test waits in real time.
 */
import { assert, describe, it } from "@effect/vitest"
import { Chunk, DateTime, Effect, Fiber, Layer, Queue, Random, Ref, Stream, TestClock } from "effect"
import {
  CliProfile,
  CredentialChain,
  CredentialChanges,
  type CredentialError,
  CredentialProvider,
  Credentials
} from "effect-alicloud-credentials"
import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
import * as Monitor from "../../src/internal/provider/monitor.ts"
import { ak } from "../support/cliProfile.ts"
import { hour, settableClock, settle } from "../support/clock.ts"
import { configOf } from "../support/configFiles.ts"
import { accessKey, session } from "../support/credentials.ts"
import { quiet } from "../support/logs.ts"
import { machine } from "../support/machine.ts"
import { memoryFiles } from "../support/memoryFiles.ts"
import { countedSessions, failingFetch, lasting, scriptedProvider, unavailable } from "../support/scriptedProvider.ts"
import { sleeps, watchSleeps } from "../support/sleeps.ts"

/** The changes so far, as ids, of a stream that runs until the scope closes. */
const watch = (service: CredentialProvider.Service, options?: CredentialChanges.Options) =>
  Effect.gen(function*() {
    const seen: Array<string | undefined> = []
    const fiber = yield* Effect.forkScoped(
      Stream.runForEach(CredentialChanges.stream(service, options), ({ accessKeyId }) =>
        Effect.sync(() => void seen.push(accessKeyId)))
    )
    yield* settle
    return { seen, fiber }
  })

const pass = (duration: `${number} ${"seconds" | "minutes" | "hours" | "millis"}`) =>
  Effect.zipRight(TestClock.adjust(duration), settle)

/** A service made by hand, which counts the calls of `get`. */
const byHand = (answer: Effect.Effect<Credentials.Credentials, CredentialError.CredentialError>) =>
  Effect.gen(function*() {
    const current = yield* Ref.make(answer)
    let gets = 0
    const service: CredentialProvider.Service = {
      name: "mine",
      get: Effect.suspend(() => {
        gets += 1
        return Effect.flatten(Ref.get(current))
      }),
      invalidate: () => Effect.void
    }
    return { service, gets: () => gets, become: (next: typeof answer) => Ref.set(current, next) }
  })

/** Pauses after failures last as long as they can. */
const unspread = Effect.withRandom(Random.fixed([0]))

describe("the changes of a provider", () => {
  it.scoped("begin with the current credentials, without their secrets", () =>
    Effect.gen(function*() {
      const first = (service: CredentialProvider.Service) =>
        Effect.map(Stream.runCollect(Stream.take(CredentialChanges.stream(service), 1)), Chunk.toReadonlyArray)
      assert.deepStrictEqual(yield* first(CredentialProvider.succeed(session("key", 1000))), [
        { provider: "test", accessKeyId: "key", expiration: DateTime.unsafeMake(1000) }
      ])
      assert.deepStrictEqual(
        yield* first(CredentialProvider.succeed(
          Credentials.BearerToken({ provider: "bearer", bearerToken: TestCredentialProvider.stsToken().securityToken })
        )),
        [{ provider: "bearer", accessKeyId: undefined, expiration: undefined }]
      )
    }))

  it.scoped("are renewed in time although nobody else calls get", () =>
    Effect.gen(function*() {
      const { count, provider } = yield* scriptedProvider([lasting(3600)])
      const { seen } = yield* watch(provider)
      yield* pass("44 minutes")
      assert.deepStrictEqual(seen, ["key1"])
      yield* pass("1 minutes")
      assert.deepStrictEqual(seen, ["key1", "key2"], "when the renewal is due")
      yield* pass("4 hours")
      assert.strictEqual(yield* count, seen.length)
      assert.strictEqual(new Set(seen).size, seen.length)
    }))

  it.scoped("call get when a renewal is due, however seldom it is called otherwise", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([lasting(3600)])
      const { seen } = yield* watch(provider, { every: "2 hours" })
      yield* pass("2699 seconds")
      assert.deepStrictEqual(seen, ["key1"])
      yield* pass("1 seconds")
      assert.deepStrictEqual(seen, ["key1", "key2"])
    }))

  it.scoped("find the sessions of a service made by hand before they expire", () =>
    Effect.gen(function*() {
      const now = 3_600_000
      yield* TestClock.setTime(now)
      const { become, service } = yield* byHand(Effect.succeed(session("first", now + 20_000)))
      const { seen } = yield* watch(service)
      yield* become(Effect.succeed(session("second", now + 40_000)))
      yield* pass("4999 millis")
      assert.deepStrictEqual(seen, ["first"])
      yield* pass("1 millis")
      assert.deepStrictEqual(seen, ["first", "second"])
    }))

  it.scoped("follow a renewal that another caller causes at once", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([lasting(3600)])
      const { seen } = yield* watch(provider, { every: "1 hour" })
      yield* pass("2 seconds")
      yield* Effect.flatMap(provider.get, provider.invalidate)
      yield* settle
      assert.deepStrictEqual(seen, ["key1", "key2"])
    }))

  it.scoped("follow it a second after their last call at the earliest", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(hour)
      for (const [early, late] of [[0, 999], [400, 599]] as const) {
        const { provider } = yield* scriptedProvider([lasting(3600)])
        const { seen } = yield* watch(provider)
        yield* pass(`${early} millis`)
        yield* Effect.flatMap(provider.get, provider.invalidate)
        yield* pass(`${late} millis`)
        assert.deepStrictEqual(seen, ["key1"])
        yield* pass("1 millis")
        assert.deepStrictEqual(seen, ["key1", "key2"])
      }
    }))

  it.scoped("call get once while a renewal takes its time", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([
        lasting(3600),
        (now, count) => Effect.delay(lasting(3600)(now, count), "10 seconds")
      ])
      let gets = 0
      const counted = Effect.suspend(() => {
        gets += 1
        return provider.get
      })
      const { seen } = yield* watch(Object.create(provider, { get: { value: counted } }))
      yield* pass("2699 seconds")
      const before = gets
      yield* pass("10999 millis")
      assert.deepStrictEqual(seen, ["key1"])
      assert.strictEqual(gets, before + 1, "when the renewal is due")
      yield* pass("1 millis")
      assert.deepStrictEqual(seen, ["key1", "key2"])
      assert.strictEqual(gets, before + 2)
    }))

  it.scoped("renew sessions of a few seconds before they expire", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([lasting(20)])
      const { seen } = yield* watch(provider)
      for (let second = 0; second < 120; second++) {
        yield* pass("1 seconds")
        assert.isTrue((yield* CredentialProvider.health(provider)).isUsable, `after ${second} s`)
      }
      assert.isAtLeast(seen.length, 6)
      assert.isAtMost(seen.length, 9)
    }))

  it.scoped("spread the pauses after failures over the second half of the longest", () =>
    Effect.gen(function*() {
      const { gets, service } = yield* byHand(Effect.fail(unavailable("down")))
      yield* watch(service)
      for (const [index, millis] of [1500, 3000, 6000].entries()) {
        yield* pass(`${millis - 1} millis`)
        assert.strictEqual(gets(), index + 1)
        yield* pass("1 millis")
        assert.strictEqual(gets(), index + 2)
      }
    }).pipe(Effect.withRandom(Random.fixed([0.5]))))

  it.scoped("go on after failures, with growing pauses", () =>
    Effect.gen(function*() {
      const { become, gets, service } = yield* byHand(Effect.fail(unavailable("down")))
      const { fiber, seen } = yield* watch(service)
      const asked: Array<number> = [gets()]
      for (const pause of [2, 4, 8, 16, 32, 60, 60]) {
        yield* TestClock.adjust(`${pause - 0.001} seconds`)
        asked.push(gets())
        yield* pass("1 millis")
        asked.push(gets())
      }
      assert.deepStrictEqual(asked, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8])
      yield* become(Effect.succeed(accessKey("back")))
      yield* pass("1 minutes")
      assert.deepStrictEqual(seen, ["back"])
      yield* become(Effect.die("defect"))
      yield* pass("1 minutes")
      yield* become(Effect.succeed(accessKey("again")))
      yield* pass("2 seconds")
      assert.deepStrictEqual(seen, ["back", "again"])
      assert.isNull(fiber.unsafePoll())
    }).pipe(unspread))

  it.scoped("go on with the first success of another caller", () =>
    Effect.gen(function*() {
      const down = Array.from({ length: 8 }, () => failingFetch("down"))
      const { provider } = yield* scriptedProvider([...down, lasting(3600)])
      const { seen } = yield* watch(provider)
      yield* pass("2 minutes")
      assert.deepStrictEqual(seen, [])
      yield* Effect.eventually(provider.get)
      yield* settle
      assert.lengthOf(seen, 1)
    }).pipe(unspread))

  it.scoped("call get once per minute, or as often as asked for", () =>
    Effect.gen(function*() {
      const one = yield* byHand(Effect.succeed(accessKey("key")))
      const other = yield* byHand(Effect.succeed(accessKey("key")))
      const { seen } = yield* watch(one.service)
      yield* watch(other.service, { every: "10 seconds" })
      yield* pass("10 minutes")
      assert.strictEqual(one.gets(), 11)
      assert.strictEqual(other.gets(), 61)
      assert.deepStrictEqual(seen, ["key"])
      yield* one.become(Effect.succeed(accessKey("next")))
      yield* pass("1 minutes")
      assert.deepStrictEqual(seen, ["key", "next"])
    }))

  it.scoped("call get once per minute, however long a consumer takes", () =>
    Effect.gen(function*() {
      for (const [consumer, next] of [[40_000, 60_000], [90_000, 90_000]] as const) {
        const { gets, service } = yield* byHand(Effect.succeed(accessKey("key")))
        yield* Effect.forkScoped(Stream.runForEach(CredentialChanges.stream(service), () => Effect.sleep(consumer)))
        yield* settle
        yield* pass(`${next - 1} millis`)
        assert.strictEqual(gets(), 1)
        yield* pass("1 millis")
        assert.strictEqual(gets(), 2)
      }
    }))

  it.scoped("call get in time although the clock is set back", () =>
    Effect.gen(function*() {
      const wall = yield* settableClock
      yield* wall.move(10 * hour)
      const { gets, service } = yield* byHand(Effect.succeed(accessKey("key")))
      yield* Effect.forkScoped(wall.use(Stream.runDrain(CredentialChanges.stream(service))))
      yield* settle
      yield* wall.move(-hour)
      yield* pass("61 seconds")
      assert.strictEqual(gets(), 2)
    }))

  it.scoped("call get before a timer would be too long, however seldom it is asked for", () =>
    Effect.gen(function*() {
      const { gets, service } = yield* byHand(Effect.succeed(accessKey("key")))
      yield* watch(service, { every: "100 days" })
      yield* pass(`${2_147_483_646} millis`)
      assert.strictEqual(gets(), 1)
      yield* pass("1 millis")
      assert.strictEqual(gets(), 2)
    }))

  it.scoped("call get at most once a second, whatever the provider does", () =>
    Effect.gen(function*() {
      const minted = yield* Ref.make(0)
      const { gets, service } = yield* byHand(
        Effect.map(Ref.updateAndGet(minted, (n) => n + 1), (n) => accessKey(`key${n}`))
      )
      const chain = yield* CredentialChain.make([Layer.succeed(CredentialProvider.CredentialProvider, service)])
      yield* watch(chain)
      yield* watch(chain, { every: 0 })
      yield* pass("10 seconds")
      assert.isAtMost(gets(), 2 * 11)
    }))

  it.scoped("call get once per minute for a session that has expired and is still returned", () =>
    Effect.gen(function*() {
      const { gets, service } = yield* byHand(Effect.succeed(session("old", 1)))
      yield* pass("1 seconds")
      const { seen } = yield* watch(service)
      yield* pass("10 minutes")
      assert.strictEqual(gets(), 11)
      assert.deepStrictEqual(seen, ["old"])
    }))

  it.scoped("do not repeat what has not changed, and report another end or token", () =>
    Effect.gen(function*() {
      const { become, service } = yield* byHand(Effect.succeed(session("key", 3600_000)))
      const { seen } = yield* watch(service)
      yield* become(Effect.sync(() => session("key", 3600_000)))
      yield* pass("1 minutes")
      assert.lengthOf(seen, 1)
      yield* become(Effect.succeed(session("key", 7200_000)))
      yield* pass("1 minutes")
      assert.lengthOf(seen, 2, "another end")
      yield* become(Effect.succeed(session("key", 7200_000, "other")))
      yield* pass("1 minutes")
      assert.lengthOf(seen, 3, "another provider")
      const { securityToken } = TestCredentialProvider.stsToken()
      yield* become(
        Effect.succeed(
          Credentials.StsToken({ ...session("key", 7200_000, "other") as Credentials.StsToken, securityToken })
        )
      )
      yield* pass("1 minutes")
      assert.lengthOf(seen, 4, "another token")
    }))

  it.scoped("follow a chain to another link, and a file to another key", () =>
    Effect.gen(function*() {
      const count = yield* Ref.make(0)
      const first = yield* CredentialProvider.make({
        name: "first",
        refresh: { jitter: 0 },
        fetch: Effect.flatMap(
          Ref.get(count),
          (n) => n === 0 ? Effect.fail(unavailable("down")) : Effect.map(countedSessions(count, 3600), (all) => all)
        )
      })
      const chain = yield* CredentialChain.make([
        Layer.succeed(CredentialProvider.CredentialProvider, first),
        Layer.succeed(CredentialProvider.CredentialProvider, CredentialProvider.succeed(accessKey("second")))
      ])
      const { seen } = yield* watch(chain)
      assert.deepStrictEqual(seen, ["second"])
      yield* Ref.set(count, 1)
      yield* pass("2 minutes")
      assert.deepStrictEqual(seen, ["second", "key2"])

      const path = "/home/me/.aliyun/config.json"
      const files = memoryFiles({ [path]: configOf([ak("p", "one")]) })
      const file = yield* watch(yield* Effect.provide(CliProfile.make(), machine(files)))
      files.write(path, configOf([ak("p", "two")]))
      yield* pass("2 minutes")
      assert.deepStrictEqual(file.seen, ["one", "two"])
    }).pipe(Effect.provide(quiet)))

  it.scoped("follow a chain back to a link at once, although that has the same key as before", () =>
    Effect.gen(function*() {
      const first = yield* byHand(Effect.succeed(accessKey("one")))
      const second = yield* byHand(Effect.succeed(accessKey("two")))
      const chain = yield* CredentialChain.make([
        Layer.succeed(CredentialProvider.CredentialProvider, first.service),
        Layer.succeed(CredentialProvider.CredentialProvider, second.service)
      ])
      const { seen } = yield* watch(chain, { every: "1 hour" })
      const getAndPass = Effect.zipRight(chain.get, pass("2 seconds"))
      yield* first.become(Effect.fail(unavailable("down")))
      yield* getAndPass
      assert.deepStrictEqual(seen, ["one", "two"])
      yield* first.become(Effect.succeed(accessKey("one")))
      yield* pass("1 minutes")
      yield* getAndPass
      assert.deepStrictEqual(seen, ["one", "two", "one"])
    }).pipe(Effect.provide(quiet)))

  it.scoped("of a chain follow a refusal of the link in use at once", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([lasting(3600)])
      const chain = yield* CredentialChain.make([Layer.succeed(CredentialProvider.CredentialProvider, provider)])
      const { seen } = yield* watch(chain, { every: "1 hour" })
      yield* chain.invalidate(yield* chain.get)
      yield* pass("2 seconds")
      assert.deepStrictEqual(seen, ["key1", "key2"])
    }))

  it.scoped("give a slow consumer only the latest credentials", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([lasting(3600)])
      const taken = yield* Queue.unbounded<string | undefined>()
      yield* Effect.forkScoped(Stream.runForEach(
        CredentialChanges.stream(provider),
        ({ accessKeyId }) => Effect.zipRight(Queue.offer(taken, accessKeyId), Effect.sleep("3 hours"))
      ))
      yield* settle
      for (let renewals = 0; renewals < 3; renewals++) {
        yield* pass("50 minutes")
        yield* provider.get
        yield* settle
      }
      yield* pass("40 minutes")
      const ids = Chunk.toReadonlyArray(yield* Queue.takeAll(taken))
      assert.lengthOf(ids, 2)
      assert.deepStrictEqual(ids[0], "key1")
      assert.notStrictEqual(ids[1], "key2")
    }))

  it.scoped("stop when they are interrupted, whatever they wait for", () =>
    Effect.gen(function*() {
      yield* watchSleeps
      const waiting = yield* byHand(Effect.never)
      const pausing = yield* byHand(Effect.fail(unavailable("down")))
      const idle = yield* byHand(Effect.succeed(accessKey("key")))
      for (const { gets, service } of [waiting, pausing, idle]) {
        const { fiber } = yield* watch(service)
        yield* Fiber.interrupt(fiber)
        const before = gets()
        yield* pass("10 minutes")
        assert.strictEqual(gets(), before)
      }
      assert.isEmpty(yield* sleeps)
    }))

  it.scoped("leave no listener behind when they are interrupted", () =>
    Effect.gen(function*() {
      const listeners = new Set<() => void>()
      const { service } = yield* byHand(Effect.succeed(accessKey("key")))
      const { fiber } = yield* watch(Monitor.attach(service, {
        status: () => Monitor.nothing,
        signal: {
          emit: () => {},
          listen: (listener) => {
            listeners.add(listener)
            return () => void listeners.delete(listener)
          }
        }
      }))
      assert.strictEqual(listeners.size, 1)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(listeners.size, 0)
    }))

  it.scoped("do not cancel a fetch for other callers", () =>
    Effect.gen(function*() {
      const { count, id, provider } = yield* scriptedProvider([lasting(3600)], { delay: "2 seconds" })
      const { fiber } = yield* watch(provider)
      const other = yield* Effect.fork(id)
      yield* settle
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* other, "key1")
      assert.strictEqual(yield* count, 1)
    }))
})
