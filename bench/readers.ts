/**
 * Readers that come all at once while nothing is cached.
 *
 * Each run makes a new client, calls it from as many fibers or promises at the same time, and waits for all of them. A
 * server in another process answers as a credentials URI does, and counts the requests. "x waiting" compares with as many
 * fibers that wait for one `Deferred`, measured after each run. Times and ratios are medians of three runs; requests are
 * the maximum of the runs.
 *
 * A client that sends more than one request gets at most 100 readers, because each would have a connection of its own. One
 * that fails gets no more of them.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import { Deferred, Effect, Either, Fiber, Layer, type Scope } from "effect"
import { CredentialChain, CredentialsUri } from "effect-alicloud-credentials"
import * as cached from "./cached.ts"
import * as chart from "./chart.ts"
import * as peers from "./peers.ts"
import type { Row, Table } from "./report.ts"
import type { Addresses } from "./server.ts"
import * as servers from "./servers.ts"
import { median } from "./statistics.ts"
import { linesOf, type Subject } from "./subject.ts"

const runs = 3
const sizes = [1, 10, 100, 1000, 10_000, 100_000]
const mostWithoutSharing = 100
const longest = "2 minutes"

type Crowd = (readers: number) => Effect.Effect<number, unknown, HttpClient.HttpClient>

interface Client {
  readonly name: string
  /** Milliseconds until a new client has answered all readers. */
  readonly crowd: Crowd
}

const timed = <E, R>(all: Effect.Effect<unknown, E, R>) =>
  Effect.suspend(() => {
    const start = performance.now()
    return Effect.map(all, () => performance.now() - start)
  })

const fibers = (get: Effect.Effect<unknown, unknown>, readers: number) =>
  timed(
    Effect.replicateEffect(Effect.fork(get), readers).pipe(
      Effect.flatMap(Effect.forEach((fiber) => Fiber.join(fiber), { discard: true }))
    )
  )

const effects =
  (make: Effect.Effect<Effect.Effect<unknown, unknown>, never, Scope.Scope | HttpClient.HttpClient>): Crowd =>
  (readers) => Effect.scoped(Effect.flatMap(make, (get) => fibers(get, readers)))

const promises = (fresh: () => () => Promise<unknown>): Crowd => (readers) =>
  timed(Effect.tryPromise(() => {
    const get = fresh()
    return Promise.all(Array.from({ length: readers }, () => get()))
  }))

const waiting: Crowd = (readers) =>
  Effect.gen(function*() {
    const answer = yield* Deferred.make<void>()
    yield* Effect.fork(Effect.delay(Deferred.succeed(answer, undefined), "2 millis"))
    return yield* fibers(Deferred.await(answer), readers)
  })

const clients = ({ fixed }: Addresses): ReadonlyArray<Client> => {
  const uri = `${fixed}/session`
  const chain = CredentialChain.make([CredentialsUri.layer({ uri })])
  return [
    { name: "provider.get", crowd: effects(Effect.map(CredentialsUri.make({ uri }), ({ get }) => get)) },
    { name: "chain.get", crowd: effects(Effect.map(chain, ({ get }) => get)) },
    {
      name: "Effect.cachedWithTTL",
      crowd: effects(Effect.cachedWithTTL(Effect.promise(() => peers.fetchSession(uri)), "1 hour"))
    },
    {
      name: "@alicloud/credentials",
      crowd: promises(() => {
        const credential = cached.officialUri(uri)
        return () => credential.getCredential()
      })
    },
    ...peers.present.map(({ fresh, name }) => ({ name, crowd: promises(() => fresh(fixed)) }))
  ]
}

const measure = (addresses: Addresses, { crowd, name }: Client, readers: number) =>
  Effect.gen(function*() {
    const all: Array<{ readonly millis: number; readonly ratio: number; readonly requests: number }> = []
    for (let run = 0; run < runs; run++) {
      yield* Effect.promise(() => servers.requestsOf(addresses))
      const millis = yield* crowd(readers)
      const requests = yield* Effect.promise(() => servers.requestsOf(addresses))
      all.push({ millis, requests, ratio: millis / (yield* waiting(readers)) })
    }
    const values: readonly [readers: number, requests: number, millis: number, ratio: number] = [
      readers,
      Math.max(...all.map(({ requests }) => requests)),
      median(all.map(({ millis }) => millis)),
      median(all.map(({ ratio }) => ratio))
    ]
    return { name, values }
  })

/** From one reader on, as long as the client can be asked by so many. */
const measureAll = (addresses: Addresses, client: Client) =>
  Effect.gen(function*() {
    yield* client.crowd(mostWithoutSharing) // warms up
    const rows: Array<Row> = []
    for (const readers of sizes) {
      const row = yield* Effect.either(Effect.timeout(measure(addresses, client, readers), longest))
      if (Either.isLeft(row)) {
        // Some clients give up early on a server, even if only this process is busy, and some never answer.
        rows.push({ name: client.name, values: [readers], skipped: "it failed, or took longer than two minutes" })
        break
      }
      rows.push(row.right)
      const [, requests] = row.right.values
      if (readers >= mostWithoutSharing && requests > 1) break
    }
    return rows
  })

const tables = Effect.gen(function*() {
  const addresses = yield* Effect.promise(servers.start)
  const rows = yield* Effect.forEach(clients(addresses), (client) => measureAll(addresses, client))
  const ours = ["provider.get", "chain.get"]
  const table: Table = {
    title: "Nothing cached, all readers at once",
    rowsAre: "client",
    columns: ["readers", "requests", "ms", "x waiting"],
    rows: [
      ...rows.flat().map((row) => ours.includes(row.name) ? { ...row, target: { column: "requests", most: 1 } } : row),
      ...peers.absent.map(({ name, skipped }) => ({ name, skipped, values: [] }))
    ]
  }
  return [table]
})

export const subject: Subject = {
  run: () => Effect.runPromise(Effect.provide(tables, Layer.fresh(NodeHttpClient.layerUndici))),
  chart: {
    alternative: "Milliseconds until all of 1 to 100,000 readers have credentials, nothing cached",
    draw: ([table]) =>
      chart.lines({
        title: "Readers that come at once while nothing is cached",
        description: "How long it takes until all readers have credentials.",
        up: "milliseconds until all readers have credentials",
        across: "readers",
        lines: linesOf(table, "readers", "ms", "provider.get")
      })
  }
}
