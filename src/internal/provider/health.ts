/**
 * The public view of what is known of a provider: without the credentials themselves.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { Health, Service } from "../../CredentialProvider.ts"
import * as Monitor from "./monitor.ts"

/** @internal */
export const of = (service: Service): Effect.Effect<Health> =>
  Effect.flatMap(Effect.clock, (clock) => {
    const now = () => clock.unsafeCurrentTimeMillis()
    const monitor = Monitor.of(service)
    return monitor === undefined
      ? Effect.map(Effect.exit(service.get), (exit) => view(service.name, Monitor.ofExit(service.name, exit, now())))
      : Effect.sync(() => view(service.name, monitor.status(now())))
  })

/** Of a provider that has not been made yet. @internal */
export const unknown = (name: string): Health => view(name, Monitor.nothing)

const view = (name: string, status: Monitor.Status): Health => ({
  provider: status.credentials?.provider ?? name,
  isUsable: status.credentials !== undefined,
  usableUntil: time(status.expiresAt),
  isRefused: status.isRefused,
  isRenewing: status.isRenewing,
  nextRenewal: time(status.renewAt),
  lastFailure: status.failure === undefined
    ? undefined
    : { at: DateTime.unsafeMake(status.failure.at), error: status.failure.error }
})

// Dates end there, and a renewal that is due later is never due.
const latest = 8.64e15

const time = (millis: number): DateTime.Utc | undefined => millis > latest ? undefined : DateTime.unsafeMake(millis)
