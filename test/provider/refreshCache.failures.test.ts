import { assert, describe, it } from "@effect/vitest"
import {
  Array as Arr,
  Cause,
  Duration,
  Effect,
  Exit,
  Fiber,
  Metric,
  Option,
  Random,
  Ref,
  Scope,
  TestClock
} from "effect"
import { CredentialError, CredentialProvider } from "effect-alicloud-credentials"
import { elapsed, hour, settableClock, settle } from "../support/clock.ts"
import { accessKey, session } from "../support/credentials.ts"
import { logs } from "../support/logs.ts"
import { failingFetch, lasting, scriptedProvider, throttledFetch, unavailable } from "../support/scriptedProvider.ts"
import { recordedSpans } from "../support/spans.ts"

describe("a failed fetch", () => {
  it.scoped("is not cached: the next get fetches again", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([failingFetch("down"), failingFetch("down"), lasting(3600)])
      assert.strictEqual((yield* Effect.flip(id))._tag, "CredentialsUnavailable")
      assert.strictEqual((yield* Effect.flip(id))._tag, "CredentialsUnavailable")
      assert.strictEqual(yield* id, "key3")
      assert.strictEqual(yield* count, 3)
    }))

  it.scoped("fails all waiting callers", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([failingFetch("down")], { delay: "1 seconds" })
      const callers = yield* Effect.forEach(Arr.range(1, 100), () => Effect.fork(Effect.flip(id)))
      yield* TestClock.adjust("1 seconds")
      const errors = yield* Effect.forEach(callers, Fiber.join)
      assert.isTrue(errors.every((error) => error._tag === "CredentialsUnavailable"))
      assert.strictEqual(yield* count, 1)
    }))

  it.scoped("in the background keeps the cached credentials, and is retried after 120, 240, 300 … 1 seconds", () =>
    Effect.gen(function*() {
      const { count, id, touch } = yield* scriptedProvider([lasting(3600), failingFetch("down")])
      yield* id
      yield* TestClock.adjust("2700 seconds")
      assert.strictEqual(yield* touch, "key1")
      // From the third pause on, the time that is left decides: 540, 240, 144 and 109 seconds, and in the end one second.
      for (const [failures, pause] of [120_000, 240_000, 300_000, 96_000, 34_560, 19_962].entries()) {
        yield* TestClock.adjust(pause - 1)
        assert.strictEqual(yield* touch, "key1")
        assert.strictEqual(yield* count, failures + 2, `too early after pause ${pause}`)
        yield* TestClock.adjust(1)
        assert.strictEqual(yield* touch, "key1")
        assert.strictEqual(yield* count, failures + 3, `too late after pause ${pause}`)
      }
      yield* TestClock.adjust("88 seconds")
      yield* touch
      const before = yield* count
      yield* TestClock.adjust("1 seconds")
      yield* touch
      assert.strictEqual(yield* count, before + 1)
    }))

  it.scoped("of a server that throttles is retried after 7.5, 15, 30 seconds", () =>
    Effect.gen(function*() {
      const { count, id, touch } = yield* scriptedProvider([lasting(3600), throttledFetch])
      yield* id
      yield* TestClock.adjust("2700 seconds")
      yield* touch
      for (const [failures, pause] of [7500, 15_000, 30_000].entries()) {
        yield* TestClock.adjust(pause - 1)
        yield* touch
        assert.strictEqual(yield* count, failures + 2)
        yield* TestClock.adjust(1)
        yield* touch
        assert.strictEqual(yield* count, failures + 3)
      }
    }))

  it.scoped("is retried at a random time within the pause", () =>
    Effect.gen(function*() {
      const { count, id, touch } = yield* scriptedProvider([lasting(3600), failingFetch("down")], {
        refresh: { jitter: 1 }
      })
      yield* id
      yield* TestClock.adjust("2812500 millis")
      yield* touch
      assert.strictEqual(yield* count, 2)
      yield* TestClock.adjust("59999 millis")
      yield* touch
      assert.strictEqual(yield* count, 2)
      yield* TestClock.adjust("1 millis")
      yield* touch
      assert.strictEqual(yield* count, 3)
    }).pipe(Effect.withRandom(Random.fixed([0.5]))))

  it.scoped("after a success is retried after two minutes again", () =>
    Effect.gen(function*() {
      const down = failingFetch("down")
      const { count, id, touch } = yield* scriptedProvider([lasting(3600), down, down, lasting(3600), down])
      yield* id
      for (const pause of ["2700 seconds", "120 seconds", "240 seconds"] as const) {
        yield* TestClock.adjust(pause)
        assert.strictEqual(yield* touch, "key1")
      }
      assert.strictEqual(yield* id, "key4")
      yield* TestClock.adjust("2700 seconds")
      yield* touch
      assert.strictEqual(yield* count, 5)
      yield* TestClock.adjust("120 seconds")
      yield* touch
      assert.strictEqual(yield* count, 6)
    }))

  it.scoped("leaves no pause for the session that follows the expired one", () =>
    Effect.gen(function*() {
      const { count, id, touch } = yield* scriptedProvider([
        lasting(900),
        failingFetch("slow down", Duration.minutes(5)),
        lasting(60)
      ])
      yield* id
      yield* TestClock.adjust("700 seconds")
      yield* touch
      yield* TestClock.adjust("200 seconds")
      assert.strictEqual(yield* id, "key3")
      yield* TestClock.adjust("45 seconds")
      yield* touch
      assert.strictEqual(yield* count, 4)
    }))

  it.scoped("in the background is retried after Retry-After", () =>
    Effect.gen(function*() {
      const { count, id, touch } = yield* scriptedProvider([
        lasting(3600),
        failingFetch("slow down", Duration.seconds(30)),
        lasting(3600)
      ])
      yield* id
      yield* TestClock.adjust("2700 seconds")
      yield* touch
      yield* TestClock.adjust("29 seconds")
      yield* touch
      assert.strictEqual(yield* count, 2)
      yield* TestClock.adjust("1 seconds")
      yield* touch
      assert.strictEqual(yield* id, "key3")
    }))

  it.scoped("with a Retry-After beyond maxWait is repeated without a fetch, for at most maxBackoff", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([failingFetch("slow down", Duration.hours(1)), lasting(3600)], {
        refresh: { maxBackoff: "10 seconds" }
      })
      const { millis } = yield* elapsed(Effect.flip(id), "0 millis")
      assert.strictEqual(millis, 0)
      yield* TestClock.adjust("9 seconds")
      assert.include((yield* Effect.flip(id)).message, "slow down")
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(yield* id, "key2")
    }))

  it.scoped("with a Retry-After beyond maxWait makes later callers wait, once it fits into their limit", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([failingFetch("slow down", Duration.minutes(5)), lasting(3600)])
      yield* Effect.flip(id)
      yield* TestClock.adjust("209 seconds")
      yield* Effect.flip(id)
      yield* TestClock.adjust("1 seconds")
      const { millis, value } = yield* elapsed(id)
      assert.strictEqual(value, "key2")
      assert.strictEqual(millis, 90_000)
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("becomes an error after the session has expired, and the next get fetches again at once", () =>
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

  it.scoped("with a pause beyond the expiration does not make get return an expired session", () =>
    Effect.gen(function*() {
      const { id, touch } = yield* scriptedProvider([lasting(900), failingFetch("slow down", Duration.hours(1))])
      yield* id
      yield* TestClock.adjust("700 seconds")
      assert.strictEqual(yield* touch, "key1")
      yield* TestClock.adjust("200 seconds")
      assert.strictEqual((yield* Effect.flip(id))._tag, "CredentialsUnavailable")
    }))

  it.scoped("a clock that is set back causes a renewal, with pauses if it fails", () =>
    Effect.gen(function*() {
      const wall = yield* settableClock
      yield* wall.move(10 * hour)
      const { count, id } = yield* wall.use(scriptedProvider([lasting(3600), failingFetch("down"), lasting(3600)]))
      const touch = Effect.zipLeft(wall.use(id), settle)
      assert.strictEqual(yield* touch, "key1")
      yield* wall.move(-hour)
      for (let call = 0; call < 100; call++) assert.strictEqual(yield* touch, "key1")
      assert.strictEqual(yield* count, 2)
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(yield* touch, "key1")
      assert.strictEqual(yield* touch, "key3", "due until it succeeds: nothing says how long the session lasts")
    }))

  it.scoped("a session is not lost that expired only by a clock that was wrong for a while", () =>
    Effect.gen(function*() {
      const wall = yield* settableClock
      const { id } = yield* wall.use(scriptedProvider([lasting(3600), failingFetch("down")]))
      assert.strictEqual(yield* wall.use(id), "key1")
      yield* wall.move(2 * hour)
      assert.strictEqual((yield* wall.use(Effect.flip(id)))._tag, "CredentialsUnavailable")
      yield* wall.move(-2 * hour)
      assert.strictEqual(yield* wall.use(id), "key1")
    }))

  for (
    const [when, script] of [["is renewed", [lasting(3600), lasting(3600)]], [
      "ends",
      [lasting(3600), failingFetch("down")]
    ]] as const
  ) {
    it.scoped(`a session ${when} at its real end although the clock is set back while nobody looks`, () =>
      Effect.gen(function*() {
        const wall = yield* settableClock
        yield* wall.move(10 * hour)
        const { id } = yield* wall.use(scriptedProvider(script))
        const touch = Effect.zipLeft(wall.use(Effect.merge(id)), settle)
        yield* touch
        yield* TestClock.adjust("40 minutes")
        yield* wall.move(-hour / 2)
        yield* TestClock.adjust("20 minutes")
        const last = yield* touch
        assert.strictEqual(
          typeof last === "string" ? last : last._tag,
          when === "ends" ? "CredentialsUnavailable" : "key2"
        )
      }))
  }

  it.scoped("a throttled server is left alone for as long although the clock is set back", () =>
    Effect.gen(function*() {
      const wall = yield* settableClock
      yield* wall.move(10 * hour)
      const { count, id } = yield* wall.use(
        scriptedProvider([failingFetch("slow down", Duration.seconds(5)), lasting(3600)], { refresh: { maxWait: 0 } })
      )
      yield* wall.use(Effect.flip(id))
      yield* wall.move(-hour)
      yield* TestClock.adjust("4999 millis")
      yield* wall.use(Effect.flip(id))
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* wall.use(id), "key2")
    }))

  it.scoped("an answer that expired while the process was stopped is asked for once more", () =>
    Effect.gen(function*() {
      const wall = yield* settableClock
      const frozen = (now: number, count: number) => Effect.as(wall.move(2 * hour), session(`key${count}`, now + hour))
      const { count, id } = yield* wall.use(scriptedProvider([frozen, lasting(3600)]))
      assert.strictEqual(yield* wall.use(id), "key2")
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("is final also after a long time", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([failingFetch("down")], { delay: "20 seconds" })
      assert.strictEqual((yield* elapsed(Effect.flip(id))).value._tag, "CredentialsUnavailable")
      assert.strictEqual(yield* count, 1)
    }))

  it.scoped("callers wait for a renewal near the real end of a session although the clock is set back", () =>
    Effect.gen(function*() {
      const wall = yield* settableClock
      yield* wall.move(10 * hour)
      const { count, id } = yield* wall.use(scriptedProvider([lasting(3600), () => Effect.never]))
      const { millis } = yield* elapsed(wall.use(id), 0)
      assert.strictEqual(millis, 0)
      yield* wall.move(-hour / 2)
      yield* TestClock.adjust("3589999 millis")
      assert.strictEqual((yield* elapsed(wall.use(id), 0)).millis, 0)
      yield* TestClock.adjust("1 millis")
      const waiting = yield* Effect.fork(wall.use(id))
      yield* TestClock.adjust("4999 millis")
      assert.isNull(waiting.unsafePoll())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* Fiber.join(waiting), "key1", "after half of what is left")
      assert.strictEqual(yield* count, 2)
    }))

  for (const [jump, key] of [[3999, "key1"], [4000, "key2"]] as const) {
    it.scoped(`a caller that waits in the last 8 seconds gets ${key} if the machine slept for ${jump} ms more`, () =>
      Effect.gen(function*() {
        const wall = yield* settableClock
        const slowly = (now: number, count: number) => Effect.delay(lasting(3600)(now + hour, count), "10 seconds")
        const { id } = yield* wall.use(scriptedProvider([lasting(3600), slowly]))
        yield* wall.use(id)
        yield* TestClock.adjust("3592 seconds")
        const waiting = yield* Effect.fork(wall.use(id))
        yield* settle
        yield* wall.move(jump)
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(yield* Fiber.join(waiting), key)
      }))
  }

  it.scoped("of a throttled server counts for nothing once a clock that was wrong shows that the session still works", () =>
    Effect.gen(function*() {
      const wall = yield* settableClock
      const { id } = yield* wall.use(
        scriptedProvider([lasting(3600), failingFetch("slow down", Duration.minutes(5)), lasting(3600)])
      )
      yield* wall.use(id)
      yield* TestClock.adjust("3591 seconds")
      yield* wall.move(hour)
      assert.strictEqual((yield* wall.use(Effect.flip(id)))._tag, "CredentialsUnavailable")
      yield* wall.move(-hour)
      assert.strictEqual(yield* wall.use(id), "key3")
    }))

  it.scoped("may be an interruption of itself, which is retried later if there are cached credentials", () =>
    Effect.gen(function*() {
      const { count, id, touch } = yield* scriptedProvider([lasting(3600), () => Effect.interrupt])
      yield* id
      yield* TestClock.adjust("2700 seconds")
      for (let call = 0; call < 20; call++) {
        assert.strictEqual(yield* touch, "key1")
      }
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("may be a defect, which fails the caller and is not cached", () =>
    Effect.gen(function*() {
      const { id } = yield* scriptedProvider([() => Effect.die("bug"), lasting(3600)])
      assert.isTrue(Exit.match(yield* Effect.exit(id), { onFailure: Cause.isDie, onSuccess: () => false }))
      assert.strictEqual(yield* id, "key2")
    }))
})

describe("a server that throttles, while nothing is cached,", () => {
  it.scoped("gets one more request for all callers, within maxWait", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([throttledFetch, lasting(3600)])
      const callers = yield* Effect.forEach(Arr.range(1, 100), () => Effect.fork(id))
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(Arr.dedupe(yield* Effect.forEach(callers, Fiber.join)), ["key2"])
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("gets its requests after random pauses, each within what is left of maxWait", () =>
    Effect.gen(function*() {
      const asked = yield* Ref.make<ReadonlyArray<number>>([])
      const { id } = yield* scriptedProvider(
        [(now) => Effect.zipRight(Ref.update(asked, Arr.append(now)), throttledFetch())],
        { refresh: { jitter: 1 } }
      )
      const { millis, value } = yield* elapsed(Effect.flip(id))
      assert.strictEqual(value._tag, "CredentialsUnavailable")
      assert.deepStrictEqual(yield* Ref.get(asked), [0, 45_000, 67_500, 78_750, 84_375, 87_188, 88_594, 89_594])
      assert.strictEqual(millis, 89_594, "the next request comes after the limit")
    }).pipe(Effect.withRandom(Random.fixed([0.5]))))

  it.scoped("is not asked before its Retry-After, which doubles", () =>
    Effect.gen(function*() {
      const asked = yield* Ref.make<ReadonlyArray<number>>([])
      const slow = failingFetch("slow down", Duration.seconds(5))
      const { id } = yield* scriptedProvider([(now) => Effect.zipRight(Ref.update(asked, Arr.append(now)), slow())])
      const { millis } = yield* elapsed(Effect.flip(id))
      assert.deepStrictEqual(yield* Ref.get(asked), [0, 5000, 15_000, 35_000, 75_000, 90_000])
      assert.strictEqual(millis, 90_000)
    }))

  it.scoped("fails its callers at once if its Retry-After is longer than what is left of maxWait", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([
        failingFetch("slow down", Duration.seconds(40)),
        failingFetch("slow down", Duration.seconds(51)),
        lasting(3600)
      ])
      const { millis } = yield* elapsed(Effect.flip(id))
      assert.strictEqual(millis, 40_000)
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("is still left alone after its callers failed", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([...Arr.replicate(throttledFetch, 8), lasting(3600)])
      yield* elapsed(Effect.flip(id), "90 seconds")
      assert.strictEqual(yield* count, 8)
      const { millis, value } = yield* elapsed(id)
      assert.strictEqual(value, "key9")
      assert.strictEqual(millis, 90_000 / 8)
    }))

  it.scoped("fails its callers at once with maxWait 0", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([throttledFetch], { refresh: { maxWait: 0 } })
      const { millis } = yield* elapsed(Effect.flip(id), "0 millis")
      assert.strictEqual(millis, 0)
      assert.strictEqual(yield* count, 1)
    }))

  it.scoped("does not keep a caller that is interrupted, nor lose the session for the others", () =>
    Effect.gen(function*() {
      const { count, id } = yield* scriptedProvider([throttledFetch, lasting(3600)])
      const impatient = yield* Effect.fork(Effect.timeoutOption(id, "400 millis"))
      const patient = yield* Effect.fork(id)
      yield* TestClock.adjust("400 millis")
      assert.isTrue(Option.isNone(yield* Fiber.join(impatient)))
      yield* TestClock.adjust("600 millis")
      assert.strictEqual(yield* Fiber.join(patient), "key2")
      assert.strictEqual(yield* count, 2)
    }))

  it.effect("is not asked again after the scope closes", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { count, id } = yield* Scope.extend(scriptedProvider([throttledFetch]), scope)
      const waiting = yield* Effect.fork(Effect.exit(id))
      yield* TestClock.adjust("500 millis")
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.join(waiting)))
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(yield* count, 1)
    }))

  it.scoped("is a warning with the pause and the reason", () =>
    Effect.gen(function*() {
      const { layer, lines } = logs()
      const { id } = yield* Effect.provide(scriptedProvider([throttledFetch, lasting(3600)]), layer)
      yield* elapsed(id)
      assert.lengthOf(lines, 1)
      assert.match(lines[0] ?? "", /^WARN the server throttles, and nothing is cached.*1000 ms.*too many/)
    }))
})

