import { assert, describe, it } from "@effect/vitest"
import {
  Array as Arr,
  Cause,
  Clock,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Metric,
  Option,
  Random,
  Ref,
  Scope,
  TestClock,
  Tracer
} from "effect"
import { CredentialError, CredentialProvider, type Credentials, type RefreshPolicy } from "effect-alicloud-credentials"
import { settle } from "../support/clock.ts"
import { accessKey, idOf, session } from "../support/credentials.ts"
import { logs } from "../support/logs.ts"
import { recordedSpans } from "../support/spans.ts"

const unavailable = (reason: string, retryAfter?: Duration.Duration) =>
  new CredentialError.CredentialsUnavailable({ provider: "test", reason, retryAfter })

/** A provider whose fetches take `delay` and end as the script says; the last line of the script repeats. */
const scriptedProvider = (
  script: ReadonlyArray<
    (now: number, count: number) => Effect.Effect<Credentials.Credentials, CredentialError.CredentialError>
  >,
  options: {
    readonly delay?: Duration.DurationInput
    readonly refresh?: Partial<RefreshPolicy.RefreshPolicy>
    readonly keep?: Duration.DurationInput
  } = {}
) =>
  Effect.gen(function*() {
    const count = yield* Ref.make(0)
    const provider = yield* CredentialProvider.make({
      name: "test",
      refresh: { jitter: 0, ...options.refresh },
      keep: options.keep,
      fetch: Effect.gen(function*() {
        const n = yield* Ref.updateAndGet(count, (n) => n + 1)
        if (options.delay !== undefined) yield* Effect.sleep(options.delay)
        const now = yield* Clock.currentTimeMillis
        const line = script[Math.min(n, script.length) - 1]!
        return yield* line(now, n)
      })
    })
    return { provider, count: Ref.get(count), id: Effect.map(provider.get, idOf) }
  })

const lasting = (seconds: number) => (now: number, count: number) =>
  Effect.succeed(session(`key${count}`, now + seconds * 1000))

const failingFetch = (reason: string, retryAfter?: Duration.Duration) => () =>
  Effect.fail(unavailable(reason, retryAfter))

describe("a session", () => {
  it.scoped("of the product page: fetched at 0, kept at 600, new at 4200, kept at 4300 seconds", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600)])
      assert.strictEqual(yield* id, "key1")
      yield* TestClock.adjust("600 seconds")
      assert.strictEqual(yield* id, "key1")
      yield* TestClock.adjust("3600 seconds")
      assert.strictEqual(yield* id, "key2")
      yield* TestClock.adjust("100 seconds")
      assert.strictEqual(yield* id, "key2")
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("of 900 seconds is cached for three quarters of them", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(900)])
      for (let call = 0; call < 5; call++) {
        assert.strictEqual(yield* id, "key1")
        yield* TestClock.adjust("130 seconds")
      }
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("26 seconds")
      assert.strictEqual(yield* id, "key1")
      yield* settle
      assert.strictEqual(yield* count, 2)
      assert.strictEqual(yield* id, "key2")
    }))

  it.scoped("is renewed in the background while callers get the one at hand at once", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600)], { delay: "10 seconds" })
      const first = yield* Effect.fork(id)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* Fiber.join(first), "key1")
      yield* TestClock.adjust("2700 seconds")
      assert.strictEqual(yield* id, "key1")
      assert.strictEqual(yield* id, "key1")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* count, 2)
      assert.strictEqual(yield* id, "key2")
    }))

  it.scoped("is renewed up to a twentieth of the prefetch later, by chance", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600)], { refresh: { jitter: 0.05 } })
      yield* id
      yield* TestClock.adjust("2722 seconds")
      yield* id
      yield* settle
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("1 seconds")
      yield* id
      yield* settle
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.withRandom(Random.fixed([0.5]))))

  it.scoped("is not handed out in its last ten seconds", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600), failingFetch("down")])
      yield* id
      yield* TestClock.adjust("3589 seconds")
      assert.strictEqual(yield* id, "key1")
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual((yield* Effect.flip(id))._tag, "CredentialsUnavailable")
      assert.isAbove(yield* count, 2)
    }))

  it.scoped("that had ended when it arrived is refused, with both times", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-01-01T00:00:00Z"))
      const { id } = yield* scriptedProvider([lasting(-60)])
      const error = yield* Effect.flip(id)
      assert.strictEqual(error._tag, "CredentialsExpired")
      assert.include(error.message, "2025-12-31T23:59:00.000Z")
      assert.include(error.message, "2026-01-01T00:00:00.000Z")
    }))

  it.scoped("at hand is kept when the answer of the renewal had ended", () =>
    Effect.gen(function*() {
      const { id } = yield* scriptedProvider([lasting(3600), lasting(-60)])
      yield* id
      yield* TestClock.adjust("2700 seconds")
      yield* id
      yield* settle
      assert.strictEqual(yield* id, "key1")
    }))

  it.scoped("that is no newer than the one at hand is dropped, and asked for again after the interval", () =>
    Effect.gen(function*() {
      const same = (_: number, count: number) => Effect.succeed(session(`key${count}`, 3_600_000))
      const { count, id } = yield* scriptedProvider([same])
      yield* id
      yield* TestClock.adjust("2700 seconds")
      yield* id
      yield* settle
      assert.strictEqual(yield* id, "key1")
      yield* TestClock.adjust("59 seconds")
      yield* id
      yield* settle
      assert.strictEqual(yield* count, 2)
      yield* TestClock.adjust("1 seconds")
      yield* id
      yield* settle
      assert.strictEqual(yield* count, 3)
      assert.strictEqual(yield* id, "key1")
    }))
})

