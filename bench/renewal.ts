/**
 * How long reads take while a session is renewed, and the server needs 200 ms for it.
 *
 * Each client has a session that is due for renewal; a server in another process answers after 200 ms. From then on a read
 * begins every millisecond, whether or not the ones before have been answered, until 200 ms have passed. A read is timed
 * from its call to the end of its promise. Each client has three renewals, and the percentiles are those of all reads.
 *
 * A session of this library lasts 8 seconds, so it is due after 6 seconds. The other clients renew in the last 5 or 15
 * minutes or not before the expiration. Their sessions last as much longer, and are due after a second.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Effect } from "effect"
import { CredentialChain, CredentialsUri } from "effect-alicloud-credentials"
import { setImmediate, setTimeout } from "node:timers/promises"
import { ask } from "./ask.ts"
import * as cached from "./cached.ts"
import * as chart from "./chart.ts"
import * as peers from "./peers.ts"
import type { Row, Table } from "./report.ts"
import * as servers from "./servers.ts"
import { percentile } from "./statistics.ts"
import { column, type Subject } from "./subject.ts"

const delay = 200
const renewals = 3

interface Client {
  readonly name: string
  readonly get: () => Promise<unknown>
  /** Milliseconds from an answer until a renewal is due. */
  readonly due: number
  /** Seconds that sessions last, if the server cannot know it from the address. */
  readonly seconds: number
}

const ownRefresh = { jitter: 0, prefetch: "2 seconds", safety: "500 millis" } as const

const makeClients = Effect.gen(function*() {
  const { fixed } = yield* Effect.promise(servers.start)
  const uri = (seconds: number) => `${fixed}/session?seconds=${seconds}&delay=${delay}`
  const ownSeconds = 8
  const options = { uri: uri(ownSeconds), refresh: ownRefresh }
  const provider = yield* CredentialsUri.make(options)
  const chain = yield* CredentialChain.make([CredentialsUri.layer(options)])
  const ttl = yield* Effect.cachedWithTTL(Effect.promise(() => peers.fetchSession(uri(1))), "1 second")
  const official = cached.officialUri(uri(15 * 60 + 1))
  const minutes = 5 * 60
  const due = 1100
  const clients: ReadonlyArray<Client> = [
    { name: "provider.get", get: () => Effect.runPromise(provider.get), due: 6100, seconds: 0 },
    { name: "chain.get", get: () => Effect.runPromise(chain.get), due: 6100, seconds: 0 },
    { due, name: "Effect.cachedWithTTL", get: () => Effect.runPromise(ttl), seconds: 0 },
    { due, name: "@alicloud/credentials", get: () => official.getCredential(), seconds: 0 },
    ...peers.present.map(({ fresh, name }) => ({
      due,
      name,
      get: fresh(fixed),
      seconds: name === peers.smithy.name ? 1 : minutes + 1
    }))
  ]
  return { clients, fixed }
})

const reads = async (get: () => Promise<unknown>): Promise<ReadonlyArray<number>> => {
  const taken: Array<number> = []
  const all: Array<Promise<void>> = []
  const read = async () => {
    const start = performance.now()
    await get()
    taken.push(performance.now() - start)
  }
  const start = performance.now()
  for (let next = 0; performance.now() - start < delay; await setImmediate()) {
    if (performance.now() - start < next) continue
    all.push(read())
    next += 1
  }
  await Promise.all(all)
  return taken
}

const measure = async ({ due, get, name, seconds }: Client, server: string): Promise<Row> => {
  await ask(`${server}/expire?seconds=${seconds}&delay=${delay}`)
  await get()
  const taken: Array<number> = []
  for (let renewal = 0; renewal < renewals; renewal++) {
    await setTimeout(due)
    taken.push(...await reads(get))
    await setTimeout(delay)
  }
  return { name, values: [50, 99, 100].map((percent) => percentile(taken, percent)) }
}

const tables = Effect.gen(function*() {
  const { clients, fixed } = yield* makeClients
  const rows: Array<Row> = []
  for (const client of clients) {
    rows.push(yield* Effect.promise(() => measure(client, fixed)))
  }
  const table: Table = {
    title: `Reads during a renewal that takes ${delay} ms`,
    rowsAre: "client",
    columns: ["p50 ms", "p99 ms", "max ms"],
    rows: [...rows, ...peers.absent.map(({ name, skipped }) => ({ name, skipped, values: [] }))]
  }
  return [table]
})

export const subject: Subject = {
  run: () => Effect.runPromise(Effect.scoped(Effect.provide(tables, NodeHttpClient.layerUndici))),
  chart: {
    alternative: "The 99th percentile of reads during a renewal that takes 200 ms",
    draw: ([table]) =>
      chart.bars({
        title: "Reads during a renewal that takes 200 ms",
        description: "How long 99 of 100 reads take at most.",
        measure: "99th percentile, milliseconds",
        unit: "ms",
        isLogarithmic: true,
        bars: column(table, "p99 ms").map(([name, value]) => ({ name, value, isOurs: name.endsWith(".get") }))
      })
  }
}
