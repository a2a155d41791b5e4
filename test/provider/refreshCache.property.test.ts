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
import { accessKey, idOf, session } from "../support/credentials.ts"

type Outcome =
  | { readonly _tag: "Session"; readonly seconds: number }
  | { readonly _tag: "Key" }
  | { readonly _tag: "Failure"; readonly retryAfter: number }
  | { readonly _tag: "Defect" }

interface Fetch {
  readonly delay: number
  readonly outcome: Outcome
}

type Command =
  | { readonly _tag: "Read" }
  | { readonly _tag: "Wait"; readonly millis: number }
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
    arbitrary: FastCheck.constantFrom(0, 0, 3, 30).map((retryAfter) => ({ _tag: "Failure", retryAfter }) as const)
  },
  { weight: 1, arbitrary: FastCheck.constant({ _tag: "Defect" } as const) }
)

const fetches = FastCheck.array(
  FastCheck.record<Fetch>({ delay: FastCheck.constantFrom(0, 0, 1, 500, 5000, 60_000), outcome: outcomes }),
  { minLength: 1, maxLength: 12 }
)

// Mostly to points where something changes: the last quarter of a session, its expiration, the end of a pause.
const waits = FastCheck.oneof(
  FastCheck.constantFrom(1, 99, 100, 200, 1000, 5000, 10_000, 25_000, 30_000, 60_000),
  FastCheck.constantFrom(30_000, 75_000, 90_000, 675_000, 890_000, 2_700_000, 3_590_000),
  FastCheck.integer({ min: 0, max: 1_200_000 })
)

const commands = FastCheck.array(
  FastCheck.oneof(
    { weight: 6, arbitrary: FastCheck.constant<Command>({ _tag: "Read" }) },
    { weight: 4, arbitrary: waits.map((millis): Command => ({ _tag: "Wait", millis })) },
    { weight: 1, arbitrary: FastCheck.nat(12).map((id): Command => ({ _tag: "Refuse", id })) },
    { weight: 1, arbitrary: FastCheck.nat(30).map((reader): Command => ({ _tag: "Interrupt", reader })) }
  ),
  { minLength: 1, maxLength: 40 }
)

type Seen = `key ${string}` | "failed" | "died" | "interrupted" | "waiting"

interface Held {
  readonly id: number
  readonly expiresAt: number
  readonly usableUntil: number
  refreshAt: number
}

/** What must happen, computed without Effect. */
class Model {
  now = 0
  fetched = 0
  readonly readers: Array<Seen> = []
  private held: Held | undefined
  private flight: {
    readonly endsAt: number
    readonly id: number
    readonly outcome: Outcome
    readonly waiting: Array<number>
  } | undefined
  private failures = 0
  private quietUntil = -1
  private readonly script: ReadonlyArray<Fetch>
  constructor(script: ReadonlyArray<Fetch>) {
    this.script = script
  }

  read(): void {
    const reader = this.readers.push("waiting") - 1
    const held = this.usable()
    if (held !== undefined) {
      this.readers[reader] = `key ${held.id}`
      if (this.now >= held.refreshAt && this.flight === undefined) this.start()
    } else if (this.now < this.quietUntil) {
      this.readers[reader] = "failed"
    } else {
      if (this.flight === undefined) this.start(reader)
      else this.flight.waiting.push(reader)
    }
  }

  wait(millis: number): void {
    const until = this.now + millis
    if (this.flight !== undefined && this.flight.endsAt <= until) {
      this.now = this.flight.endsAt
      this.land()
    }
    this.now = until
  }

  refuse(id: number): void {
    if (this.held?.id === id) this.held = undefined
  }

  interrupt(reader: number): void {
    if (this.readers[reader] === "waiting") this.readers[reader] = "interrupted"
  }

  private usable(): Held | undefined {
    return this.held !== undefined && this.now < this.held.usableUntil ? this.held : undefined
  }

  private start(...waiting: Array<number>): void {
    const { delay, outcome } = this.script[this.fetched % this.script.length]!
    this.fetched += 1
    this.flight = { endsAt: this.now + delay, id: this.fetched, outcome, waiting }
    if (delay === 0) this.land()
  }

  private land(): void {
    const { id, outcome, waiting } = this.flight!
    this.flight = undefined
    const answer = (seen: Seen) => {
      for (const reader of waiting) if (this.readers[reader] === "waiting") this.readers[reader] = seen
    }
    const held = this.usable()
    const fail = (retryAfter: number, seen: Seen) => {
      if (held === undefined) {
        if (retryAfter > 0) this.quietUntil = this.now + Math.min(retryAfter, 10) * 1000
        answer(seen)
      } else {
        held.refreshAt = this.now + Math.max(Math.min(10_000, 100 * 2 ** this.failures), retryAfter * 1000)
        this.failures += 1
        answer(`key ${held.id}`)
      }
    }
    switch (outcome._tag) {
      case "Defect":
        return fail(0, "died")
      case "Failure":
        return fail(outcome.retryAfter, "failed")
      case "Key": {
        this.succeed()
        this.held = { id, expiresAt: Infinity, refreshAt: this.now + 120_000, usableUntil: Infinity }
        return answer(`key ${id}`)
      }
      case "Session": {
        if (outcome.seconds <= 0) return fail(0, "failed")
        const lifetime = outcome.seconds * 1000
        const expiresAt = this.now + lifetime
        this.succeed()
        if (held !== undefined && held.expiresAt !== Infinity && expiresAt <= held.expiresAt) {
          held.refreshAt = this.now + 60_000
          return answer(`key ${held.id}`)
        }
        this.held = {
          id,
          expiresAt,
          refreshAt: expiresAt - Math.min(900_000, lifetime / 4),
          usableUntil: expiresAt - Math.min(10_000, lifetime / 10)
        }
        return answer(`key ${id}`)
      }
    }
  }

  private succeed(): void {
    this.failures = 0
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
    let fetched = 0
    let running = 0
    const provider = yield* CredentialProvider.make({
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
        return yield* effectOf(outcome, id, yield* Clock.currentTimeMillis)
      })
    })
    const readers: Array<Fiber.RuntimeFiber<Exit.Exit<Credentials.Credentials, CredentialError.CredentialError>>> = []
    const known = new Map<string, Credentials.Credentials>()

    const read = Effect.gen(function*() {
      const exit = yield* Effect.exit(provider.get)
      if (Exit.isSuccess(exit) && exit.value._tag === "StsToken") {
        const now = yield* Clock.currentTimeMillis
        assert.isBelow(now, Option.getOrThrow(exit.value.expiration).epochMillis, "an expired session was returned")
        known.set(idOf(exit.value), exit.value)
      }
      return exit
    })

    for (const step of steps) {
      switch (step._tag) {
        case "Read":
          readers.push(yield* Effect.fork(read))
          yield* TestClock.adjust(0)
          model.read()
          break
        case "Wait":
          yield* TestClock.adjust(step.millis)
          model.wait(step.millis)
          break
        case "Refuse":
          yield* provider.invalidate(known.get(String(step.id)) ?? accessKey(String(step.id)))
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
