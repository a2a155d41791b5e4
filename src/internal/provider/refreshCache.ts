/**
 * An effect that fetches credentials in, an effect that hands them out from memory back: the shape of
 * `Effect.cachedWithTTL`, with the deadlines of each value, renewal in the background and a single flight.
 */
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { constant, type LazyArg } from "effect/Function"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"
import { type CredentialError, CredentialsExpired } from "../../CredentialError.ts"
import type { Credentials } from "../../Credentials.ts"
import { expiration } from "../../Credentials.ts"
import type { RefreshPolicy } from "../../RefreshPolicy.ts"
import { isSame } from "./credentials.ts"
import * as deadlines from "./deadlines.ts"
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
  readonly fetch: Effect.Effect<Credentials, CredentialError, R>
  readonly refresh?: Partial<RefreshPolicy> | undefined
  /** When credentials end, for a source that knows it of an AccessKey too. Defaults to what they say themselves. */
  readonly expirationOf?: ((credentials: Credentials) => Option.Option<DateTime.Utc>) | undefined
  /** A function is asked whenever credentials arrive, for sources that say it with each answer. */
  readonly keep?: Duration.DurationInput | LazyArg<Duration.DurationInput> | undefined
}

interface Entry {
  readonly credentials: Credentials
  // An Exit is itself an effect, so that a hit allocates nothing.
  readonly exit: Exit.Exit<Credentials>
  readonly receivedAt: number
  readonly expiresAt: number
  readonly usableUntil: number
  refreshAt: number
}

/** @internal */
export const make = <R>(options: Options<R>): Effect.Effect<RefreshCache, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    const { expirationOf = expiration, name } = options
    const policy = deadlines.policy(options.refresh)
    const keep = typeof options.keep === "function" ? options.keep : constant(options.keep ?? Duration.infinity)
    const clock = yield* Effect.clock
    let entry: Entry | undefined = undefined
    let failures = 0
    let throttled: { readonly error: CredentialError; readonly until: number } | undefined = undefined

    const usable = (): Entry | undefined =>
      entry !== undefined && clock.unsafeCurrentTimeMillis() < entry.usableUntil ? entry : undefined

    const receive = (credentials: Credentials, random: number): Exit.Exit<Credentials, CredentialError> => {
      const now = clock.unsafeCurrentTimeMillis()
      const expiresAt = Option.match(expirationOf(credentials), {
        onNone: () => Infinity,
        onSome: DateTime.toEpochMillis
      })
      if (expiresAt <= now) return expiredOnArrival(name, expiresAt, now)
      const held = usable()
      failures = 0
      if (
        held !== undefined && Number.isFinite(held.expiresAt) && expiresAt <= held.expiresAt && now >= held.receivedAt
      ) {
        held.refreshAt = now + policy.interval
        return held.exit
      }
      entry = {
        credentials,
        exit: Exit.succeed(credentials),
        receivedAt: now,
        ...(expiresAt === Infinity
          ? deadlines.ofConstant(now, Duration.toMillis(keep()))
          : deadlines.ofSession(policy, now, expiresAt, random))
      }
      return entry.exit
    }

    const postpone = (
      cause: Cause.Cause<CredentialError>,
      random: number
    ): Effect.Effect<Credentials, CredentialError> => {
      const now = clock.unsafeCurrentTimeMillis()
      const retryAfter = Option.getOrElse(Option.flatMap(Cause.failureOption(cause), retryAfterMillis), () => 0)
      const held = usable()
      if (held === undefined) {
        const failure = Cause.failureOption(cause)
        if (retryAfter > 0 && Option.isSome(failure)) {
          throttled = { error: failure.value, until: now + Math.min(retryAfter, policy.maxBackoff) }
        }
        return Effect.failCause(cause)
      }
      held.refreshAt = now + deadlines.backoff(policy, failures, random, retryAfter)
      failures += 1
      return Effect.as(warnFailedRenewal(cause, held.expiresAt - now, held.refreshAt - now), held.credentials)
    }

    const renew = (caller: Option.Option<Tracer.AnySpan>): Effect.Effect<Credentials, CredentialError, R> =>
      Effect.gen(function*() {
        const random = yield* Random.next
        const start = clock.unsafeCurrentTimeMillis()
        const exit = yield* Effect.exit(Effect.flatMap(options.fetch, (credentials) => receive(credentials, random)))
        const now = clock.unsafeCurrentTimeMillis()
        yield* telemetry.countRenewal(name, outcome(exit), now - start)
        if (Exit.isFailure(exit)) return yield* postpone(exit.cause, random)
        if (entry !== undefined && Number.isFinite(entry.expiresAt)) {
          yield* telemetry.noteLifetime(name, entry.expiresAt - now)
        }
        return exit.value
      }).pipe(
        telemetry.annotated("CredentialProvider", name),
        telemetry.rootSpan("CredentialProvider.renew", name, caller)
      )

    const flight = yield* singleFlight.make(renew)

    const peek: Peek = () => {
      const held = entry
      if (held === undefined) return undefined
      const now = clock.unsafeCurrentTimeMillis()
      // First, since a pause after a failure can put refreshAt past the end.
      if (now >= held.usableUntil) return undefined
      // A clock that went back says nothing of how long the credentials still last.
      if (now >= held.refreshAt || now < held.receivedAt) flight.start()
      return held.exit
    }

    const fetchOrWait = Effect.suspend(() =>
      throttled !== undefined && !deadlines.isOver(clock.unsafeCurrentTimeMillis(), throttled.until, policy.maxBackoff)
        ? Effect.fail(throttled.error)
        : flight.join
    )

    return {
      get: Effect.suspend(() => peek() ?? fetchOrWait),
      peek,
      invalidate: (refused) =>
        Effect.sync(() => {
          if (entry !== undefined && isSame(entry.credentials, refused)) entry = undefined
        })
    }
  })

const expiredOnArrival = (provider: string, expiresAt: number, now: number) =>
  Exit.fail(
    new CredentialsExpired({
      provider,
      expiration: DateTime.unsafeMake(expiresAt),
      now: DateTime.unsafeMake(now),
      hint: "Check the clock of this machine"
    })
  )

const retryAfterMillis = (error: CredentialError): Option.Option<number> =>
  error._tag === "CredentialsUnavailable" && error.retryAfter !== undefined
    ? Option.some(Duration.toMillis(error.retryAfter))
    : Option.none()

const outcome = (exit: Exit.Exit<unknown, CredentialError>): string =>
  Exit.match(exit, {
    onSuccess: () => "success",
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onSome: (error) => error._tag,
        onNone: () => (Cause.isInterruptedOnly(cause) ? "interrupted" : "defect")
      })
  })

// A defect may carry anything, so that only its presence is told.
const warnFailedRenewal = (cause: Cause.Cause<CredentialError>, left: number, pause: number) =>
  Effect.logWarning(
    `renewal failed, the credentials at hand stay in use for ${lasting(left)}, next try in ${Math.ceil(pause)} ms: ` +
      Option.match(Cause.failureOption(cause), { onNone: () => "defect", onSome: (error) => error.message })
  )

const lasting = (millis: number): string => Number.isFinite(millis) ? `another ${Math.floor(millis / 1000)} s` : "now"
