/**
 * Spans, metrics and log annotations of the library. None of them contains a secret.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type { CredentialError } from "../../CredentialError.ts"
import { DryRun } from "./dryRun.ts"
import * as labels from "./labels.ts"

const renewals: Metric.Metric.Counter<number> = Metric.counter("alicloud_credentials_renewals", {
  description: "Fetches of credentials, by provider and outcome",
  incremental: true
})

const renewalTime = Metric.timerWithBoundaries(
  "alicloud_credentials_renewal_time",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 16 }).values as Array<number>,
  "How long fetches of credentials took, by provider"
)

// A time instead of a number of seconds that would be right only when it is written.
const expirations = Metric.gauge("alicloud_credentials_expiration_timestamp_seconds", {
  description: "When the last fetched credentials expire, in seconds since 1970, by provider"
}).pipe(Metric.tagged("unit", "s"))

/** @internal */
export const countRenewal = (
  provider: string,
  exit: Exit.Exit<unknown, CredentialError>,
  millis: number
): Effect.Effect<void> => {
  const label = labels.provider(provider)
  return unlessWatched(Effect.zipRight(
    Metric.update(renewals.pipe(Metric.tagged("provider", label), Metric.tagged("outcome", labels.outcome(exit))), 1),
    Metric.update(Metric.tagged(renewalTime, "provider", label), Duration.millis(millis))
  ))
}

/** @internal */
export const noteExpiration = (provider: string, millis: number): Effect.Effect<void> =>
  unlessWatched(Metric.set(Metric.tagged(expirations, "provider", labels.provider(provider)), millis / 1000))

const pooled = Metric.counter("alicloud_credentials_pooled_sessions", {
  description: "Roles that pools of sessions have now"
})

const evictions = Metric.counter("alicloud_credentials_evicted_sessions", {
  description: "Roles that pools of sessions have dropped, by reason",
  incremental: true
})

/** By how many a pool has grown. @internal */
export const countPooled = (change: number): Effect.Effect<void> => Metric.update(pooled, change)

/** There are too many, or nobody uses it. @internal */
export type EvictionReason = "capacity" | "idle"

/** @internal */
export const countEvicted = (reason: EvictionReason): Effect.Effect<void> =>
  Metric.update(Metric.tagged(evictions, "reason", reason), 1)

/** A dry run is no renewal of the program. */
const unlessWatched = (update: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.flatMap(DryRun, (observer) => observer === undefined ? update : Effect.void)

/** @internal */
export const annotated = (module: string, provider: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.annotateLogs(effect, { package: "effect-alicloud-credentials", module, provider })

/** Work that a caller merely set off has a trace of its own, linked to the caller's where one waits. @internal */
export const rootSpan = (name: string, provider: string, caller: Option.Option<Tracer.AnySpan>) =>
  Effect.withSpan(name, {
    root: true,
    captureStackTrace: false,
    attributes: { "alicloud.credentials.provider": provider },
    links: Option.match(caller, {
      onNone: () => [],
      onSome: (span) => [{ _tag: "SpanLink" as const, span, attributes: {} }]
    })
  })
