/**
 * A process that shares a session is interrupted at each of its steps, and leaves nothing behind.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Exit, Fiber, Layer, Ref, Scope, TestClock } from "effect"
import { type CredentialProvider, SessionStore } from "effect-alicloud-credentials"
import * as sharedSession from "../../src/internal/sharing/sharedSession.ts"
import { makeCodec } from "../../src/internal/sharing/storedSession.ts"
import { settle } from "../support/clock.ts"
import { idOf } from "../support/credentials.ts"
import { fiberStarts } from "../support/fiberStarts.ts"
import { quiet } from "../support/logs.ts"
import { countedSessions } from "../support/scriptedProvider.ts"

const entry = "app"

/** What has become of a step when it is interrupted. */
const moments = [
  "it has not begun",
  "it is done",
  "it is in the queue of a client",
  "it cannot be interrupted"
] as const

type Moment = typeof moments[number]

/** The steps of a process, by name and number. One of them waits until it may continue. */
const makeSteps = Effect.map(Deferred.make<void>(), (mayContinue) => {
  const taken: Array<string> = []
  const wait = Deferred.await(mayContinue)
  const queue = Effect.unsafeMakeSemaphore(1)
  let stop: { readonly at: string; readonly moment: Moment } | undefined
  const sent = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.suspend(() =>
      stop?.moment === "it is in the queue of a client"
        ? Effect.flatMap(Effect.forkDaemon(queue.withPermits(1)(effect)), Fiber.join)
        : effect
    )
  const stopped = <A, E>(moment: Moment, effect: Effect.Effect<A, E>) => {
    if (moment === "it is done") return Effect.zipLeft(effect, wait)
    const later = Effect.zipRight(wait, effect)
    return moment === "it cannot be interrupted" ? Effect.uninterruptible(later) : later
  }
  const step = <A, E>(name: string, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      const label = `${name} ${taken.filter((other) => other.startsWith(`${name} `)).length + 1}`
      taken.push(label)
      return label === stop?.at ? stopped(stop.moment, effect) : effect
    })
  return {
    taken,
    mayContinue: Deferred.succeed(mayContinue, undefined),
    /** The steps are counted from here. */
    stopAt: (at: string, moment: Moment): void => {
      taken.length = 0
      stop = { at, moment }
    },
    step,
    /** A command that takes a while, as every one of a real store. */
    command: <A, E>(name: string, effect: Effect.Effect<A, E>) =>
      sent(step(name, Effect.zipRight(Effect.repeatN(Effect.yieldNow(), 5), effect)))
  }
})

type Steps = Effect.Effect.Success<typeof makeSteps>

const steppedStore = ({ command }: Steps, store: SessionStore.Service): SessionStore.Service => ({
  needsEncryption: false,
  read: (name) => command("read", store.read(name)),
  acquire: (...args) => command("acquire", store.acquire(...args)),
  write: (...args) => command("write", store.write(...args)),
  release: (...args) => command("release", store.release(...args))
})

const start = (steps: Steps, store: SessionStore.Service, source: CredentialProvider.Service) => {
  const { step } = steps
  const codec = makeCodec(entry, undefined)
  return sharedSession.make({
    name: "shared",
    entry,
    store: steppedStore(steps, store),
    source: {
      name: "test",
      get: step("source", source.get),
      invalidate: (refused) => step("invalidate", source.invalidate(refused))
    },
    codec: {
      encode: (stored) => step("encode", codec.encode(stored)),
      decode: (text) => step("decode", codec.decode(text))
    },
    refresh: { jitter: 0 }
  })
}

interface Setup {
  readonly store: SessionStore.Service
  readonly provider: CredentialProvider.Service
  /** From now on the source answers with its last session until it is invalidated. */
  readonly repeat: Effect.Effect<void>
  /** How long the source takes for its answer. */
  readonly slow: (duration: Duration.DurationInput) => Effect.Effect<void>
}

interface Situation {
  readonly title: string
  readonly before: (setup: Setup) => Effect.Effect<unknown>
  readonly steps: ReadonlyArray<string>
}

const due = ({ provider }: Setup) => Effect.zipRight(Effect.ignore(provider.get), TestClock.adjust("50 minutes"))

