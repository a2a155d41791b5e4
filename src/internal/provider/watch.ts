/**
 * Waits for the credentials of a provider to change, and keeps them current while nobody else asks for them.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import type { Service } from "../../CredentialProvider.ts"
import { type Credentials, expiration } from "../../Credentials.ts"
import { isSame } from "./credentials.ts"
import * as Monitor from "./monitor.ts"
import * as Signal from "./signal.ts"

/** The time between two calls of `get`, however often the credentials change or fail. */
const shortest = 1000

/** Timers do not wait longer. */
const longest = 2 ** 31 - 1

/**
 * An effect that returns the current credentials at its first run, and at each later run waits for others. It calls
 * `get` when a renewal is due, when the provider says that something has changed, and every so often in any case.
 *
 * @internal
 */
export const make = (
  service: Service,
  every: Duration.DurationInput
): Effect.Effect<Effect.Effect<Credentials>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const most = Math.min(Math.max(Duration.toMillis(every), shortest), longest)
    const monitor = Monitor.of(service)
    const woken = yield* listen(monitor?.signal ?? Signal.never)
    let last: Credentials | undefined = undefined
    let failures = 0
    let askedAt = -Infinity
    let delay = shortest

    /** How much of a pause after the last call is left. A clock that is set back makes no pause longer. */
    const left = (pause: number): Effect.Effect<number> =>
      Effect.map(Clock.currentTimeMillis, (now) => Math.max(0, pause - Math.max(0, now - askedAt)))

    // Not right after the last call: a provider may have other credentials for each call.
    const wait = Effect.gen(function*() {
      yield* Effect.timeoutOption(woken.await, yield* left(delay))
      yield* Effect.sleep(yield* left(shortest))
    })

    /** Undefined if there are none. */
    const ask: Effect.Effect<Credentials | undefined> = Effect.gen(function*() {
      const exit = yield* Effect.exit(service.get)
      yield* woken.close
      const now = yield* Clock.currentTimeMillis
      askedAt = now
      if (Exit.isFailure(exit)) {
        failures += 1
        delay = backoff(failures, most, yield* Random.next)
        return undefined
      }
      failures = 0
      const status = monitor?.status(now) ?? Monitor.ofCredentials(exit.value, now)
      delay = untilNext(status, now, most)
      // A renewal that the call started may be over already, although the call returned the credentials before.
      return status.credentials ?? exit.value
    })

    const next: Effect.Effect<Credentials> = Effect.gen(function*() {
      while (true) {
        yield* wait
        const current = yield* ask
        if (current !== undefined && (last === undefined || !isUnchanged(last, current))) {
          last = current
          return current
        }
      }
    })
    return next
  })

const listen = (signal: Signal.Signal): Effect.Effect<Effect.Latch, never, Scope.Scope> =>
  Effect.gen(function*() {
    const latch = yield* Effect.makeLatch()
    yield* Effect.acquireRelease(
      Effect.sync(() => signal.listen(() => latch.unsafeOpen())),
      (stop) => Effect.sync(stop)
    )
    return latch
  })

/** Short sessions are asked for often enough to be renewed in time. */
const untilNext = ({ expiresAt, renewAt }: Monitor.Status, now: number, most: number): number => {
  const due = renewAt > now ? renewAt - now : most
  return Math.max(shortest, Math.min(due, (expiresAt - now) / 4, most))
}

/** Spread out, since many programs see the same outage. */
const backoff = (failures: number, most: number, random: number): number =>
  Math.min(most, shortest * 2 ** failures) * (1 - random / 2)

const isUnchanged = (one: Credentials, other: Credentials): boolean =>
  isSame(one, other) && one.provider === other.provider && Equal.equals(expiration(one), expiration(other))