describe("a key without expiration", () => {
  it.scoped("is never fetched again by default", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([() => Effect.succeed(accessKey("key"))])
      yield* id
      yield* TestClock.adjust("365 days")
      yield* id
      yield* settle
      assert.strictEqual(yield* count, 1)
    }))

  it.scoped("is fetched again in the background after `keep`", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([(_, n) => Effect.succeed(accessKey(`key${n}`))], {
        keep: "1 minute"
      })
      yield* id
      yield* TestClock.adjust("59 seconds")
      yield* id
      yield* settle
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(yield* id, "key1")
      yield* settle
      assert.strictEqual(yield* id, "key2")
    }))

  it.scoped("can be followed by a session, when the source changed its kind", () =>
    Effect.gen(function*() {
      const { id } = yield* scriptedProvider([() => Effect.succeed(accessKey("key")), lasting(3600)], {
        keep: "1 minute"
      })
      yield* id
      yield* TestClock.adjust("1 minute")
      yield* id
      yield* settle
      assert.strictEqual(yield* id, "key2")
    }))
})

describe("single flight", () => {
  it.scoped("10,000 callers cause one fetch, and one again at the end of the session", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600)], { delay: "1 seconds" })
      const wave = (expected: string) =>
        Effect.gen(function*() {
          const callers = yield* Effect.forEach(Arr.range(1, 10_000), () => Effect.fork(id))
          yield* TestClock.adjust("1 seconds")
          const ids = yield* Effect.forEach(callers, Fiber.join)
          assert.deepStrictEqual(Arr.dedupe(ids), [expected])
        })
      yield* wave("key1")
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("1 hour")
      yield* wave("key2")
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("an interrupted first caller costs nobody anything", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600)], { delay: "5 seconds" })
      const impatient = yield* Effect.fork(Effect.timeoutOption(id, "1 seconds"))
      const patient = yield* Effect.fork(id)
      yield* TestClock.adjust("1 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.join(impatient)))
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual(yield* Fiber.join(patient), "key1")
      assert.strictEqual(yield* count, 1)
    }))

  it.scoped("when every caller gave up, the fetch still lands in the cache", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600)], { delay: "5 seconds" })
      const caller = yield* Effect.fork(id)
      yield* TestClock.adjust("1 seconds")
      yield* Fiber.interrupt(caller)
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual(yield* id, "key1")
      assert.strictEqual(yield* count, 1)
    }))

  it.scoped("neither an uninterruptible caller nor an uninterruptible maker makes the fetch uninterruptible", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { id } = yield* Effect.uninterruptible(
        Scope.extend(scriptedProvider([lasting(3600)], { delay: "1 hour" }), scope)
      )
      const caller = yield* Effect.fork(Effect.uninterruptible(Effect.exit(id)))
      yield* settle
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.join(caller)))
    }))

  it.scoped("closing the scope interrupts the fetch and whoever waits, and a later get does not hang", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const interrupted = yield* Deferred.make<void>()
      const provider = yield* Scope.extend(
        CredentialProvider.make({
          name: "test",
          fetch: Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, void 0))
        }),
        scope
      )
      const waiting = yield* Effect.fork(Effect.exit(provider.get))
      yield* settle
      yield* Scope.close(scope, Exit.void)
      yield* Deferred.await(interrupted)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.join(waiting)))
      assert.isTrue(Exit.isInterrupted(yield* Effect.exit(provider.get)))
    }))

  it.scoped("the fetch runs with the clock, logger and services of whoever made the provider", () =>
    Effect.gen(function*() {
      const mine = Tracer.externalSpan({ spanId: "0000000000000001", traceId: "00000000000000000000000000000001" })
      const seen = yield* Ref.make<ReadonlyArray<string>>([])
      const provider = yield* CredentialProvider.make({
        name: "test",
        fetch: Effect.gen(function*() {
          const span = yield* Effect.currentParentSpan
          yield* Ref.update(seen, Arr.append(span.traceId))
          return accessKey("key")
        }).pipe(Effect.orDie)
      })
      yield* Effect.withParentSpan(provider.get, mine)
      assert.notInclude(yield* Ref.get(seen), mine.traceId)
    }))
})

