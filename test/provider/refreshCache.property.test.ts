/**
 * Random interleavings of reads, clock moves, failures, invalidations and interrupts, compared step by step with a
 * model without fibers: a state machine with one entry, at most one fetch, and its own computation of the deadlines.
 */
import { assert, it } from "@effect/vitest"
import {
  Cause,
  Clock,
  Duration,
  Effect,
  Exit,
  FastCheck,
  Fiber,
  Logger,
  LogLevel,
  Option,
  TestClock,
  TestContext
} from "effect"
import { CredentialError, CredentialProvider, type Credentials } from "effect-alicloud-credentials"
import { settableClock } from "../support/clock.ts"
import { accessKey, idOf, session } from "../support/credentials.ts"
import { throttledFetch } from "../support/scriptedProvider.ts"

type Outcome =
  | { readonly _tag: "Session"; readonly seconds: number }
  | { readonly _tag: "Key" }
  | { readonly _tag: "Failure"; readonly retryAfter: number }
  | { readonly _tag: "Throttled" }
  | { readonly _tag: "Rejection" }
  | { readonly _tag: "Defect" }

interface Fetch {
  readonly delay: number
  readonly outcome: Outcome
}

type Command =
  | { readonly _tag: "Read" }
  | { readonly _tag: "Wait"; readonly millis: number }
  | { readonly _tag: "Set"; readonly millis: number }
  | { readonly _tag: "Refuse"; readonly id: number }
  | { readonly _tag: "Interrupt"; readonly reader: number }

const outcomes: FastCheck.Arbitrary<Outcome> = FastCheck.oneof(
  {
    weight: 6,
    arbitrary: FastCheck.constantFrom(-60, 0, 1, 40, 100, 100, 900, 900, 3600).map((seconds) =>
      ({ _tag: "Session", seconds }) as const
    )
  },
  { weight: 1, arbitrary: FastCheck.constant({ _tag: "Key" } as const) },
  {
    weight: 3,
    arbitrary: FastCheck.constantFrom(0, 0, 3, 30, 100).map((retryAfter) => ({ _tag: "Failure", retryAfter }) as const)
  },
  { weight: 1, arbitrary: FastCheck.constant({ _tag: "Throttled" } as const) },
  { weight: 1, arbitrary: FastCheck.constant({ _tag: "Rejection" } as const) },
  { weight: 1, arbitrary: FastCheck.constant({ _tag: "Defect" } as const) }
)

// Odd delays, so that a fetch does not end at the instant when a reader stops waiting: the order is not specified.
const fetches = FastCheck.array(
  FastCheck.record<Fetch>({ delay: FastCheck.constantFrom(0, 0, 1, 503, 5003, 60_007), outcome: outcomes }),
  { minLength: 1, maxLength: 12 }
)

// Mostly to points where something changes: the last quarter of a session, its expiration, the end of a pause.
const waits = FastCheck.oneof(
  FastCheck.constantFrom(1, 99, 100, 200, 1000, 5000, 10_000, 25_000, 30_000, 60_000),
  FastCheck.constantFrom(30_000, 75_000, 90_000, 675_000, 890_000, 2_700_000, 3_590_000, 3_595_000),
  FastCheck.integer({ min: 0, max: 1_200_000 })
)

const clockSteps = FastCheck.constantFrom(-7_200_000, -600_000, -3000, 3000, 600_000, 2_000_000)

const commands = FastCheck.array(
  FastCheck.oneof(
    { weight: 7, arbitrary: FastCheck.constant<Command>({ _tag: "Read" }) },
    { weight: 5, arbitrary: waits.map((millis): Command => ({ _tag: "Wait", millis })) },
    { weight: 1, arbitrary: clockSteps.map((millis): Command => ({ _tag: "Set", millis })) },
    { weight: 2, arbitrary: FastCheck.nat(12).map((id): Command => ({ _tag: "Refuse", id })) },
    { weight: 1, arbitrary: FastCheck.nat(30).map((reader): Command => ({ _tag: "Interrupt", reader })) }
  ),
  { minLength: 1, maxLength: 40 }
)

type Seen = `key ${string}` | "failed" | "died" | "interrupted" | "waiting"

