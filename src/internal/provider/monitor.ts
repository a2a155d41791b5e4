/**
 * What is known of a provider without asking it. Our providers say what they have cached, how their renewals went, and
 * when that changes. Of other providers only what their `get` returned is known, once something calls it.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { type CredentialError, CredentialsUnavailable } from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import { type Credentials, expiration } from "../../Credentials.ts"
import { isSame } from "./credentials.ts"
import * as Signal from "./signal.ts"

/** Times are epoch milliseconds. @internal */
export interface Status {
  /** Undefined if there are none, or if they have expired. */
  readonly credentials: Credentials | undefined
  /** Infinity if the credentials do not expire. */
  readonly expiresAt: number
  readonly isRefused: boolean
  readonly isRenewing: boolean
  /** From when on a call renews. Infinity if no renewal is due by time. */
  readonly renewAt: number
  readonly failure: Failure | undefined
}

/** @internal */
export interface Failure {
  readonly error: CredentialError
  readonly at: number
}

/** @internal */
export interface Monitor {
  /** Neither asks the source nor starts a renewal. `now` is for providers without a clock. */
  readonly status: (now: number) => Status
  readonly signal: Signal.Signal
}

const key: unique symbol = Symbol.for("effect-alicloud-credentials/monitor")

/** @internal */
export const attach = <S extends object>(service: S, monitor: Monitor): S =>
  Object.defineProperty(service, key, { value: monitor, enumerable: false })

/** Undefined for a service that this library did not make. @internal */
export const of = (service: object): Monitor | undefined => (service as { readonly [key]?: Monitor })[key]

/** @internal */
export const nothing: Status = {
  credentials: undefined,
  expiresAt: Infinity,
  isRefused: false,
  isRenewing: false,
  renewAt: Infinity,
  failure: undefined
}

/** @internal */
export const ofCredentials = (credentials: Credentials, now: number): Status => {
  const expiresAt = Option.match(expiration(credentials), { onNone: () => Infinity, onSome: DateTime.toEpochMillis })
  return expiresAt > now ? { ...nothing, credentials, expiresAt } : nothing
}

/** Undefined for an interruption, which says nothing about the source. @internal */
export const failureOf = (provider: string, cause: Cause.Cause<CredentialError>, at: number): Failure | undefined => {
  if (Cause.isInterruptedOnly(cause)) return undefined
  // A defect may carry anything, so only that there was one is shown.
  const error = Option.getOrElse(
    Cause.failureOption(cause),
    () => new CredentialsUnavailable({ provider, reason: "defect" })
  )
  return { error, at }
}

/** @internal */
export const ofExit = (provider: string, exit: Exit.Exit<Credentials, CredentialError>, now: number): Status =>
  Exit.match(exit, {
    onSuccess: (credentials) => ofCredentials(credentials, now),
    onFailure: (cause) => ({ ...nothing, failure: failureOf(provider, cause, now) })
  })

/** @internal */
export interface Observed {
  readonly service: Service
  readonly monitor: Monitor
}

/** The service as it is if this library made it, else one that remembers what its `get` returned. @internal */
export const observed = (service: Service): Observed => {
  const monitor = of(service)
  return monitor === undefined ? observe(service) : { service, monitor }
}

const observe = (service: Service): Observed => {
  const signal = Signal.make()
  let running = 0
  let last: Credentials | undefined = undefined
  let failure: Failure | undefined = undefined
  let isRefused = false

  const note = (exit: Exit.Exit<Credentials, CredentialError>, now: number): void => {
    running -= 1
    failure = Exit.isFailure(exit) ? failureOf(service.name, exit.cause, now) : undefined
    if (Exit.isFailure(exit) || (last !== undefined && isSame(last, exit.value))) return
    last = exit.value
    isRefused = false
    signal.emit()
  }

  return {
    service: {
      get name() {
        return service.name
      },
      get: Effect.suspend(() => {
        running += 1
        return Effect.onExit(service.get, (exit) => Effect.map(Clock.currentTimeMillis, (now) => note(exit, now)))
      }),
      invalidate: (refused) =>
        Effect.suspend(() => {
          isRefused = isRefused || (last !== undefined && isSame(last, refused))
          return service.invalidate(refused)
        })
    },
    monitor: {
      signal,
      status: (now) => {
        const status = last === undefined ? nothing : ofCredentials(last, now)
        return { ...status, isRefused: status.credentials !== undefined && isRefused, isRenewing: running > 0, failure }
      }
    }
  }
}
