/**
 * What a refresh cache knows, apart from how it fetches: the credentials that it has, how their renewals went, and what
 * has to wait because of that.
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { constant, type LazyArg } from "effect/Function"
import * as Option from "effect/Option"
import { type CredentialError, CredentialsExpired } from "../../CredentialError.ts"
import type { Credentials } from "../../Credentials.ts"
import type { RefreshPolicy } from "../../RefreshPolicy.ts"
import { isThrottled, logFailure } from "../throttling.ts"
import * as cacheEntry from "./cacheEntry.ts"
import { isSame } from "./credentials.ts"
import * as deadlines from "./deadlines.ts"
import { inOneLine } from "./errors.ts"
import type { Fetched } from "./fetched.ts"
import * as Monitor from "./monitor.ts"
import * as Pause from "./pause.ts"
import * as refusals from "./refusals.ts"
import * as Signal from "./signal.ts"

/** @internal */
export interface Options {
  readonly name: string
  readonly refresh?: Partial<RefreshPolicy> | undefined
  /** What `refresh` leaves out. Defaults to `RefreshPolicy.defaults`. */
  readonly defaults?: RefreshPolicy | undefined
  /** A function is called whenever credentials arrive, for sources that learn it with each answer. */
  readonly keep?: Duration.DurationInput | LazyArg<Duration.DurationInput> | undefined
}

/** @internal */
export interface State {
  readonly name: string
  readonly clock: Clock.Clock
  readonly policy: deadlines.Policy
  readonly keep: LazyArg<Duration.DurationInput>
  readonly refusals: refusals.Refusals
  /** Other credentials have arrived, or those in the cache were refused. */
  readonly signal: Signal.Signal
  entry: cacheEntry.Entry | undefined
  failures: number
  /** Of the last fetch, if it failed. */
  failure: Monitor.Failure | undefined
  /** Before the next renewal of credentials that work. */
  pause: Pause.Pause | undefined
  throttling: Throttling | undefined
}

/** A server throttled a request while there were no credentials. */
interface Throttling {
  readonly error: CredentialError
  /** Before the next request. */
  readonly pause: Pause.Pause
  /** What the server asked for, which may be longer. */
  readonly asked: Pause.Pause
}

/** @internal */
export const make = ({ defaults, keep, name, refresh }: Options, clock: Clock.Clock): State => ({
  name,
  clock,
  policy: deadlines.policy(refresh, defaults),
  keep: typeof keep === "function" ? keep : constant(keep ?? Duration.infinity),
  refusals: refusals.make(clock),
  signal: Signal.make(),
  entry: undefined,
  failures: 0,
  failure: undefined,
  pause: undefined,
  throttling: undefined
})

/** The credentials that have not expired, even if a service refused them. @internal */
export const living = ({ clock, entry }: State, now: number): cacheEntry.Entry | undefined =>
  entry !== undefined && cacheEntry.left(clock, entry, now) > 0 ? entry : undefined

/** Whether callers wait for the next request, since they have no credentials that they can use. @internal */
export const hasWaiters = (state: State): boolean => {
  const { clock } = state
  const now = clock.unsafeCurrentTimeMillis()
  const held = living(state, now)
  return held === undefined || held.isRefused || cacheEntry.timeOf(clock, held, now) >= held.usableUntil
}

/** Whether the next renewal has to wait. @internal */
export const isPaused = ({ clock, pause }: State, now: number): boolean =>
  pause !== undefined && !Pause.isOver(clock, pause, now)

/** How callers without credentials wait for a server that throttles. @internal */
export interface Wait {
  /** For how long they still wait, in milliseconds. */
  readonly left: () => number
  /** How often the server throttled meanwhile. */
  count: number
}

/** A server that throttles is left alone for a while. @internal */
export interface Throttled {
  readonly error: CredentialError
  /** Until the next request, in milliseconds. */
  readonly pause: number
  /** Whether that, or what the server asked for, is longer than callers wait. */
  readonly isTooLong: boolean
}

/** Whether callers without credentials have to wait, and for at most `limit` milliseconds. @internal */
export const throttled = ({ clock, throttling }: State, now: number, limit: number): Throttled | undefined => {
  if (throttling === undefined || Pause.isOver(clock, throttling.pause, now)) return undefined
  const pause = Math.ceil(Pause.left(clock, throttling.pause, now))
  const longest = Math.max(pause, Pause.left(clock, throttling.asked, now))
  return { error: throttling.error, pause, isTooLong: longest > limit }
}

