/**
 * Measures the cost of a get. The results are ratios, because nanoseconds differ between machines.
 *
 *     npm run bench
 *
 * Inside a fiber, one sample is a fiber that runs 1,000 gets in `Effect.whileLoop`. The cost of the loop, measured with
 * a stored `Exit`, is subtracted. The floor is an `Effect.suspend` that returns a stored `Exit`. The provider caches a
 * session with an expiration, so each get reads the clock. The clock floor also reads the clock and does nothing else.
 * Outside of Effect, one sample is 100 sequential calls.
 *
 * The second table measures what programs write, `yield* provider.get` in `Effect.gen`, and subtracts nothing. The
 * targets apply to this table, because every program pays for the step of the fiber around a get.
 *
 * The tasks take turns in 31 rounds. Each ratio is computed within a round, and the result is the median of all rounds.
 * A missed target is reported but does not fail the run, because the machine may be the cause.
 *
 * Cold readers are fibers that call a new provider concurrently. The provider asks a credentials URI on a server in
 * this process, which counts the requests. The ratio compares with as many fibers that wait for one `Deferred`,
 * measured after each run. Time and ratio are medians of three runs, each with a new provider; requests are the maximum
 * of the runs.
 */
import Official from "@alicloud/credentials" // CommonJS, so that this is the module and not its default export
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import type * as HttpClient from "@effect/platform/HttpClient"
import {
  type Clock,
  Console,
  DateTime,
  Deferred,
  Effect,
  Exit,
  Fiber,
  Layer,
  Option,
  Redacted,
  type Scope
} from "effect"
import { CredentialChain, CredentialProvider, Credentials, CredentialsUri } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { createServer } from "node:http"
import { table } from "../scripts/table.ts"
import { cost, type Figures, measure, median, ratio, type Task } from "./measure.ts"

const rounds = 31
const gets = 1000
const promises = 100
const coldRuns = 3

const program = Effect.gen(function*() {
  yield* Console.log(`Node.js ${process.version}, ${rounds} rounds\n`)
  const providers = yield* makeProviders
  const inside = yield* Effect.promise(() => measure(insideTasks(providers), { rounds, gets, millis: 10 }))
  yield* Console.log(reportInside(inside))
  const inGen = yield* Effect.promise(() => measure(genTasks(providers), { rounds, gets, millis: 10 }))
  yield* Console.log(reportInGen(inGen))
  const outside = yield* Effect.promise(() => measure(outsideTasks(providers), { rounds, gets: promises, millis: 10 }))
  yield* Console.log(reportOutside(outside))
  yield* Console.log(reportCold(yield* cold))
})

interface Providers {
  readonly provider: CredentialProvider.Service
  readonly chain: CredentialProvider.Service
  readonly cached: Effect.Effect<Credentials.Credentials>
  readonly stored: Exit.Exit<Credentials.Credentials>
  readonly clock: Clock.Clock
}

const session = Effect.map(DateTime.now, (now) =>
  Credentials.StsToken({
    provider: "bench",
    accessKeyId: "STS.Example",
    accessKeySecret: Redacted.make("example-secret"),
    securityToken: Redacted.make("example-token"),
    expiration: Option.some(DateTime.add(now, { hours: 12 }))
  }))

/** All of them have their session cached. */
const makeProviders = Effect.gen(function*() {
  const provider = yield* CredentialProvider.make({ name: "bench", fetch: session })
  const chain = yield* CredentialChain.make([Layer.succeed(CredentialProvider.CredentialProvider, provider)])
  const cached = yield* Effect.cachedWithTTL(session, "11 hours")
  const stored = Exit.succeed(yield* session)
  yield* Effect.all([provider.get, chain.get, cached])
  return { provider, chain, cached, stored, clock: yield* Effect.clock } satisfies Providers
})

