/**
 * What a server means that has too many requests, and who repeats a request when.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { identity } from "effect/Function"
import type { CredentialError } from "../CredentialError.ts"

/** @internal */
export const isThrottlingCode = (code: string): boolean => code === "Throttling" || code.startsWith("Throttling.")

/** What an answer says about the load of its server. @internal */
export interface Load {
  readonly status?: number | undefined
  readonly code?: string | undefined
  readonly retryAfter?: Duration.Duration | undefined
}

/** Whether an answer asks for fewer requests: one more at once would make it worse. @internal */
export const asksForFewer = ({ code, retryAfter, status }: Load): boolean =>
  status === 429 || (retryAfter !== undefined && Duration.toMillis(retryAfter) > 0) ||
  (code !== undefined && isThrottlingCode(code))

/** @internal */
export const isThrottled = (error: CredentialError): boolean =>
  error._tag === "CredentialsUnavailable" && asksForFewer(error)

const unsent = Symbol("unsent")

/** An error in place of a request, which is not sent because the server throttles others. @internal */
export const notSent = <E extends CredentialError>(error: E): E =>
  // In a span, Effect hands on a proxy of the error, which has its properties, but is another object.
  Object.defineProperty(error, unsent, { value: true })

/** The server throttles all of them at once, so that only what it answered is worth a warning. @internal */
export const logFailure = (error: CredentialError | undefined, message: string): Effect.Effect<void> =>
  error !== undefined && unsent in error ? Effect.logDebug(message) : Effect.logWarning(message)

/**
 * Whether a caller waits for the request. A renewal in the background sends one request and leaves the rest to the
 * pauses of the cache: in an outage, requests that a whole fleet repeats at once are a multiple of its load.
 *
 * @internal
 */
export const isAwaited: FiberRef.FiberRef<boolean> = FiberRef.unsafeMake(true)

/**
 * How long the callers of a provider still wait for a throttled server, in milliseconds, if the provider itself would
 * wait for `own`.
 *
 * @internal
 */
export type Patience = (own: number) => number

/** @internal */
export const impatient: Patience = () => 0

/**
 * The patience of whoever calls `get`. A provider that asks another one passes on what is left of its own, so that one
 * `get` waits no longer than the outermost provider says.
 *
 * @internal
 */
export const patience: FiberRef.FiberRef<Patience> = FiberRef.unsafeMake<Patience>(identity)
