/**
 * What the sessions of many roles have in common: the server that they are requested from. It gets a limited number of
 * requests at the same time. When it throttles one of them, no other is sent for as long as it asks.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { type CredentialError, CredentialsUnavailable } from "../../CredentialError.ts"
import { longestPause } from "../provider/deadlines.ts"
import * as Pause from "../provider/pause.ts"
import { isThrottled, notSent } from "../throttling.ts"

/** @internal */
export type Gate = <A, R>(fetch: Effect.Effect<A, CredentialError, R>) => Effect.Effect<A, CredentialError, R>

/** For a server that does not say for how long, in milliseconds. Doubles until a request succeeds. */
const shortest = 1000
const longest = 60_000

interface Closed {
  readonly pause: Pause.Pause
  readonly code: string | undefined
  readonly status: number | undefined
}

/** @internal */
export const make = (provider: string, concurrency: number): Effect.Effect<Gate> =>
  Effect.gen(function*() {
    const clock = yield* Effect.clock
    const semaphore = Effect.unsafeMakeSemaphore(concurrency)
    let closed: Closed | undefined = undefined
    /** How often it was closed since a request succeeded. */
    let times = 0

    const left = (): number =>
      closed === undefined ? 0 : Pause.left(clock, closed.pause, clock.unsafeCurrentTimeMillis())

    const refusal = (): CredentialsUnavailable | undefined => {
      const millis = left()
      if (closed === undefined || millis === 0) return undefined
      // Not the error of the other request, which names the role of somebody else.
      return notSent(
        new CredentialsUnavailable({
          provider,
          reason: "requests for other roles were throttled, so none is sent for now",
          code: closed.code,
          status: closed.status,
          retryAfter: Duration.millis(Math.ceil(millis))
        })
      )
    }

    const shut = (error: CredentialError): void => {
      if (error._tag !== "CredentialsUnavailable" || !isThrottled(error)) return
      const millisLeft = left()
      // Requests that were under way at the same time are answered together.
      if (millisLeft === 0) times += 1
      const asked = error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter)
      const millis = Math.max(Math.min(asked, longestPause), Math.min(longest, shortest * 2 ** (times - 1)))
      if (millis > millisLeft) closed = { pause: Pause.start(clock, millis), code: error.code, status: error.status }
    }

    const reset = (): void => {
      times = 0
    }

    return (fetch) =>
      semaphore.withPermits(1)(Effect.suspend(() => {
        const error = refusal()
        return error === undefined
          ? Effect.tap(Effect.tapError(fetch, (error) => Effect.sync(() => shut(error))), () => Effect.sync(reset))
          : Effect.fail(error)
      }))
  })