describe("observability", () => {
  it.scoped("of a failed renewal is a warning with the reason", () =>
    Effect.gen(function*() {
      const { layer, lines } = logs()
      yield* Effect.gen(function*() {
        const { id, touch } = yield* scriptedProvider([lasting(3600), failingFetch("unavailable")])
        yield* id
        yield* TestClock.adjust("2700500 millis")
        yield* touch
      }).pipe(Effect.provide(layer))
      const [line, ...more] = lines
      assert.match(line ?? "", /^WARN renewal failed.*another 899 s.*unavailable/)
      assert.deepStrictEqual(more, [])
    }))

  it.scoped("of a failed renewal of a key names no end", () =>
    Effect.gen(function*() {
      const { layer, lines } = logs()
      yield* Effect.gen(function*() {
        const { id, touch } = yield* scriptedProvider([
          () => Effect.succeed(accessKey("key")),
          failingFetch("unavailable")
        ], { keep: "1 minute" })
        yield* id
        yield* TestClock.adjust("1 minute")
        yield* touch
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(lines, [
        "WARN renewal failed; the cached credentials stay in use; next try in 2000 ms: test: unavailable (unavailable)"
      ])
    }))

  it.scoped("of a renewal is a root span with a link to the waiting caller", () =>
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

  it.scoped("of a session is a gauge of when it expires", () =>
    Effect.gen(function*() {
      const gauge = Metric.gauge("alicloud_credentials_expiration_timestamp_seconds", {
        description: "When the last fetched credentials expire, in seconds since 1970, by provider"
      }).pipe(Metric.tagged("unit", "s"), Metric.tagged("provider", "custom"))
      yield* TestClock.adjust("1000 seconds")
      const provider = yield* CredentialProvider.make({
        name: "measured",
        fetch: Effect.succeed(session("key", 1234_000))
      })
      yield* provider.get
      assert.strictEqual((yield* Metric.value(gauge)).value, 1234)
      const others = [Effect.succeed(accessKey("key")), Effect.succeed(session("key", 5678_000))]
      for (const [index, end] of [1234, 5678].entries()) {
        const other = yield* CredentialProvider.make({ name: "measured", fetch: others[index]! })
        yield* other.get
        assert.strictEqual((yield* Metric.value(gauge)).value, end, "a key has no end")
      }
    }))

  it.scoped("of fetches is a counter by provider and outcome", () =>
    Effect.gen(function*() {
      const counter = (outcome: string) =>
        Effect.map(
          Metric.value(
            Metric.counter("alicloud_credentials_renewals", {
              description: "Fetches of credentials, by provider and outcome",
              incremental: true
            }).pipe(Metric.tagged("provider", "kms_secret/custom"), Metric.tagged("outcome", outcome))
          ),
          ({ count }) => count
        )
      const provider = yield* CredentialProvider.make({
        name: "kms_secret/counted",
        fetch: Effect.flatMap(Ref.make(0), () => Effect.fail(unavailable("down")))
      })
      const before = yield* counter("CredentialsUnavailable")
      yield* Effect.flip(provider.get)
      yield* Effect.flip(provider.get)
      assert.strictEqual((yield* counter("CredentialsUnavailable")) - before, 2)
      assert.strictEqual(yield* counter("success"), 0)
    }))

  it.scoped("of fetches is a histogram of their time by provider, in milliseconds", () =>
    Effect.gen(function*() {
      const name = "oauth/measured"
      const measured = Effect.map(
        Metric.snapshot,
        (all) =>
          all.find(({ metricKey }) =>
            metricKey.name === "alicloud_credentials_renewal_time" &&
            Arr.fromIterable(metricKey.tags).some(({ value }) => value === "oauth/custom")
          )
      )
      const stateOf = (found: Effect.Effect.Success<typeof measured>) =>
        (found?.metricState ?? { count: 0, sum: 0 }) as { readonly count: number; readonly sum: number }
      const before = stateOf(yield* measured)
      yield* TestClock.adjust("1 minute")
      const provider = yield* CredentialProvider.make({
        name,
        fetch: Effect.delay(Effect.sync(() => session("key", 3600_000)), "3 seconds")
      })
      const first = yield* Effect.fork(provider.get)
      yield* TestClock.adjust("3 seconds")
      yield* first
      const found = yield* measured
      assert.deepInclude(stateOf(found), { count: before.count + 1, sum: before.sum + 3000 })
      assert.isTrue(
        Arr.fromIterable(found?.metricKey.tags ?? []).some(({ key, value }) =>
          key === "time_unit" && value === "milliseconds"
        )
      )
    }))
})

describe("a refused session", () => {
  const refuse = (provider: CredentialProvider.Service) => Effect.flatMap(provider.get, provider.invalidate)

  it.scoped("is renewed by the next call", () =>
    Effect.gen(function*() {
      const { count, id, provider } = yield* scriptedProvider([lasting(3600)])
      yield* refuse(provider)
      assert.strictEqual(yield* id, "key2")
      assert.strictEqual(yield* count, 2)
    }))

  it.scoped("is handed out again, with a warning, if the server cannot renew it for the moment", () =>
    Effect.gen(function*() {
      const { layer, lines } = logs()
      const { count, id, provider } = yield* Effect.provide(
        scriptedProvider([lasting(3600), failingFetch("down"), lasting(3600)]),
        layer
      )
      yield* refuse(provider)
      assert.strictEqual(yield* id, "key1")
      assert.lengthOf(lines.filter((line) => line.includes("which a service refused")), 1)
      assert.strictEqual(yield* id, "key1", "while the server is left alone")
      assert.strictEqual(yield* count, 2)
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(yield* id, "key3")
    }))

  it.scoped("is not handed out again if the server definitely refuses to renew it", () =>
    Effect.gen(function*() {
      const rejection = new CredentialError.CredentialsRejected({ provider: "test", reason: "no" })
      const { id, provider } = yield* scriptedProvider([
        lasting(3600),
        () => Effect.fail(rejection),
        failingFetch("down"),
        lasting(3600)
      ])
      yield* refuse(provider)
      assert.strictEqual((yield* Effect.flip(id))._tag, "CredentialsRejected")
      assert.strictEqual((yield* Effect.flip(id))._tag, "CredentialsUnavailable")
      assert.strictEqual(yield* id, "key4")
    }))

  it.scoped("is renewed although the server asked to wait", () =>
    Effect.gen(function*() {
      const { id, provider, touch } = yield* scriptedProvider([
        lasting(3600),
        failingFetch("slow down", Duration.minutes(1)),
        lasting(3600)
      ])
      yield* id
      yield* TestClock.adjust("2700 seconds")
      assert.strictEqual(yield* touch, "key1")
      yield* refuse(provider)
      assert.strictEqual(yield* id, "key3")
    }))

  it.scoped("is not handed out while a slow server renews it", () =>
    Effect.gen(function*() {
      const slowly = (now: number, count: number) => Effect.delay(lasting(3600)(now, count), "50 seconds")
      const { id, provider } = yield* scriptedProvider([lasting(60), slowly])
      yield* refuse(provider)
      const { millis, value } = yield* elapsed(id)
      assert.strictEqual(value, "key2")
      assert.strictEqual(millis, 50_000)
    }))

  it.scoped("is renewed at once, and after a second, if the last refusal is five minutes ago", () =>
    Effect.gen(function*() {
      const { id, provider } = yield* scriptedProvider([lasting(36_000)])
      const renewed = Effect.zipRight(refuse(provider), id)
      for (const [pause, key] of [[0, 2], [1, 3], [2, 4], [300, 5], [1, 6]] as const) {
        yield* TestClock.adjust(pause * 1000)
        assert.strictEqual(yield* renewed, `key${key}`)
      }
    }))

  it.scoped("is not handed out after it expired", () =>
    Effect.gen(function*() {
      const { id, provider } = yield* scriptedProvider([lasting(3600), failingFetch("down")])
      yield* refuse(provider)
      yield* id
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Effect.flip(id))._tag, "CredentialsUnavailable")
    }))

  it.scoped("causes few renewals if a service refuses every session", () =>
    Effect.gen(function*() {
      const { count, provider } = yield* scriptedProvider([lasting(3600)])
      for (let request = 0; request < 300; request++) {
        yield* refuse(provider)
        yield* provider.get
        yield* TestClock.adjust("100 millis")
      }
      // Thirty seconds: at once, and after 1, 2, 4, 8 and 16.
      assert.strictEqual(yield* count, 6)
    }))
})