const loop = "the loop"
const floor = "Effect.suspend of a stored Exit"
const clockFloor = "the same, reading the clock"
const warm = "provider.get"
const warmChain = "chain.get"
const lookup = "CredentialProvider.get (tag lookup)"
const ttl = "Effect.cachedWithTTL"

const times = <R>(effect: Effect.Effect<unknown, unknown, R>) =>
  Effect.suspend(() => {
    let count = 0
    return Effect.whileLoop({
      while: () => count < gets,
      body: () => effect,
      step: () => {
        count += 1
      }
    })
  })

const timesInGen = <R>(effect: Effect.Effect<unknown, unknown, R>) =>
  Effect.gen(function*() {
    for (let count = 0; count < gets; count++) yield* effect
  })

const genTasks = ({ cached, chain, provider, stored }: Providers): ReadonlyArray<Task> => {
  const inGen = (name: string, effect: Effect.Effect<unknown, unknown>) => {
    const all = timesInGen(effect)
    return { name, run: () => Effect.runSync(all) } satisfies Task
  }
  return [
    inGen(floor, Effect.suspend(() => stored)),
    inGen(warm, provider.get),
    inGen(warmChain, chain.get),
    inGen(ttl, cached)
  ]
}

const insideTasks = ({ cached, chain, clock, provider, stored }: Providers): ReadonlyArray<Task> => {
  const inFiber = (name: string, effect: Effect.Effect<unknown, unknown, CredentialProvider.CredentialProvider>) => {
    const all = Effect.provideService(times(effect), CredentialProvider.CredentialProvider, provider)
    return { name, run: () => Effect.runSync(all) } satisfies Task
  }
  return [
    inFiber(loop, stored),
    inFiber(floor, Effect.suspend(() => stored)),
    inFiber(clockFloor, Effect.suspend(() => clock.unsafeCurrentTimeMillis() < Infinity ? stored : Effect.never)),
    inFiber(warm, provider.get),
    inFiber(warmChain, chain.get),
    inFiber(lookup, CredentialProvider.get),
    inFiber(ttl, cached)
  ]
}

const promised = "Effect.runPromise(provider.get)"
const sync = "Effect.runSync(provider.get)"
const officialGet = "@alicloud/credentials getCredential()"

const outsideTasks = ({ provider }: Providers): ReadonlyArray<Task> => {
  const credential = new Official.default(
    new Official.Config({ type: "access_key", accessKeyId: "LTAI5tExample", accessKeySecret: "example-secret" })
  )
  return [
    {
      name: officialGet,
      run: async () => {
        for (let count = 0; count < promises; count++) await credential.getCredential()
      }
    },
    {
      name: promised,
      run: async () => {
        for (let count = 0; count < promises; count++) await Effect.runPromise(provider.get)
      }
    },
    {
      name: sync,
      run: () => {
        for (let count = 0; count < promises; count++) Effect.runSync(provider.get)
      }
    }
  ]
}

const reportInside = (figures: Figures): string => {
  const of = (name: string) => cost(figures, name, loop)
  const row = (name: string) => [
    name,
    nanos(of(name)),
    ...[floor, clockFloor, warm].map((other) => ratio(of(name), of(other)).toFixed(2))
  ]
  const rows = [floor, clockFloor, warm, warmChain, lookup, ttl].map(row)
  return section(
    "Cached, inside a fiber, without the cost of the loop",
    table(["Effect", "ns", "x floor", "x clock floor", "x get"], rows)
  )
}

const reportInGen = (figures: Figures): string => {
  const of = (name: string) => cost(figures, name)
  const row = (name: string, target: string) => [
    name,
    nanos(of(name)),
    ...[floor, warm].map((other) => ratio(of(name), of(other)).toFixed(2)),
    target
  ]
  const rows = [
    row(floor, ""),
    row(warm, verdict(ratio(of(warm), of(floor)), 1.2, "floor")),
    row(warmChain, verdict(ratio(of(warmChain), of(warm)), 1.3, "get")),
    row(ttl, "")
  ]
  return section("Cached, as a step of Effect.gen", table(["Effect", "ns", "x floor", "x get", "Target"], rows))
}

