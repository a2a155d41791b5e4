/**
 * Dry runs of the default chain. Each machine is a JSON file, and the report is the text file of the same name:
 * `npx vitest run test/explain -u` writes the reports again, for a person to read.
 */
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Random, Schema, TestClock } from "effect"
import { DefaultChain, Explain } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"
import { decode, machineOf, type Situation } from "../diagnosis/situation.ts"
import { whileTimePasses } from "../support/clock.ts"

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const names = readdirSync(pathOf(".")).filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -5))

const start = Date.parse("2026-01-02T03:04:05Z")

/** So many characters of a secret in a row are a leak. */
const run = 8

const explain = (situation: Situation) =>
  Effect.gen(function*() {
    const cloud = yield* LocalCloud.LocalCloud
    yield* Effect.forEach(situation.faults, cloud.fault)
    const report = yield* whileTimePasses(Explain.run(DefaultChain.links, situation.explain))
    return { report, requests: yield* cloud.requests, issued: yield* cloud.issuedSecrets }
  }).pipe(Effect.provide(machineOf(situation)), Effect.withRandom(Random.fixed([0.5])))

const leaksOf = (text: string, secrets: ReadonlyArray<string>): ReadonlyArray<string> =>
  secrets.filter((secret) =>
    Array.from({ length: secret.length - run + 1 }, (_, at) => secret.slice(at, at + run))
      .some((part) => text.includes(part))
  )

describe("a dry run", () => {
  for (const name of names) {
    const situation = decode(readFileSync(pathOf(`${name}.json`), "utf8"))
    it.effect(`${name}: ${situation.about}`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(start)
        const { issued, report, requests } = yield* explain(situation)
        const text = Explain.render(report)
        const json = Explain.toJson(report)
        const shown = [
          text,
          Explain.render(report, { color: true }),
          JSON.stringify(json),
          JSON.stringify(report),
          inspect(report, { depth: 20 })
        ]
        assert.deepStrictEqual(shown.flatMap((text) => leaksOf(text, [...situation.secrets, ...issued])), [])
        assert.deepStrictEqual(Schema.decodeUnknownSync(Explain.Json, { onExcessProperty: "error" })(json), json)
        const sent = report.links.flatMap(({ lookups }) => lookups.requests).filter(({ isSent }) => isSent)
        assert.strictEqual(sent.length + (report.identity === undefined ? 0 : 1), requests.length)
        yield* Effect.promise(() => expect(`${text}\n`).toMatchFileSnapshot(pathOf(`${name}.txt`)))
      }))
  }
})
