/**
 * The example of OpenTelemetry, with exporters in memory in place of those for the console.
 */
import { assert, describe, it } from "@effect/vitest"
import { InMemoryLogRecordExporter } from "@opentelemetry/sdk-logs"
import { AggregationTemporality, DataPointType, InMemoryMetricExporter } from "@opentelemetry/sdk-metrics"
import { InMemorySpanExporter } from "@opentelemetry/sdk-trace-base"
import { Effect, Layer } from "effect"
import { CredentialProvider } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { inspect } from "node:util"
import { program, telemetry } from "../../examples/open-telemetry.ts"
import { cloud, revokeSession, role } from "../support/cloud.ts"
import { quiet } from "../support/logs.ts"
import { noVariables } from "../support/variables.ts"

/** Exporters that keep what arrived after the runtime has closed. */
const exporters = () => {
  const keep = <E extends { shutdown: () => Promise<void> }>(exporter: E): E =>
    Object.assign(exporter, { shutdown: () => Promise.resolve() })
  return {
    spans: keep(new InMemorySpanExporter()),
    metrics: keep(new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)),
    logs: keep(new InMemoryLogRecordExporter())
  }
}

/** Runs the program, lets a service refuse its session, and runs it again. */
const observed = Effect.gen(function*() {
  const exported = exporters()
  const known = yield* Effect.gen(function*() {
    yield* program
    yield* revokeSession
    yield* program
    const { name } = yield* CredentialProvider.CredentialProvider
    return { name, secrets: yield* Effect.flatMap(cloud, ({ secrets }) => secrets) }
  }).pipe(
    Effect.provide(
      role.pipe(
        Layer.provideMerge(Layer.merge(LocalCloud.layer(), noVariables)),
        Layer.provideMerge(Layer.provideMerge(telemetry(exported), quiet))
      )
    )
  )
  return { ...exported, ...known }
})

describe("the example of OpenTelemetry", () => {
  it.live("exports spans, metrics and log lines, without a secret", () =>
    Effect.gen(function*() {
      const { logs, metrics, name, secrets, spans } = yield* observed

      const finished = spans.getFinishedSpans()
      const named = (wanted: string) => finished.filter((span) => span.name === wanted)
      const starts = named("start")
      assert.lengthOf(starts, 2)
      const renewals = named("CredentialProvider.renew")
      assert.lengthOf(renewals, 2)
      for (const renewal of renewals) {
        assert.strictEqual(renewal.attributes["alicloud.credentials.provider"], name)
        assert.isUndefined(renewal.parentSpanContext)
      }
      assert.strictEqual(renewals[0]?.links[0]?.context.traceId, starts[0]?.spanContext().traceId)
      const calls = named("http.client POST")
      assert.deepStrictEqual(calls.map((span) => span.attributes["http.response.status_code"]), [200, 400, 200])
      for (const call of calls) {
        assert.strictEqual(call.attributes["server.address"], "https://sts.aliyuncs.com")
        assert.strictEqual(call.attributes["http.request.header.x-acs-action"], "GetCallerIdentity")
      }
      assert.strictEqual(starts[0]?.resource.attributes["service.name"], "billing")

      const points = metrics.getMetrics().at(-1)?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []
      const metric = (wanted: string) => points.find(({ descriptor }) => descriptor.name === wanted)
      const counter = metric("alicloud_credentials_renewals")
      assert.isTrue(counter?.dataPointType === DataPointType.SUM && counter.isMonotonic)
      const labels = { provider: "ram_role_arn/static_ak" }
      assert.deepInclude(counter?.dataPoints[0], { attributes: { ...labels, outcome: "success" }, value: 2 })
      const time = metric("alicloud_credentials_renewal_time")
      assert.strictEqual(time?.descriptor.unit, "milliseconds")
      assert.deepInclude(time?.dataPoints[0]?.value as object, { count: 2 })
      const end = metric("alicloud_credentials_expiration_timestamp_seconds")
      assert.strictEqual(end?.descriptor.unit, "s")
      assert.deepStrictEqual(end?.dataPoints[0]?.attributes, { ...labels, unit: "s" })
      const left = Number(end?.dataPoints[0]?.value) - finished[0]!.startTime[0]
      assert.isTrue(left > 3000 && left < 4000, `${left} s left`)

      const records = logs.getFinishedLogRecords()
      const warning = records.find(({ body }) =>
        typeof body === "string" && body.includes("refused the cached credentials")
      )
      assert.strictEqual(warning?.severityText?.toUpperCase(), "WARN")
      assert.deepInclude(warning?.attributes, {
        package: "effect-alicloud-credentials",
        module: "SignedHttpClient",
        provider: name
      })
      assert.isTrue(records.some(({ body }) => typeof body === "string" && body.startsWith("running as acs:ram::")))

      assert.isAtLeast(secrets.length, 4)
      const text = [finished, metrics.getMetrics(), records]
        .map((exported) => inspect(exported, { depth: 20, maxStringLength: null, maxArrayLength: null }))
        .join("\n")
      assert.include(text, "GetCallerIdentity")
      assert.deepStrictEqual(
        secrets.filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret))),
        []
      )
    }))
})
