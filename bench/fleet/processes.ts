/**
 * Processes of the library, and processes as they were before it was made for fleets.
 */
import { Cause, Clock, DateTime, Effect, Option, Redacted } from "effect"
import { CredentialError, Credentials } from "effect-alicloud-credentials"
import * as cacheState from "../../src/internal/provider/cacheState.ts"
import type { Fetched } from "../../src/internal/provider/fetched.ts"
import * as Pause from "../../src/internal/provider/pause.ts"
import type { Answer, MakeProcess } from "./simulation.ts"

/** How long an application waits before it asks again, after an error. */
export const again = 1000

/** The requests of one call that nobody answers, while a caller waits: http.ts repeats them twice. */
export const repeats = 2
export const repeatAfter = (repeat: number, random: number): number => 200 * 2 ** repeat * (0.5 + random / 2)

export const errors: Readonly<Record<Exclude<Answer, "key">, Cause.Cause<CredentialError.CredentialError>>> = {
  throttled: Cause.fail(
    new CredentialError.CredentialsUnavailable({ provider: "fleet", reason: "throttled", code: "Throttling.User" })
  ),
  none: Cause.fail(new CredentialError.CredentialsUnavailable({ provider: "fleet", reason: "no connection" }))
}

const session = (expiresAt: number): Fetched => {
  const expiration = Option.some(DateTime.unsafeMake(expiresAt))
  return {
    expiration,
    credentials: Credentials.StsToken({
      provider: "fleet",
      accessKeyId: "STS.Example",
      accessKeySecret: secret,
      securityToken: secret,
      expiration
    })
  }
}

const secret = Redacted.make("example")

/** A clock that shows what the simulation sets. */
const settableClock = (initial: Clock.Clock) => {
  const clock = { now: 0 }
  return Object.assign(clock, initial, {
    unsafeCurrentTimeMillis: () => clock.now,
    unsafeCurrentTimeNanos: () => BigInt(Math.round(clock.now * 1e6))
  })
}

const liveClock = Effect.runSync(Effect.clock)

/** Asks for a key when the library would, with the state of the library's cache. */
export const after: MakeProcess = (life, random) => {
  const clock = settableClock(liveClock)
  const state = cacheState.make({ name: "fleet" }, clock)
  let limit: Pause.Pause | undefined = undefined
  const wait: cacheState.Wait = { left: () => limit === undefined ? 0 : Pause.left(clock, limit, clock.now), count: 0 }
  let repeated = 0
  let failed = 0
  let expiresAt = -Infinity

  const at = (now: number): number => {
    clock.now = now
    return now
  }

  const startWaiting = (): void => {
    if (limit !== undefined) return
    limit = Pause.start(clock, state.policy.maxWait)
    wait.count = 0
  }

  /** When the next call is sent if the application asks now. */
  const ask = (now: number): number => {
    const held = cacheState.living(state, at(now))
    if (held !== undefined) return Math.min(held.expiresAt, Math.max(now, held.refreshAt, state.pause?.until ?? 0))
    startWaiting()
    const throttled = cacheState.throttled(state, now, wait.left())
    if (throttled === undefined) return now
    return throttled.isTooLong ? askAgain(now) : now + throttled.pause
  }

  const askAgain = (now: number): number => {
    failed += 1
    limit = undefined
    return ask(now + again)
  }

  const fail = (answer: Exclude<Answer, "key">, now: number): number => {
    const isAwaited = cacheState.hasWaiters(state)
    if (isAwaited && answer === "none" && repeated < repeats) return now + repeatAfter(repeated++, random())
    repeated = 0
    startWaiting()
    void cacheState.fail(state, errors[answer], random(), wait)
    return isAwaited && (answer === "none" || wait.left() === 0) ? askAgain(now) : ask(now)
  }

  return {
    begin: ask,
    answer: (answer, now) => {
      at(now)
      if (answer !== "key") return fail(answer, now)
      expiresAt = now + life
      void cacheState.receive(state, session(expiresAt), random())
      limit = undefined
      repeated = 0
      return ask(now)
    },
    expiresAt: () => expiresAt,
    errors: () => failed
  }
}

/**
 * The arithmetic that the library had before: renewals within 45 seconds for a session of one hour, three requests in
 * every call, pauses up to 10 seconds, and an error at once without a key.
 */
export const before: MakeProcess = (life, random) => {
  let expiresAt = -Infinity
  let failures = 0
  let repeated = 0
  let failed = 0
  const spread = () => 1 - 0.05 * random()
  return {
    begin: (now) => now,
    answer: (answer, now) => {
      if (answer === "key") {
        expiresAt = now + life
        failures = 0
        repeated = 0
        return expiresAt - Math.min(900_000, life / 4) * spread()
      }
      if (repeated < repeats) return now + repeatAfter(repeated++, random())
      repeated = 0
      if (now >= expiresAt) {
        failed += 1
        return now + again
      }
      return Math.min(expiresAt, now + Math.min(10_000, 100 * 2 ** failures++) * spread())
    },
    expiresAt: () => expiresAt,
    errors: () => failed
  }
}