interface Held {
  readonly id: number
  readonly expiresAt: number
  readonly usableUntil: number
  readonly refreshAt: number
  readonly window: number
  readonly receivedAt: number
  /** In the time that passes. */
  readonly receivedPassed: number
  comparedAt: number
  isSetBack: boolean
  isRefused: boolean
}

interface Pause {
  readonly until: number
  readonly untilPassed: number
}

interface Waiting {
  readonly reader: number
  /** When it stops waiting and takes the credentials that have not expired yet. */
  readonly patience: number
  readonly held: Held | undefined
}

/** A fetch, or a pause before the next one, for a server that throttles. */
interface Flight {
  readonly limit: Limit
  readonly waiting: Array<Waiting>
  readonly endsAt: number
  readonly fetch: FlightFetch | undefined
}

/** Until when callers wait for such a server. */
interface Limit extends Pause {
  /** How often it throttled meanwhile. */
  count: number
}

interface FlightFetch {
  readonly isAwaited: boolean
  readonly since: number
  readonly isSecond: boolean
  readonly id: number
  readonly outcome: Outcome
}

interface Quiet {
  /** Until the next request. */
  readonly pause: Pause
  readonly asked: Pause
}

const maxWait = 90_000
const maxBackoff = 300_000

const asksForFewer = (outcome: Outcome): boolean =>
  outcome._tag === "Throttled" || (outcome._tag === "Failure" && outcome.retryAfter > 0)

/** What must happen, computed without Effect. */
class Model {
  /** The time that passes, whatever the wall clock is set to. */
  private passed = 0
  private offset = 0
  fetched = 0
  readonly readers: Array<Seen> = []
  private held: Held | undefined
  private flight: Flight | undefined
  private failures = 0
  private pause: Pause | undefined
  private quiet: Quiet | undefined
  private refusal: Pause | undefined
  private refusalMemory: Pause | undefined
  private refusals = 0
  private readonly script: ReadonlyArray<Fetch>
  constructor(script: ReadonlyArray<Fetch>) {
    this.script = script
  }

  /** Whether nothing is cached that callers can use while a request is under way. */
  private get hasWaiters(): boolean {
    const { living } = this
    return living === undefined || living.isRefused || this.time(living) >= living.usableUntil
  }

  private get wall(): number {
    return this.passed + this.offset
  }

  private startPause(millis: number): Pause {
    return { until: this.wall + millis, untilPassed: this.passed + millis }
  }

  private isRunning(pause: Pause | undefined): boolean {
    return pause !== undefined && this.wall < pause.until && this.passed < pause.untilPassed
  }

  private left(pause: Pause): number {
    return Math.max(0, Math.min(pause.until - this.wall, pause.untilPassed - this.passed))
  }

  private get living(): Held | undefined {
    return this.held !== undefined && this.time(this.held) < this.held.expiresAt ? this.held : undefined
  }

  /** What the wall clock would show if nobody had set it back since. */
  private time(held: Held): number {
    return Math.max(this.wall, held.receivedAt + this.passed - held.receivedPassed)
  }

  private isSetBack(held: Held): boolean {
    return this.time(held) - this.wall > 1000
  }

  private compareClocks(held: Held): void {
    if (this.wall >= held.comparedAt && this.wall < held.comparedAt + 1000) return
    held.comparedAt = this.wall
    held.isSetBack = this.isSetBack(held)
  }

  read(): void {
    const reader = this.readers.push("waiting") - 1
    const { held } = this
    if (held === undefined || held.isRefused) return this.renewOrWait(reader)
    this.compareClocks(held)
    const time = held.isSetBack ? this.time(held) : this.wall
    if (time >= held.usableUntil) return this.renewOrWait(reader)
    this.readers[reader] = `key ${held.id}`
    const isDue = this.wall >= held.refreshAt || held.isSetBack
    if (isDue && !this.isRunning(this.pause) && this.flight === undefined) this.begin([])
  }