const situations: ReadonlyArray<Situation> = [
  {
    title: "the first session",
    before: () => Effect.void,
    steps: ["read 1", "acquire 1", "read 2", "source 1", "encode 1", "write 1", "release 1"]
  },
  {
    title: "a renewal",
    before: due,
    steps: [
      "read 1",
      "decode 1",
      "acquire 1",
      "read 2",
      "decode 2",
      "source 1",
      "encode 1",
      "write 1",
      "release 1"
    ]
  },
  {
    title: "a renewal by a source that has the last session",
    before: (setup) => Effect.zipRight(due(setup), setup.repeat),
    steps: [
      "read 1",
      "decode 1",
      "acquire 1",
      "read 2",
      "decode 2",
      "source 1",
      "invalidate 1",
      "source 2",
      "encode 1",
      "write 1",
      "release 1"
    ]
  },
  {
    title: "a source that takes longer than the lease",
    before: ({ slow }) => slow("12 seconds"),
    steps: [
      "read 1",
      "acquire 1",
      "read 2",
      "source 1",
      "acquire 2",
      "acquire 3",
      "acquire 4",
      "encode 1",
      "write 1",
      "release 1"
    ]
  },
  {
    title: "another process that died with the lease",
    before: ({ store }) => store.acquire(entry, "dead", Duration.seconds(3)).pipe(Effect.orDie),
    steps: ["read 1", "acquire 1", "read 2", "acquire 2", "read 3", "acquire 3"]
  }
]

const memory = Effect.map(
  Layer.build(SessionStore.layerMemory),
  (context) => Context.get(context, SessionStore.SessionStore)
)

/** A source that requests a session for each call, or has one until it is invalidated. */
const makeSource = Effect.gen(function*() {
  const count = yield* Ref.make(0)
  let delay: Duration.DurationInput = 0
  let isRepeating = false
  const fresh = Effect.suspend(() => Effect.delay(countedSessions(count, 3600), delay))
  let last = yield* fresh
  const get = Effect.suspend(() => isRepeating ? Effect.succeed(last) : Effect.map(fresh, (next) => last = next))
  return {
    source: { name: "test", get, invalidate: () => Effect.sync(() => void (isRepeating = false)) },
    repeat: Effect.sync(() => void (isRepeating = true)),
    slow: (duration: Duration.DurationInput) => Effect.sync(() => void (delay = duration))
  }
})

const passUntil = (isReached: () => boolean, what: string) =>
  Effect.gen(function*() {
    yield* settle
    for (let second = 0; !isReached(); second++) {
      assert.isBelow(second, 40, what)
      yield* TestClock.adjust("1 second")
      yield* settle
    }
  })

type Interrupted = "the caller" | "the process"

const isPossible = (interrupted: Interrupted, step: string, moment: Moment): boolean => {
  // A step is not interrupted together with its caller.
  if (interrupted === "the caller") return moment === "it has not begun"
  return moment !== "it is in the queue of a client" || /^(?:read|acquire|write|release) /.test(step)
}

const test = (situation: Situation, at: string, moment: Moment, interrupted: Interrupted) =>
  Effect.gen(function*() {
    const store = yield* memory
    const steps = yield* makeSteps
    const { repeat, slow, source } = yield* makeSource
    const scope = yield* Scope.make()
    const fibers = fiberStarts()
    const provider = yield* start(steps, store, source).pipe(Scope.extend(scope), Effect.provide(fibers.layer))
    yield* situation.before({ store, provider, repeat, slow })
    const running = fibers.running()
    steps.stopAt(at, moment)
    const fiber = yield* Effect.fork(provider.get)
    yield* passUntil(() => steps.taken.includes(at), `${at} of ${steps.taken.join(", ")}`)

    if (interrupted === "the caller") yield* Fiber.interrupt(fiber)
    const closing = yield* Effect.fork(interrupted === "the process" ? Scope.close(scope, Exit.void) : Effect.void)
    yield* settle
    yield* slow(0)
    yield* steps.mayContinue
    yield* settle
    if (interrupted === "the process") assert.strictEqual(fibers.running(), 0, "a timer has a fiber that waits for it")
    else yield* passUntil(() => fibers.running() <= running, `${fibers.running()} fibers, ${running} before`)
    yield* Fiber.join(closing)

    // The lease of the process that died has expired then, and one of this process has not.
    yield* TestClock.adjust("3 seconds")
    assert.isTrue(yield* store.acquire(entry, "other", Duration.seconds(1)), "the lease is released")
    yield* store.release(entry, "other")
    const next = interrupted === "the caller" ? provider : yield* start(steps, store, source)
    const session = yield* next.get
    const second = yield* start(steps, store, source)
    assert.strictEqual(idOf(yield* second.get), idOf(session), "shared")
    yield* TestClock.adjust("1 second")
    yield* second.invalidate(session)
    assert.notStrictEqual(idOf(yield* second.get), idOf(session), "renewed")
  }).pipe(Effect.scoped, Effect.provide(quiet))

describe("a process that is interrupted leaves no lease, no fiber and no timer", () => {
  for (const situation of situations) {
    describe(situation.title, () => {
      for (const interrupted of ["the caller", "the process"] as const) {
        for (const step of situation.steps) {
          for (const moment of moments.filter((moment) => isPossible(interrupted, step, moment))) {
            it.effect(`${interrupted}, at ${step} when ${moment}`, () => test(situation, step, moment, interrupted))
          }
        }
      }
    })
  }
})