const verdict = (value: number, target: number, of: string): string =>
  `${value <= target ? "PASS" : "MISSED"}, at most ${target} x ${of}`

const reportOutside = (figures: Figures): string => {
  const of = (name: string) => cost(figures, name)
  const row = (name: string) => [name, nanos(of(name)), ratio(of(name), of(officialGet)).toFixed(2)]
  const rows = [officialGet, promised, sync].map(row)
  return section("Cached, outside of Effect", table(["Call", "ns", "x official"], rows))
}

const nanos = (values: ReadonlyArray<number>): string => median(values).toFixed(0)

const section = (title: string, body: string): string => `${title}\n\n${body}\n`

/** Makes a new provider and returns its get. */
type Fresh = (url: string) => Effect.Effect<Effect.Effect<unknown, unknown>, never, Scope.Scope | HttpClient.HttpClient>

const ours: Fresh = (url) => Effect.map(CredentialsUri.make({ uri: url }), (provider) => provider.get)

const theirs: Fresh = (url) =>
  Effect.sync(() => {
    const config = new Official.Config({ type: "credentials_uri", credentialsURI: url })
    const credential = new Official.default(config)
    return Effect.promise(() => credential.getCredential())
  })

/** Milliseconds until all fibers have their answer. */
const crowd = (readers: number, get: Effect.Effect<unknown, unknown>) =>
  Effect.gen(function*() {
    const start = performance.now()
    const fibers = yield* Effect.replicateEffect(Effect.fork(get), readers)
    yield* Effect.forEach(fibers, Fiber.join, { discard: true })
    return performance.now() - start
  })

const crowdAlone = (readers: number) =>
  Effect.gen(function*() {
    const answer = yield* Deferred.make<void>()
    yield* Effect.fork(Effect.delay(Deferred.succeed(answer, undefined), "2 millis"))
    return yield* crowd(readers, Deferred.await(answer))
  })

const coldRun = (readers: number, fresh: Fresh) =>
  Effect.gen(function*() {
    const cloud = yield* LocalCloud.LocalCloud
    yield* cloud.clearRequests
    const millis = yield* Effect.flatMap(fresh(`${cloud.url}/credentials`), (get) => crowd(readers, get))
    const requests = yield* cloud.count()
    return { millis, requests, ratio: millis / (yield* crowdAlone(readers)) }
  }).pipe(Effect.scoped)

const coldFigures = (readers: number, fresh: Fresh) =>
  Effect.map(Effect.replicateEffect(coldRun(readers, fresh), coldRuns), (runs) => ({
    millis: median(runs.map(({ millis }) => millis)).toFixed(1),
    requests: String(Math.max(...runs.map(({ requests }) => requests))),
    ratio: median(runs.map(({ ratio }) => ratio)).toFixed(2)
  }))

// The official package opens a socket for each reader, so the number of its readers is limited.
const cold = Effect.gen(function*() {
  yield* Effect.forEach([ours, theirs], (fresh) => coldFigures(10, fresh)) // warms up the JIT before the first row
  return yield* Effect.forEach([1, 100, 10_000, 100_000], (readers) =>
    Effect.gen(function*() {
      const { millis, ratio, requests } = yield* coldFigures(readers, ours)
      const other = readers > 100 ? { millis: "", requests: "" } : yield* coldFigures(readers, theirs)
      return [readers.toLocaleString("en"), requests, millis, ratio, other.requests, other.millis]
    }))
})

const reportCold = (rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  section(
    "Nothing cached, all readers at once",
    table(["Readers", "Requests", "ms", "x waiting fibers", "@alicloud/credentials: requests", "ms"], rows)
  )

const Cloud = LocalCloud.layerServer().pipe(
  Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" })),
  Layer.merge(NodeHttpClient.layerUndici)
)

program.pipe(Effect.scoped, Effect.provide(Cloud), NodeRuntime.runMain)
