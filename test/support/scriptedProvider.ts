/**
 * Providers whose fetches follow a script.
 */
import { Clock, type Duration, Effect, Ref } from "effect"
import { CredentialError, CredentialProvider, type Credentials, type RefreshPolicy } from "effect-alicloud-credentials"
import { settle } from "./clock.ts"
import { idOf, session } from "./credentials.ts"

export const unavailable = (reason: string, retryAfter?: Duration.Duration) =>
  new CredentialError.CredentialsUnavailable({ provider: "test", reason, retryAfter })

/** A provider whose fetches take `delay` and then follow the script, whose last line repeats. */
export const scriptedProvider = (
  script: ReadonlyArray<
    (now: number, count: number) => Effect.Effect<Credentials.Credentials, CredentialError.CredentialError>
  >,
  options: {
    readonly delay?: Duration.DurationInput
    readonly refresh?: Partial<RefreshPolicy.RefreshPolicy>
    readonly keep?: Duration.DurationInput
  } = {}
) =>
  Effect.gen(function*() {
    const count = yield* Ref.make(0)
    const provider = yield* CredentialProvider.make({
      name: "test",
      refresh: { jitter: 0, ...options.refresh },
      keep: options.keep,
      fetch: Effect.gen(function*() {
        const n = yield* Ref.updateAndGet(count, (n) => n + 1)
        if (options.delay !== undefined) yield* Effect.sleep(options.delay)
        const now = yield* Clock.currentTimeMillis
        const line = script[Math.min(n, script.length) - 1]!
        return yield* line(now, n)
      })
    })
    const id = Effect.map(provider.get, idOf)
    /** Calls get, and finishes the renewal in the background that this may start. */
    const touch = Effect.zipLeft(id, settle)
    return { provider, count: Ref.get(count), id, touch }
  })

export const lasting = (seconds: number) => (now: number, count: number) =>
  Effect.succeed(session(`key${count}`, now + seconds * 1000))

export const failingFetch = (reason: string, retryAfter?: Duration.Duration) => () =>
  Effect.fail(unavailable(reason, retryAfter))

/** Fails as a service does that has too many requests, and does not say when to ask again. */
export const throttledFetch = () =>
  Effect.fail(new CredentialError.CredentialsUnavailable({ provider: "test", reason: "too many", status: 429 }))

/** Fetches a session that lasts so many seconds, and counts. */
export const countedSessions = (count: Ref.Ref<number>, seconds: number) =>
  Effect.zipWith(
    Ref.updateAndGet(count, (n) => n + 1),
    Clock.currentTimeMillis,
    (n, now) => session(`key${n}`, now + seconds * 1000)
  )
