/**
 * Turns an effect that fetches credentials into one that returns them from memory, in the shape of
 * `Effect.cachedWithTTL`, with the deadlines of each value, renewal in the background and a single flight.
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { constant, type LazyArg } from "effect/Function"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import { type CredentialError, CredentialsExpired } from "../../CredentialError.ts"
import type { Credentials } from "../../Credentials.ts"
import type { RefreshPolicy } from "../../RefreshPolicy.ts"
import { isSame } from "./credentials.ts"
import * as deadlines from "./deadlines.ts"
import type { Fetched } from "./fetched.ts"
import * as Pause from "./pause.ts"
import type { Peek } from "./peek.ts"
import * as singleFlight from "./singleFlight.ts"
import * as telemetry from "./telemetry.ts"

/** @internal */
export interface RefreshCache {
  readonly get: Effect.Effect<Credentials, CredentialError>
  readonly peek: Peek
  readonly invalidate: (refused: Credentials) => Effect.Effect<void>
}

/** @internal */
export interface Options<R> {
  readonly name: string
  readonly fetch: Effect.Effect<Fetched, CredentialError, R>
  readonly refresh?: Partial<RefreshPolicy> | undefined
  /** A function is called whenever credentials arrive, for sources that learn it with each answer. */
  readonly keep?: Duration.DurationInput | LazyArg<Duration.DurationInput> | undefined
}

interface Entry {
  readonly credentials: Credentials
  // An Exit is itself an effect, so that a hit allocates nothing.
  readonly exit: Exit.Exit<Credentials>
  readonly expiresAt: number
  readonly usableUntil: number
  readonly refreshAt: number
  readonly receivedAt: number
  /** By the monotonic clock. */
  readonly receivedNanos: bigint
  /** When the wall clock was last compared with the monotonic clock. */
  comparedAt: number
  /** Whether the wall clock was set back, so that it no longer says how long the credentials last. */
  isSetBack: boolean
  /** A service refused them, and they have not been renewed since. */
  isRefused: boolean
}

/** @internal */
export const make = <R>(options: Options<R>): Effect.Effect<RefreshCache, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    const { name } = options
    const clock = yield* Effect.clock
    const state = makeState(options, clock)
    const flight = yield* singleFlight.make((caller) =>
      makeRenewal(options, state, clock).pipe(
        telemetry.annotated("CredentialProvider", name),
        telemetry.rootSpan("CredentialProvider.renew", name, caller)
      )
    )

    const peek: Peek = () => {
      const held = state.entry()
      if (held === undefined || held.isRefused) return undefined
      const now = clock.unsafeCurrentTimeMillis()
      const isSetBack = seemsSetBack(clock, held, now)
      // Checked first, so that expired credentials are never returned.
      if (now >= held.usableUntil || (isSetBack && timeOf(clock, held, now) >= held.usableUntil)) return undefined
      if ((now >= held.refreshAt || isSetBack) && !state.isPaused(now)) flight.start()
      return held.exit
    }

    const renewOrWait: Effect.Effect<Credentials, CredentialError> = Effect.suspend(() => {
      const now = clock.unsafeCurrentTimeMillis()
      const held = state.living(now)
      if (held === undefined) {
        const throttled = state.throttled(now)
        return throttled === undefined ? flight.join : Effect.fail(throttled)
      }
      if (state.isPaused(now)) return held.exit
      return held.isRefused ? flight.join : orLiving(held, left(clock, held, now))
    })

    // A server that does not answer must not outlast the credentials that still work.
    const orLiving = (held: Entry, millis: number): Effect.Effect<Credentials, CredentialError> =>
      Effect.flatten(
        Effect.timeoutTo(flight.join, {
          duration: millis / 2,
          onSuccess: Effect.succeed,
          onTimeout: () => left(clock, held, clock.unsafeCurrentTimeMillis()) > 0 ? held.exit : renewOrWait
        })
      )

    return {
      get: Effect.suspend(() => peek() ?? renewOrWait),
      peek,
      invalidate: (refused) => Effect.sync(() => state.refuse(refused))
    }
  })

/** The time of the wall clock, or what it would show if nobody had set it back since the credentials were received. */
const timeOf = (clock: Clock.Clock, held: Entry, now: number): number =>
  Math.max(now, held.receivedAt + Number((clock.unsafeCurrentTimeNanos() - held.receivedNanos) / 1_000_000n))

