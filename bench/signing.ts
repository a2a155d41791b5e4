/**
 * What a signature costs.
 *
 * The first table is about the signature alone: what the library adds to a request of an RPC-style action with two
 * parameters, and the same by hand with node:crypto. The second one is about requests with bodies, which are hashed and
 * signed, through a client that answers at once without a network; the bare request goes through the same client.
 *
 * Tasks take turns in 11 rounds. Figures are CPU of all threads of the process, because WebCrypto hashes in others. Ratios
 * are medians of those of each round.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { Effect, Layer } from "effect"
import * as signature from "../src/internal/signing/signature.ts"
import * as byHand from "./byHand.ts"
import * as chart from "./chart.ts"
import * as measure from "./measure.ts"
import type { Row, Table } from "./report.ts"
import * as requests from "./requests.ts"
import { session } from "./sessions.ts"
import { median, ratio } from "./statistics.ts"
import { linesOf, type Subject } from "./subject.ts"

const rounds = 11
const signatures = 1000
const host = "ecs.cn-hangzhou.aliyuncs.com"
const headers = { accept: "application/json", "user-agent": "bench", ...requests.actionHeaders }

const repeated = (name: string, run: () => unknown): measure.Task => ({
  name,
  count: signatures,
  run: () => {
    for (let count = 0; count < signatures; count++) run()
  }
})

const ours = "this library"
const hand = "by hand, node:crypto"

const alone = async (): Promise<Table> => {
  const credentials = await Effect.runPromise(session)
  const tasks = [
    repeated(ours, () =>
      signature.sign({
        method: "POST",
        host,
        path: "/",
        query: requests.query,
        headers,
        payloadHash: byHand.emptyHash,
        credentials,
        provider: "sts",
        now: Date.now(),
        nonce: crypto.randomUUID()
      })),
    repeated(hand, () => byHand.sign({ method: "POST", host, query: requests.query, headers }))
  ]
  const { cpu } = await measure.times(tasks, rounds)
  const row = (name: string): Row => ({
    name,
    values: [median(measure.of(cpu, name)), ratio(measure.of(cpu, name), measure.of(cpu, hand))]
  })
  return {
    title: "One signature, without a body",
    rowsAre: "signature",
    columns: ["CPU us", "x by hand"],
    rows: [{ ...row(ours), target: { column: "x by hand", most: 1.5 } }, row(hand)]
  }
}

const empty = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.make((request) =>
    Effect.sync(() => HttpClientResponse.fromWeb(request, new Response("{}", { status: 200 })))
  )
)

const bare = "bare request"
const server = `https://${host}`

const ofSize = async (runtime: requests.Runtime, bytes: number, count: number): Promise<ReadonlyArray<Row>> => {
  const body = requests.bodyOf(bytes)
  const tasks = [
    requests.task(runtime, ours, requests.signed(server, body), count),
    requests.task(runtime, hand, requests.handWritten(server, body), count),
    requests.task(runtime, bare, requests.bare(server, body), count)
  ]
  const { cpu } = await measure.times(tasks, rounds)
  return tasks.map(({ name }) => ({
    name,
    values: [bytes, median(measure.of(cpu, name)), ratio(measure.of(cpu, name), measure.of(cpu, hand))]
  }))
}

const bodies = async (): Promise<Table> => {
  const runtime = requests.runtimeOf(empty)
  const rows: Array<Row> = []
  for (const [bytes, count] of requests.sizes) rows.push(...await ofSize(runtime, bytes, count))
  return {
    title: "One signed request with a body, without a network",
    rowsAre: "request",
    columns: ["bytes", "CPU us", "x by hand"],
    rows
  }
}

export const subject: Subject = {
  run: async () => [await alone(), await bodies()],
  chart: {
    alternative: "CPU microseconds of a signed request with a body of 1 KB to 10 MB",
    draw: ([, table]) =>
      chart.lines({
        title: "Signing a request with a body",
        description: "CPU of a signed request, without a network.",
        up: "CPU microseconds",
        across: "bytes of the body",
        lines: linesOf(table, "bytes", "CPU us", ours)
      })
  }
}