  private renewOrWait(reader: number): void {
    const { living } = this
    if (living === undefined) {
      if (this.isTooLong(maxWait)) this.readers[reader] = "failed"
      else this.join({ reader, patience: Infinity, held: undefined })
    } else if (this.isRunning(this.pause)) {
      this.readers[reader] = `key ${living.id}`
    } else {
      const patience = living.isRefused ? Infinity : this.passed + (living.expiresAt - this.time(living)) / 2
      this.join({ reader, patience, held: living })
    }
  }

  /** Whether the server is left alone for longer than so many milliseconds. */
  private isTooLong(limit: number): boolean {
    const { quiet } = this
    return quiet !== undefined && this.isRunning(quiet.pause) &&
      Math.max(this.left(quiet.pause), this.left(quiet.asked)) > limit
  }

  private join(waiting: Waiting): void {
    if (this.flight === undefined) this.begin([waiting])
    else this.flight.waiting.push(waiting)
  }

  wait(millis: number): void {
    const until = this.passed + millis
    for (let next = this.nextEvent(until); next !== undefined; next = this.nextEvent(until)) {
      this.passed = Math.max(this.passed, next)
      const flight = this.flight!
      const impatient = flight.waiting.findIndex(({ patience }) => patience <= this.passed)
      if (impatient >= 0) this.giveUp(flight.waiting.splice(impatient, 1)[0]!)
      else this.land()
    }
    this.passed = until
  }

  private nextEvent(until: number): number | undefined {
    const { flight } = this
    if (flight === undefined) return undefined
    const next = Math.min(flight.endsAt, ...flight.waiting.map(({ patience }) => patience))
    return next <= until ? next : undefined
  }

  private giveUp({ held, reader }: Waiting): void {
    if (this.readers[reader] !== "waiting") return
    if (held !== undefined && this.time(held) < held.expiresAt) this.readers[reader] = `key ${held.id}`
    else this.renewOrWait(reader)
  }

  set(millis: number): void {
    this.offset += millis
  }

  refuse(id: number): void {
    const { held } = this
    if (held?.id !== id || held.isRefused || this.isRunning(this.refusal)) return
    if (!this.isRunning(this.refusalMemory)) this.refusals = 0
    this.refusal = this.startPause(Math.min(60_000, 1000 * 2 ** this.refusals))
    this.refusalMemory = this.startPause(300_000)
    this.refusals += 1
    held.isRefused = true
    this.pause = undefined
  }

  interrupt(reader: number): void {
    if (this.readers[reader] === "waiting") this.readers[reader] = "interrupted"
  }

  private begin(waiting: Array<Waiting>): void {
    this.proceed(waiting, { ...this.startPause(maxWait), count: 0 })
  }

  /** Fetches, unless there is nothing cached and the server has to be left alone first. */
  private proceed(waiting: Array<Waiting>, limit: Limit): void {
    if (this.living !== undefined || this.quiet === undefined || !this.isRunning(this.quiet.pause)) {
      this.start(waiting, limit)
    } else if (this.isTooLong(this.left(limit))) {
      this.answer(waiting, "failed")
    } else {
      this.flight = { limit, waiting, endsAt: this.passed + this.left(this.quiet.pause), fetch: undefined }
    }
  }

  private start(waiting: Array<Waiting>, limit: Limit, isSecond = false, since = this.wall): void {
    const { delay, outcome } = this.script[this.fetched % this.script.length]!
    this.fetched += 1
    const fetch = { since, isSecond, id: this.fetched, outcome, isAwaited: this.hasWaiters }
    this.flight = { limit, waiting, endsAt: this.passed + delay, fetch }
    if (delay === 0) this.land()
  }

  private land(): void {
    const { fetch, limit, waiting } = this.flight!
    this.flight = undefined
    if (fetch === undefined) return this.proceed(waiting, limit)
    const { id, isAwaited, isSecond, outcome, since } = fetch
    const isExpired = outcome._tag === "Session" && outcome.seconds <= 0
    // The answer may have expired while nothing could run.
    if (isExpired && !isSecond && this.wall - since > 15_000) return this.start(waiting, limit, true, since)
    const seen = this.result(id, outcome, limit)
    const isOver = asksForFewer(outcome) ? this.left(limit) === 0 : isAwaited || outcome._tag === "Rejection"
    if (seen === "failed" && !isOver) this.proceed(waiting, limit)
    else this.answer(waiting, seen)
  }