describe("failures", () => {
  it.scoped("are not remembered: the next call asks again", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([failingFetch("down"), failingFetch("down"), lasting(3600)])
      assert.strictEqual((yield* Effect.flip(id))._tag, "CredentialsUnavailable")
      assert.strictEqual((yield* Effect.flip(id))._tag, "CredentialsUnavailable")
      assert.strictEqual(yield* id, "key3")
      assert.strictEqual(yield* count, 3)
    }))

  it.scoped("reach all who wait, with one fetch", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([failingFetch("down")], { delay: "1 seconds" })
      const callers = yield* Effect.forEach(Arr.range(1, 100), () => Effect.fork(Effect.flip(id)))
      yield* TestClock.adjust("1 seconds")
      const errors = yield* Effect.forEach(callers, Fiber.join)
      assert.isTrue(errors.every((error) => error._tag === "CredentialsUnavailable"))
      assert.strictEqual(yield* count, 1)
    }))

  it.scoped("of renewals leave the credentials at hand in use; pauses are 100, 200, 400 … 10,000 ms", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600), failingFetch("down")])
      yield* id
      yield* TestClock.adjust("2700 seconds")
      assert.strictEqual(yield* id, "key1")
      yield* settle
      const pauses = [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]
      for (const [failures, pause] of pauses.entries()) {
        yield* TestClock.adjust(pause - 1)
        assert.strictEqual(yield* id, "key1")
        yield* settle
        assert.strictEqual(yield* count, failures + 2, `too early after pause ${pause}`)
        yield* TestClock.adjust(1)
        assert.strictEqual(yield* id, "key1")
        yield* settle
        assert.strictEqual(yield* count, failures + 3, `too late after pause ${pause}`)
      }
    }))

  it.scoped("of a renewal wait for Retry-After", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([
        lasting(3600),
        failingFetch("slow down", Duration.seconds(30)),
        lasting(3600)
      ])
      yield* id
      yield* TestClock.adjust("2700 seconds")
      yield* id
      yield* settle
      yield* TestClock.adjust("29 seconds")
      yield* id
      yield* settle
      assert.strictEqual(yield* count, 2)
      yield* TestClock.adjust("1 seconds")
      yield* id
      yield* settle
      assert.strictEqual(yield* id, "key3")
    }))

  it.scoped("that say Retry-After are repeated without a request until it is over, at most maxBackoff", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([failingFetch("slow down", Duration.minutes(5)), lasting(3600)])
      yield* Effect.flip(id)
      yield* TestClock.adjust("9 seconds")
      assert.include((yield* Effect.flip(id)).message, "slow down")
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(yield* id, "key2")
    }))

  it.scoped("an outage past the end of the session becomes an error, and recovery is found at once", () =>
    Effect.gen(function*() {
      const down = yield* Ref.make(false)
      const { id } = yield* scriptedProvider([
        (now, count) =>
          Effect.flatMap(Ref.get(down), (down) => down ? Effect.fail(unavailable("down")) : lasting(3600)(now, count))
      ])
      yield* id
      yield* Ref.set(down, true)
      yield* TestClock.adjust("3580 seconds")
      assert.strictEqual(yield* id, "key1")
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual((yield* Effect.flip(id))._tag, "CredentialsUnavailable")
      yield* Ref.set(down, false)
      assert.match(yield* id, /^key/)
    }))

  it.scoped("a pause that reaches past the end does not let an ended session out", () =>
    Effect.gen(function*() {
      const { id } = yield* scriptedProvider([lasting(900), failingFetch("slow down", Duration.hours(1))])
      yield* id
      yield* TestClock.adjust("700 seconds")
      assert.strictEqual(yield* id, "key1")
      yield* settle
      yield* TestClock.adjust("200 seconds")
      assert.strictEqual((yield* Effect.flip(id))._tag, "CredentialsUnavailable")
    }))

  it.scoped("a clock that goes back ends neither renewal nor waiting", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(10 * 3_600_000)
      const { count, id } = yield* scriptedProvider([lasting(3600)])
      assert.strictEqual(yield* id, "key1")
      yield* TestClock.setTime(9 * 3_600_000)
      assert.strictEqual(yield* id, "key1")
      yield* settle
      assert.strictEqual(yield* id, "key2")
      yield* settle
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("a clock that goes back does not make a throttled server wait for longer", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(10 * 3_600_000)
      const { id } = yield* scriptedProvider([failingFetch("slow down", Duration.seconds(5)), lasting(3600)])
      yield* Effect.flip(id)
      yield* TestClock.setTime(9 * 3_600_000)
      assert.strictEqual(yield* id, "key2")
    }))

  it.scoped("a fetch that interrupts itself is a failure like others: with credentials at hand it is tried again later", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([lasting(3600), () => Effect.interrupt])
      yield* id
      yield* TestClock.adjust("2700 seconds")
      for (let call = 0; call < 20; call++) {
        assert.strictEqual(yield* id, "key1")
        yield* settle
      }
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("a defect reaches the caller and is not remembered", () =>
    Effect.gen(function*() {
      const { id } = yield* scriptedProvider([() => Effect.die("bug"), lasting(3600)])
      assert.isTrue(Exit.match(yield* Effect.exit(id), { onFailure: Cause.isDie, onSuccess: () => false }))
      assert.strictEqual(yield* id, "key2")
    }))
})

