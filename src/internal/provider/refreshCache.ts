/**
 * Turns an effect that fetches credentials into one that returns them from memory, in the shape of
 * `Effect.cachedWithTTL`, with the deadlines of each value, renewal in the background and a single flight.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import type { CredentialError } from "../../CredentialError.ts"
import type { Credentials } from "../../Credentials.ts"
import * as throttling from "../throttling.ts"
import { type Entry, left, seemsSetBack, timeOf } from "./cacheEntry.ts"
import * as cacheState from "./cacheState.ts"
import { statusOf } from "./cacheStatus.ts"
import * as deadlines from "./deadlines.ts"
import { inOneLine } from "./errors.ts"
import type { Fetched } from "./fetched.ts"
import type * as Monitor from "./monitor.ts"
import * as Pause from "./pause.ts"
import * as Peek from "./peek.ts"
import * as singleFlight from "./singleFlight.ts"
import * as telemetry from "./telemetry.ts"

/** @internal */
export interface RefreshCache {
  readonly get: Effect.Effect<Credentials, CredentialError>
  readonly monitor: Monitor.Monitor
  readonly invalidate: (refused: Credentials) => Effect.Effect<void>
}

/** @internal */
export interface Options<R> extends cacheState.Options {
  readonly fetch: Effect.Effect<Fetched, CredentialError, R>
}

/** @internal */
export const make = <R>(options: Options<R>): Effect.Effect<RefreshCache, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    const { name } = options
    const state = cacheState.make(options, yield* Effect.clock)
    const flight = yield* singleFlight.make((caller) =>
      renewal(options, state).pipe(
        telemetry.annotated("CredentialProvider", name),
        telemetry.rootSpan("CredentialProvider.renew", name, caller)
      )
    )
    const peek = makePeek(state, flight)
    const renewOrWait = makeRenewOrWait(state, flight)
    return {
      get: Peek.attach(Effect.suspend(() => peek() ?? renewOrWait), peek),
      monitor: { status: () => statusOf(state, flight.isRunning()), signal: state.signal },
      invalidate: (refused) => Effect.sync(() => cacheState.refuse(state, refused))
    }
  })

type Flight = singleFlight.SingleFlight<Credentials, CredentialError>

const makePeek = (state: cacheState.State, flight: Flight): Peek.Peek => {
  const { clock } = state
  return (seen) => {
    const held = state.entry
    if (held === undefined || held.isRefused) return undefined
    const now = clock.unsafeCurrentTimeMillis()
    const isSetBack = seemsSetBack(clock, held, now)
    // Checked first, so that expired credentials are never returned.
    if (now >= held.usableUntil || (isSetBack && timeOf(clock, held, now) >= held.usableUntil)) return undefined
    if ((now >= held.refreshAt || isSetBack) && !cacheState.isPaused(state, now)) flight.start()
    if (seen !== undefined) seen.now = now
    return held.exit
  }
}

/** For callers that find no usable credentials. */
const makeRenewOrWait = (state: cacheState.State, flight: Flight): Effect.Effect<Credentials, CredentialError> => {
  const { clock } = state

  const joinOrFail = Effect.flatMap(FiberRef.get(throttling.patience), (patience) => {
    const throttled = cacheState.throttled(state, clock.unsafeCurrentTimeMillis(), patience(state.policy.maxWait))
    return throttled?.isTooLong === true ? Effect.fail(throttled.error) : flight.join
  })

  const renewOrWait: Effect.Effect<Credentials, CredentialError> = Effect.suspend(() => {
    const now = clock.unsafeCurrentTimeMillis()
    const held = cacheState.living(state, now)
    if (held === undefined) return joinOrFail
    if (cacheState.isPaused(state, now)) return held.exit
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

  return renewOrWait
}

/** A fetch, and more of them while a server throttles and there are no credentials, until callers have waited enough. */
const renewal = <R>(
  options: Options<R>,
  state: cacheState.State
): Effect.Effect<Credentials, CredentialError, R> =>
  FiberRef.getWith(throttling.patience, (patience) => {
    const { clock, policy } = state
    const start = Pause.start(clock, patience(policy.maxWait))
    const wait: cacheState.Wait = { left: () => Pause.left(clock, start, clock.unsafeCurrentTimeMillis()), count: 0 }
    const isOver = (error: CredentialError, wasAwaited: boolean): boolean => {
      if (throttling.isThrottled(error)) return false
      // Callers have joined a request of the background, which was sent only once.
      return wasAwaited || !error.isTransient
    }
    const next: Effect.Effect<Credentials, CredentialError, R> = Effect.flatMap(
      waitForServer(state, wait),
      () => {
        const isAwaited = cacheState.hasWaiters(state)
        return Effect.catchIf(
          renewOnce(options, state, wait, isAwaited),
          (error) => !isOver(error, isAwaited),
          () => next
        )
      }
    )
    return next
  })

/** Fails if callers wait for less than the server asked for. */
const waitForServer = (state: cacheState.State, wait: cacheState.Wait): Effect.Effect<void, CredentialError> =>
  Effect.suspend(() => {
    const now = state.clock.unsafeCurrentTimeMillis()
    if (cacheState.living(state, now) !== undefined) return Effect.void
    const throttled = cacheState.throttled(state, now, wait.left())
    if (throttled === undefined) return Effect.void
    const { error, isTooLong, pause } = throttled
    return isTooLong ? Effect.fail(error) : throttling.logFailure(
      error,
      `the server throttles, and nothing is cached; next request in ${pause} ms: ${inOneLine(error)}`
    ).pipe(Effect.zipRight(Effect.sleep(pause)))
  })

const renewOnce = <R>(
  { fetch, name }: Options<R>,
  state: cacheState.State,
  wait: cacheState.Wait,
  isAwaited: boolean
): Effect.Effect<Credentials, CredentialError, R> =>
  Effect.gen(function*() {
    const { clock } = state
    const random = yield* Random.next
    const start = clock.unsafeCurrentTimeMillis()
    const attempt = Effect.flatMap(fetch, (fetched) => cacheState.receive(state, fetched, random)).pipe(
      Effect.exit,
      Effect.locally(throttling.isAwaited, isAwaited),
      Effect.locally(throttling.patience, (own) => Math.min(own, wait.left()))
    )
    const first = yield* attempt
    const isLate = clock.unsafeCurrentTimeMillis() - start > deadlines.longestFetch
    // A process that was stopped, or a machine that slept, finds its answer expired. The server has a newer one.
    const exit = isLate && isExpired(first) ? yield* attempt : first
    const now = clock.unsafeCurrentTimeMillis()
    yield* telemetry.countRenewal(name, exit, now - start)
    if (Exit.isFailure(exit)) return yield* cacheState.fail(state, exit.cause, random, wait)
    const held = state.entry
    if (held !== undefined && Number.isFinite(held.expiresAt)) {
      yield* telemetry.noteExpiration(name, held.expiresAt)
    }
    return exit.value
  })

const isExpired = (exit: Exit.Exit<unknown, CredentialError>): boolean =>
  Exit.isFailure(exit) && Option.exists(Cause.failureOption(exit.cause), (error) => error._tag === "CredentialsExpired")