const isSetBack = (clock: Clock.Clock, held: Entry, now: number): boolean => timeOf(clock, held, now) - now > second

/** The same for the fast path, which compares the clocks once a second. */
const seemsSetBack = (clock: Clock.Clock, held: Entry, now: number): boolean => {
  if (now < held.comparedAt || now - held.comparedAt >= second) {
    held.comparedAt = now
    held.isSetBack = isSetBack(clock, held, now)
  }
  return held.isSetBack
}

const second = 1000

/** How long the credentials still last, in milliseconds. */
const left = (clock: Clock.Clock, held: Entry, now: number): number => held.expiresAt - timeOf(clock, held, now)

/** What the cache knows, apart from how it is fetched. */
interface State {
  readonly entry: () => Entry | undefined
  /** The credentials that have not expired, even if a service refused them. */
  readonly living: (now: number) => Entry | undefined
  /** Whether the next renewal has to wait. */
  readonly isPaused: (now: number) => boolean
  /** The error of a server that asked to wait, while it still does. */
  readonly throttled: (now: number) => CredentialError | undefined
  readonly refuse: (refused: Credentials) => void
  readonly receive: (fetched: Fetched, random: number) => Exit.Exit<Credentials, CredentialError>
  readonly fail: (
    cause: Cause.Cause<CredentialError>,
    random: number
  ) => Effect.Effect<Credentials, CredentialError>
}

const makeState = <R>(options: Options<R>, clock: Clock.Clock): State => {
  const { name } = options
  const policy = deadlines.policy(options.refresh)
  const keep = typeof options.keep === "function" ? options.keep : constant(options.keep ?? Duration.infinity)
  const refusals = makeRefusals(clock)
  let entry: Entry | undefined = undefined
  let failures = 0
  let pause: Pause.Pause | undefined = undefined
  let throttling: { readonly error: CredentialError; readonly pause: Pause.Pause } | undefined = undefined

  const isOpen = (pause: Pause.Pause | undefined, now: number) => pause === undefined || Pause.isOver(clock, pause, now)

  const living = (now: number): Entry | undefined =>
    entry !== undefined && left(clock, entry, now) > 0 ? entry : undefined

  const isNewer = (held: Entry, expiresAt: number, now: number): boolean =>
    held.isRefused || !Number.isFinite(held.expiresAt) || expiresAt > held.expiresAt ||
    isSetBack(clock, held, now)

  const receive: State["receive"] = ({ credentials, expiration }, random) => {
    const now = clock.unsafeCurrentTimeMillis()
    const expiresAt = Option.match(expiration, {
      onNone: () => Infinity,
      onSome: DateTime.toEpochMillis
    })
    if (expiresAt <= now) return expiredOnArrival(name, expiresAt, now)
    const held = living(now)
    failures = 0
    if (held !== undefined && timeOf(clock, held, now) < held.usableUntil && !isNewer(held, expiresAt, now)) {
      pause = Pause.start(clock, policy.interval)
      return held.exit
    }
    pause = undefined
    entry = {
      credentials,
      exit: Exit.succeed(credentials),
      receivedAt: now,
      receivedNanos: clock.unsafeCurrentTimeNanos(),
      comparedAt: now,
      isSetBack: false,
      isRefused: false,
      ...(expiresAt === Infinity
        ? deadlines.ofConstant(now, Duration.toMillis(keep()))
        : deadlines.ofSession(policy, now, expiresAt, random))
    }
    return entry.exit
  }

  const fail: State["fail"] = (cause, random) => {
    const now = clock.unsafeCurrentTimeMillis()
    const failure = Option.getOrUndefined(Cause.failureOption(cause))
    const retryAfter = failure === undefined ? 0 : retryAfterMillis(failure)
    const held = living(now)
    // Credentials that a service refused, and a server does not renew either, are useless.
    if (held === undefined || (held.isRefused && isDefinite(failure))) {
      entry = undefined
      if (retryAfter > 0 && failure !== undefined) {
        throttling = { error: failure, pause: Pause.start(clock, Math.min(retryAfter, policy.maxBackoff)) }
      }
      return Effect.failCause(cause)
    }
    const wait = deadlines.backoff(policy, failures, random, retryAfter)
    pause = Pause.start(clock, wait)
    failures += 1
    return Effect.as(warnFailedRenewal(cause, held, left(clock, held, now), wait), held.credentials)
  }

  return {
    entry: () => entry,
    living,
    isPaused: (now) => !isOpen(pause, now),
    throttled: (now) => throttling === undefined || isOpen(throttling.pause, now) ? undefined : throttling.error,
    refuse: (refused) => {
      if (entry === undefined || entry.isRefused || !isSame(entry.credentials, refused)) return
      if (!refusals.mayRenew()) return
      entry.isRefused = true
      pause = undefined
    },
    receive,
    fail
  }
}

