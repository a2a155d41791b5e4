/**
 * What the library tells of its work: spans, metrics and log annotations, none of which carries a secret.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"

const renewals: Metric.Metric.Counter<number> = Metric.counter("alicloud_credentials_renewals", {
  description: "Fetches of credentials, by provider and outcome"
})

const renewalTime = Metric.timerWithBoundaries(
  "alicloud_credentials_renewal_time",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 16 }).values as Array<number>
)

const secondsLeft = Metric.gauge("alicloud_credentials_seconds_left", {
  description: "Seconds from the arrival of the credentials until they expire"
})

/** @internal */
export const countRenewal = (provider: string, outcome: string, millis: number): Effect.Effect<void> =>
  Effect.zipRight(
    Metric.update(renewals.pipe(Metric.tagged("provider", provider), Metric.tagged("outcome", outcome)), 1),
    Metric.update(Metric.tagged(renewalTime, "provider", provider), Duration.millis(millis))
  )

/** @internal */
export const noteLifetime = (provider: string, millis: number): Effect.Effect<void> =>
  Metric.set(Metric.tagged(secondsLeft, "provider", provider), millis / 1000)

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