describe("invalidate", () => {
  it.scoped("drops the credentials that were refused, also by an equal copy", () =>
    Effect.gen(function*() {
      const { count, id, provider } = yield* scriptedProvider([lasting(3600)])
      yield* id
      yield* provider.invalidate(session("key1", 5, "elsewhere"))
      assert.strictEqual(yield* id, "key2")
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("of a key that is no longer at hand does nothing", () =>
    Effect.gen(function*() {
      const { count, id, provider } = yield* scriptedProvider([lasting(3600)])
      const old = yield* provider.get
      yield* provider.invalidate(old)
      assert.strictEqual(yield* id, "key2")
      yield* provider.invalidate(old)
      yield* provider.invalidate(accessKey("key2"))
      assert.strictEqual(yield* id, "key2")
      assert.strictEqual(yield* count, 2)
    }))
})

describe("observability", () => {
  it.scoped("a failed renewal is a warning that names the reason", () =>
    Effect.gen(function*() {
      const { layer, lines } = logs()
      yield* Effect.gen(function*() {
        const { id } = yield* scriptedProvider([lasting(3600), failingFetch("out of reach")])
        yield* id
        yield* TestClock.adjust("2700 seconds")
        yield* id
        yield* settle
      }).pipe(Effect.provide(layer))
      const [line, ...more] = lines
      assert.match(line ?? "", /^WARN renewal failed.*another 900 s.*out of reach/)
      assert.deepStrictEqual(more, [])
    }))

  it.scoped("a renewal is a root span that links to the caller who waits", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recordedSpans()
      yield* Effect.gen(function*() {
        const { id } = yield* scriptedProvider([lasting(3600)])
        yield* Effect.withSpan(id, "request")
      }).pipe(Effect.withTracer(tracer))
      const [request, renewal] = spans
      assert.strictEqual(renewal?.name, "CredentialProvider.renew")
      assert.isTrue(Option.isNone(renewal!.parent))
      assert.strictEqual(renewal?.links[0]?.span.spanId, request?.spanId)
      assert.strictEqual(renewal?.attributes.get("alicloud.credentials.provider"), "test")
    }))

  it.scoped("renewals are counted by provider and outcome", () =>
    Effect.gen(function*() {
      const counter = (outcome: string) =>
        Metric.value(
          Metric.counter("alicloud_credentials_renewals", {
            description: "Fetches of credentials, by provider and outcome"
          }).pipe(Metric.tagged("provider", "counted"), Metric.tagged("outcome", outcome))
        )
      const provider = yield* CredentialProvider.make({
        name: "counted",
        fetch: Effect.flatMap(Ref.make(0), () => Effect.fail(unavailable("down")))
      })
      yield* Effect.flip(provider.get)
      yield* Effect.flip(provider.get)
      assert.strictEqual((yield* counter("CredentialsUnavailable")).count, 2)
      assert.strictEqual((yield* counter("success")).count, 0)
    }))
})

describe("layers", () => {
  it.effect("keepWarm renews on a schedule, until its scope ends", () =>
    Effect.gen(function*() {
      const count = yield* Ref.make(0)
      const provider = CredentialProvider.layer({
        name: "test",
        refresh: { jitter: 0 },
        fetch: Effect.zipWith(
          Ref.updateAndGet(count, (n) => n + 1),
          Clock.currentTimeMillis,
          (n, now) => session(`key${n}`, now + 900_000)
        )
      })
      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(Layer.provide(CredentialProvider.keepWarm(), provider), scope)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* Ref.get(count), 6)
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* Ref.get(count), 6)
    }))

  it.effect("keepWarm survives failures", () =>
    Effect.gen(function*() {
      const count = yield* Ref.make(0)
      const provider = CredentialProvider.layer({
        name: "test",
        fetch: Effect.zipRight(Ref.update(count, (n) => n + 1), Effect.fail(unavailable("down")))
      })
      yield* Effect.gen(function*() {
        yield* TestClock.adjust("3 minutes")
        assert.strictEqual(yield* Ref.get(count), 4)
      }).pipe(Effect.provide(Layer.provide(CredentialProvider.keepWarm(), provider)))
    }))

  it.effect("eager fails the build with the error of the first get", () =>
    Effect.gen(function*() {
      const provider = CredentialProvider.layer({ name: "test", fetch: Effect.fail(unavailable("down")) })
      const error = yield* Effect.flip(Effect.scoped(Layer.build(CredentialProvider.eager(provider))))
      assert.strictEqual(error._tag, "CredentialsUnavailable")
    }))

  it.effect("building a layer fetches nothing", () =>
    Effect.gen(function*() {
      const provider = CredentialProvider.layer({ name: "test", fetch: Effect.die("fetched") })
      yield* Effect.scoped(Layer.build(provider))
    }))
})