const makeRenewal = <R>(
  { fetch, name }: Options<R>,
  state: State,
  clock: Clock.Clock
): Effect.Effect<Credentials, CredentialError, R> =>
  Effect.gen(function*() {
    const random = yield* Random.next
    const start = clock.unsafeCurrentTimeMillis()
    const attempt = Effect.exit(Effect.flatMap(fetch, (fetched) => state.receive(fetched, random)))
    const first = yield* attempt
    const isLate = clock.unsafeCurrentTimeMillis() - start > deadlines.longestFetch
    // A process that was stopped, or a machine that slept, finds its answer expired. The server has a newer one.
    const exit = isLate && isExpired(first) ? yield* attempt : first
    const now = clock.unsafeCurrentTimeMillis()
    yield* telemetry.countRenewal(name, outcome(exit), now - start)
    if (Exit.isFailure(exit)) return yield* state.fail(exit.cause, random)
    const held = state.entry()
    if (held !== undefined && Number.isFinite(held.expiresAt)) {
      yield* telemetry.noteLifetime(name, held.expiresAt - now)
    }
    return exit.value
  })

interface Refusals {
  /** Whether a refusal may cause a renewal now: a service that refuses every session must not cause one each time. */
  readonly mayRenew: () => boolean
}

const makeRefusals = (clock: Clock.Clock): Refusals => {
  let count = 0
  let last: Pause.Pause | undefined = undefined
  let quiet: Pause.Pause | undefined = undefined
  return {
    mayRenew: () => {
      const now = clock.unsafeCurrentTimeMillis()
      if (last !== undefined && !Pause.isOver(clock, last, now)) return false
      if (quiet === undefined || Pause.isOver(clock, quiet, now)) count = 0
      last = Pause.start(clock, deadlines.refusalPause(count))
      quiet = Pause.start(clock, deadlines.refusalMemory)
      count += 1
      return true
    }
  }
}

const isExpired = (exit: Exit.Exit<unknown, CredentialError>): boolean =>
  Exit.isFailure(exit) && Option.exists(Cause.failureOption(exit.cause), (error) => error._tag === "CredentialsExpired")

/** Whether another attempt will fail in the same way. A defect says nothing about that. */
const isDefinite = (failure: CredentialError | undefined): boolean => failure !== undefined && !failure.isTransient

const expiredOnArrival = (provider: string, expiresAt: number, now: number) =>
  Exit.fail(
    new CredentialsExpired({
      provider,
      expiration: DateTime.unsafeMake(expiresAt),
      now: DateTime.unsafeMake(now),
      hint: "Check the clock of this machine"
    })
  )

const retryAfterMillis = (error: CredentialError): number =>
  error._tag === "CredentialsUnavailable" && error.retryAfter !== undefined ? Duration.toMillis(error.retryAfter) : 0

const outcome = (exit: Exit.Exit<unknown, CredentialError>): string =>
  Exit.match(exit, {
    onSuccess: () => "success",
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onSome: (error) => error._tag,
        onNone: () => (Cause.isInterruptedOnly(cause) ? "interrupted" : "defect")
      })
  })

// A defect may carry anything, so the log says only that there was one.
const warnFailedRenewal = (cause: Cause.Cause<CredentialError>, { isRefused }: Entry, left: number, pause: number) =>
  Effect.logWarning(
    `renewal failed; the cached credentials${isRefused ? ", which a service refused," : ""} stay in use${
      lasting(left)
    }; next try in ${Math.ceil(pause)} ms: ` +
      Option.match(Cause.failureOption(cause), { onNone: () => "defect", onSome: (error) => error.message })
  )

const lasting = (millis: number): string => Number.isFinite(millis) ? ` for another ${Math.floor(millis / 1000)} s` : ""