/** @internal */
export const refuse = (state: State, refused: Credentials): void => {
  const { entry } = state
  if (entry === undefined || entry.isRefused || !isSame(entry.credentials, refused)) return
  if (!state.refusals.mayRenew()) return
  entry.isRefused = true
  state.pause = undefined
  state.signal.emit()
}

/** The credentials to use after a fetch: the fetched ones, unless those before are better. @internal */
export const receive = (
  state: State,
  { credentials, expiration }: Fetched,
  random: number
): Exit.Exit<Credentials, CredentialError> => {
  const { clock, policy } = state
  const now = clock.unsafeCurrentTimeMillis()
  const expiresAt = Option.match(expiration, { onNone: () => Infinity, onSome: DateTime.toEpochMillis })
  if (expiresAt <= now) return expiredOnArrival(state.name, expiresAt, now)
  const held = living(state, now)
  state.failures = 0
  state.failure = undefined
  state.throttling = undefined
  if (held !== undefined && isBetter(clock, held, expiresAt, now)) {
    state.pause = Pause.start(clock, policy.interval)
    return held.exit
  }
  state.pause = undefined
  const ends = expiresAt === Infinity
    ? deadlines.ofConstant(now, Duration.toMillis(state.keep()))
    : deadlines.ofSession(policy, now, expiresAt, random)
  state.entry = cacheEntry.make(clock, credentials, ends, now)
  state.signal.emit()
  return state.entry.exit
}

/** Whether these credentials are usable for at least as long as others that expire then. */
const isBetter = (clock: Clock.Clock, held: cacheEntry.Entry, expiresAt: number, now: number): boolean =>
  !held.isRefused && Number.isFinite(held.expiresAt) && expiresAt <= held.expiresAt &&
  cacheEntry.timeOf(clock, held, now) < held.usableUntil && !cacheEntry.isSetBack(clock, held, now)

/** The credentials to use after a fetch failed, if there are any. If not, callers wait for a throttled server. @internal */
export const fail = (
  state: State,
  cause: Cause.Cause<CredentialError>,
  random: number,
  wait: Wait
): Effect.Effect<Credentials, CredentialError> => {
  const { clock, policy } = state
  const now = clock.unsafeCurrentTimeMillis()
  state.failure = Monitor.failureOf(state.name, cause, now) ?? state.failure
  const failure = Option.getOrUndefined(Cause.failureOption(cause))
  const retryAfter = retryAfterMillis(failure)
  const held = living(state, now)
  // Credentials that a service refused, and a server does not renew either, are useless. Those that have expired stay,
  // since the clock that says so may be wrong, and is set right later.
  const isUseless = held?.isRefused === true && isDefinite(failure)
  if (isUseless) state.entry = undefined
  if (held === undefined || isUseless) {
    state.throttling = failure !== undefined && isThrottled(failure)
      ? throttling(state, failure, { count: wait.count++, left: wait.left(), retryAfter }, random)
      : undefined
    return Effect.failCause(cause)
  }
  const left = cacheEntry.left(clock, held, now)
  const pause = deadlines.backoff(policy, {
    failures: state.failures,
    left,
    window: held.window,
    isThrottled: failure !== undefined && isThrottled(failure),
    isRefused: held.isRefused,
    retryAfter
  }, random)
  state.pause = Pause.start(clock, pause)
  state.failures += 1
  return Effect.as(warnFailedRenewal(cause, held, left, pause), held.credentials)
}

const throttling = (
  { clock, policy }: State,
  error: CredentialError,
  throttled: deadlines.Throttled,
  random: number
): Throttling => ({
  error,
  pause: Pause.start(clock, deadlines.throttledPause(policy, throttled, random)),
  asked: Pause.start(clock, throttled.retryAfter)
})

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

const retryAfterMillis = (failure: CredentialError | undefined): number =>
  failure?._tag === "CredentialsUnavailable" && failure.retryAfter !== undefined
    ? Duration.toMillis(failure.retryAfter)
    : 0

// A defect may carry anything, so the log says only that there was one.
const warnFailedRenewal = (
  cause: Cause.Cause<CredentialError>,
  { isRefused }: cacheEntry.Entry,
  left: number,
  pause: number
) => {
  const failure = Cause.failureOption(cause)
  return logFailure(
    Option.getOrUndefined(failure),
    `renewal failed; the cached credentials${isRefused ? ", which a service refused," : ""} stay in use${
      lasting(left)
    }; next try in ${Math.ceil(pause)} ms: ` + Option.match(failure, { onNone: () => "defect", onSome: inOneLine })
  )
}

const lasting = (millis: number): string => Number.isFinite(millis) ? ` for another ${Math.floor(millis / 1000)} s` : ""