  private answer(waiting: ReadonlyArray<Waiting>, seen: Seen): void {
    for (const { reader } of waiting) if (this.readers[reader] === "waiting") this.readers[reader] = seen
  }

  private result(id: number, outcome: Outcome, limit: Limit): Seen {
    switch (outcome._tag) {
      case "Defect":
      case "Rejection":
      case "Failure":
      case "Throttled":
        return this.fail(outcome, limit)
      case "Key":
        return this.hold({
          id,
          expiresAt: Infinity,
          refreshAt: this.wall + 120_000,
          usableUntil: Infinity,
          window: 30_000
        })
      case "Session": {
        const lifetime = outcome.seconds * 1000
        if (lifetime <= 0) return this.fail(outcome, limit)
        return this.hold({
          id,
          expiresAt: this.wall + lifetime,
          refreshAt: this.wall + lifetime * 3 / 4,
          window: lifetime / 4,
          usableUntil: this.wall + lifetime - Math.min(10_000, lifetime / 10)
        })
      }
    }
  }

  private fail(outcome: Outcome, limit: Limit): Seen {
    const retryAfter = outcome._tag === "Failure" ? outcome.retryAfter * 1000 : 0
    const held = this.living
    const isUseless = held?.isRefused === true && outcome._tag === "Rejection"
    if (isUseless) this.held = undefined
    if (held === undefined || isUseless) {
      this.quiet = asksForFewer(outcome) ? this.quietFor(retryAfter, limit) : undefined
      return outcome._tag === "Defect" ? "died" : "failed"
    }
    this.pause = this.startPause(Math.max(100, this.renewalPause(held, outcome), retryAfter))
    this.failures += 1
    return `key ${held.id}`
  }

  private quietFor(retryAfter: number, limit: Limit): Quiet {
    const left = this.left(limit)
    const asked = Math.min(maxBackoff, retryAfter)
    const doubled = Math.max(1000, asked) * 2 ** limit.count
    limit.count += 1
    const pause = Math.max(1000, asked, Math.min(doubled, left < 1000 ? maxWait / 8 : left))
    return { pause: this.startPause(pause), asked: this.startPause(retryAfter) }
  }

  private renewalPause(held: Held, outcome: Outcome): number {
    const isThrottled = asksForFewer(outcome)
    const left = held.expiresAt - this.time(held)
    const first = held.isRefused ? 1000 : held.window / (isThrottled ? 120 : 7.5)
    const unthrottled = Math.min(left * 2 / 3, left ** 2 * 1.5 / held.window)
    const throttled = Math.min(unthrottled / 2, left > 600_000 ? (left - 600_000) / 2 : Infinity)
    return Math.min(maxBackoff, first * 2 ** this.failures, Math.max(1000, isThrottled ? throttled : unthrottled))
  }

  private hold(next: Pick<Held, "id" | "expiresAt" | "refreshAt" | "usableUntil" | "window">): Seen {
    const held = this.living
    this.failures = 0
    this.quiet = undefined
    if (
      held !== undefined && this.time(held) < held.usableUntil && !this.isSetBack(held) && !held.isRefused &&
      held.expiresAt !== Infinity && next.expiresAt <= held.expiresAt
    ) {
      this.pause = this.startPause(60_000)
      return `key ${held.id}`
    }
    this.pause = undefined
    this.held = {
      ...next,
      receivedAt: this.wall,
      receivedPassed: this.passed,
      comparedAt: this.wall,
      isSetBack: false,
      isRefused: false
    }
    return `key ${next.id}`
  }
}

const effectOf = (
  outcome: Outcome,
  id: number,
  now: number
): Effect.Effect<Credentials.Credentials, CredentialError.CredentialError> => {
  switch (outcome._tag) {
    case "Session":
      return Effect.succeed(session(String(id), now + outcome.seconds * 1000))
    case "Key":
      return Effect.succeed(accessKey(String(id)))
    case "Defect":
      return Effect.die("defect")
    case "Rejection":
      return Effect.fail(new CredentialError.CredentialsRejected({ provider: "test", reason: "no" }))
    case "Throttled":
      return throttledFetch()
    case "Failure":
      return Effect.fail(
        new CredentialError.CredentialsUnavailable({
          provider: "test",
          reason: "down",
          retryAfter: outcome.retryAfter === 0 ? undefined : Duration.seconds(outcome.retryAfter)
        })
      )
  }
}

