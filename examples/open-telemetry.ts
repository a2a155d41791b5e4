/**
 * Spans, metrics and log lines of the library in OpenTelemetry. It prints them; a real program has exporters for OTLP in
 * place of those for the console. The session is renewed while the program is idle, so that the alert on sessions that
 * expire means what it says. docs/observability.md describes what arrives.
 */
import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import { NodeRuntime } from "@effect/platform-node"
import { BatchLogRecordProcessor, ConsoleLogRecordExporter, type LogRecordExporter } from "@opentelemetry/sdk-logs"
import {
  ConsoleMetricExporter,
  PeriodicExportingMetricReader,
  type PushMetricExporter
} from "@opentelemetry/sdk-metrics"
import { BatchSpanProcessor, ConsoleSpanExporter, type SpanExporter } from "@opentelemetry/sdk-trace-base"
import { Effect, Layer } from "effect"
import { CallerIdentity } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"
import { argv } from "node:process"
import { fileURLToPath } from "node:url"

export interface Exporters {
  readonly spans: SpanExporter
  readonly metrics: PushMetricExporter
  readonly logs: LogRecordExporter
}

export const telemetry = ({ logs, metrics, spans }: Exporters) =>
  NodeSdk.layer(() => ({
    resource: { serviceName: "billing", serviceVersion: "1.0.0" },
    spanProcessor: new BatchSpanProcessor(spans),
    metricReader: new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 10_000 }),
    logRecordProcessor: new BatchLogRecordProcessor({ exporter: logs })
  }))

/** A signed request, in a span of the application. */
export const program = CallerIdentity.get().pipe(
  Effect.tap((identity) => Effect.log(`running as ${identity.arn}`)),
  Effect.withSpan("start")
)

const Console = telemetry({
  spans: new ConsoleSpanExporter(),
  metrics: new ConsoleMetricExporter(),
  logs: new ConsoleLogRecordExporter()
})

const Live = NodeCredentials.keepWarm().pipe(
  Layer.provideMerge(NodeCredentials.layer),
  Layer.merge(NodeCredentials.layerHttpClient),
  Layer.provideMerge(Console)
)

// Tests import this file.
if (argv[1] === fileURLToPath(import.meta.url)) {
  program.pipe(Effect.provide(Live), NodeRuntime.runMain)
}
