/**
 * What the sessions of many roles have in common: the server that they are requested from. It gets a limited number of
 * requests at the same time. When it throttles one of them, no other is sent for as long as it asks.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { type CredentialError, CredentialsUnavailable } from "../../CredentialError.ts"
import * as Pause from "../provider/pause.ts"
import { isThrottled } from "../throttling.ts"

/** @internal */
export type Gate = <A, R>(fetch: Effect.Effect<A, CredentialError, R>) => Effect.Effect<A, CredentialError, R>

/** For a server that does not say for how long, in milliseconds. */
const shortest = 1000

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

    const refusal = (): CredentialsUnavailable | undefined => {
      const left = closed === undefined ? 0 : Pause.left(clock, closed.pause, clock.unsafeCurrentTimeMillis())
      if (closed === undefined || left === 0) return undefined
      // Not the error of the other request, which names the role of somebody else.
      return new CredentialsUnavailable({
        provider,
        reason: "STS throttles the requests for other roles, so none is sent for now",
        code: closed.code,
        status: closed.status,
        retryAfter: Duration.millis(Math.ceil(left))
      })
    }

    const shut = (error: CredentialError): void => {
      if (error._tag !== "CredentialsUnavailable" || !isThrottled(error)) return
      const asked = error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter)
      closed = { pause: Pause.start(clock, Math.max(asked, shortest)), code: error.code, status: error.status }
    }

    return (fetch) =>
      semaphore.withPermits(1)(Effect.suspend(() => {
        const error = refusal()
        return error === undefined
          ? Effect.tapError(fetch, (error) => Effect.sync(() => shut(error)))
          : Effect.fail(error)
      }))
  })