const runModel = (script: ReadonlyArray<Fetch>, steps: ReadonlyArray<Command>) =>
  Effect.gen(function*() {
    const model = new Model(script)
    const wall = yield* settableClock
    let fetched = 0
    let running = 0
    const provider = yield* wall.use(CredentialProvider.make({
      name: "test",
      refresh: { jitter: 0 },
      keep: "2 minutes",
      fetch: Effect.gen(function*() {
        const { delay, outcome } = script[fetched % script.length]!
        const id = ++fetched
        running += 1
        assert.strictEqual(running, 1, "two concurrent fetches")
        if (delay > 0) yield* Effect.sleep(delay)
        running -= 1
        if (outcome._tag === "Session") ends.set(String(id), (yield* passed) + outcome.seconds * 1000)
        return yield* effectOf(outcome, id, yield* Clock.currentTimeMillis)
      })
    }))
    const readers: Array<Fiber.RuntimeFiber<Exit.Exit<Credentials.Credentials, CredentialError.CredentialError>>> = []
    const known = new Map<string, Credentials.Credentials>()
    const ends = new Map<string, number>()
    const passed = TestClock.currentTimeMillis

    const read = Effect.gen(function*() {
      const exit = yield* Effect.exit(provider.get)
      if (Exit.isSuccess(exit) && exit.value._tag === "StsToken") {
        const now = yield* Clock.currentTimeMillis
        assert.isBelow(now, Option.getOrThrow(exit.value.expiration).epochMillis, "an expired session was returned")
        // The clocks are compared once a second.
        assert.isBelow(yield* passed, ends.get(idOf(exit.value))! + 1000, "a session was returned after its real end")
        known.set(idOf(exit.value), exit.value)
      }
      return exit
    })

    for (const step of steps) {
      switch (step._tag) {
        case "Read":
          readers.push(yield* Effect.fork(wall.use(read)))
          yield* TestClock.adjust(0)
          model.read()
          break
        case "Wait":
          yield* TestClock.adjust(step.millis)
          model.wait(step.millis)
          break
        case "Set":
          yield* wall.move(step.millis)
          model.set(step.millis)
          break
        case "Refuse":
          yield* wall.use(provider.invalidate(known.get(String(step.id)) ?? accessKey(String(step.id))))
          model.refuse(known.has(String(step.id)) || isKey(script, step.id) ? step.id : -1)
          break
        case "Interrupt": {
          const reader = readers[step.reader]
          if (reader !== undefined) yield* Fiber.interrupt(reader)
          model.interrupt(step.reader)
          break
        }
      }
      assert.deepStrictEqual(yield* Effect.forEach(readers, seenBy), model.readers)
      assert.strictEqual(fetched, model.fetched, "fetches")
    }
  }).pipe(Effect.scoped, Logger.withMinimumLogLevel(LogLevel.None), Effect.provide(TestContext.TestContext))

const isKey = (script: ReadonlyArray<Fetch>, id: number): boolean =>
  id > 0 && script[(id - 1) % script.length]!.outcome._tag === "Key"

const seenBy = (fiber: Fiber.RuntimeFiber<Exit.Exit<Credentials.Credentials, CredentialError.CredentialError>>) =>
  Effect.map(Fiber.poll(fiber), (result): Seen => {
    if (Option.isNone(result)) return "waiting"
    if (Exit.isFailure(result.value)) return "interrupted"
    return Exit.match(result.value.value, {
      onSuccess: (credentials): Seen => `key ${idOf(credentials)}`,
      onFailure: (cause) => (Cause.isDie(cause) ? "died" : Cause.isInterruptedOnly(cause) ? "interrupted" : "failed")
    })
  })

it("the cache behaves like the model in every interleaving", () =>
  FastCheck.assert(
    FastCheck.asyncProperty(fetches, commands, (script, steps) => Effect.runPromise(runModel(script, steps))),
    { numRuns: 200 }
  ))
