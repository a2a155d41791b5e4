/**
 * What the library does when time is not what it seems, shown with real processes and sockets on the built package.
 *
 *     npm run build && npm run proof:time
 *
 * A child process uses the library, and this one serves credentials on loopback and stops the child.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Clock, Effect, Fiber, Layer, Logger, LogLevel, Option } from "effect"
import { CredentialsUri } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { fork } from "node:child_process"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"

const clients = { fetch: FetchHttpClient.layer, undici: NodeHttpClient.layerUndici, node: NodeHttpClient.layer }

const quiet = Logger.withMinimumLogLevel(LogLevel.None)

const expirationOf = (credentials) => Option.getOrThrow(credentials.expiration).epochMillis

/** A clock that can be set. */
const settable = (clock) => {
  let offset = 0
  const millis = () => clock.unsafeCurrentTimeMillis() + offset
  return {
    move: (by) => {
      offset += by
    },
    clock: {
      [Clock.ClockTypeId]: Clock.ClockTypeId,
      unsafeCurrentTimeMillis: millis,
      currentTimeMillis: Effect.sync(millis),
      unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
      currentTimeNanos: clock.currentTimeNanos,
      sleep: (duration) => clock.sleep(duration)
    }
  }
}

// ---- the child ------------------------------------------------------------------------------------------------------

/** One `get`, and what is left of its session when it arrives. */
const child = async ({ client, options }) => {
  const get = Effect.gen(function*() {
    const provider = yield* CredentialsUri.make(options)
    process.send({ asking: Date.now() })
    const credentials = yield* provider.get
    return expirationOf(credentials)
  }).pipe(Effect.scoped, Effect.provide(clients[client]), quiet)
  const exit = await Effect.runPromiseExit(get)
  const now = Date.now()
  process.send({
    now,
    expiration: exit._tag === "Success" ? exit.value : undefined,
    error: exit._tag === "Failure" ? String(exit.cause) : undefined
  })
  process.disconnect()
}

// ---- this process ---------------------------------------------------------------------------------------------------

const Server = (options) =>
  LocalCloud.layerServer(options).pipe(
    Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" }))
  )

const uriOn = (cloud) => new URL(new URL(LocalCloud.defaults.credentialsUri).pathname, cloud.url).href

const sleep = (millis) => new Promise((done) => setTimeout(done, millis))

/** Runs the child, stops it a moment after it asked, and lets it go on. */
const stopped = (options, { after, forMillis }) =>
  Effect.promise(async () => {
    const running = fork(fileURLToPath(import.meta.url), ["child", JSON.stringify(options)])
    const answer = new Promise((resolve) => running.on("message", (message) => message.asking || resolve(message)))
    const asked = await new Promise((resolve) =>
      running.on("message", (message) => message.asking && resolve(message.asking))
    )
    await sleep(after)
    running.kill("SIGSTOP")
    await sleep(forMillis)
    running.kill("SIGCONT")
    return { ...await answer, asked }
  })

const results = []

const report = (scenario, expected, seen, ok) => {
  results.push(ok)
  console.log(`${ok ? "ok  " : "FAIL"} ${scenario}\n       expected: ${expected}\n       seen:     ${seen}`)
}

const seconds = (millis) => `${(millis / 1000).toFixed(1)} s`

const frozenWithAnswer = Effect.gen(function*() {
  const cloud = yield* LocalCloud.LocalCloud
  yield* cloud.setLifetime("uri", "60 seconds")
  for (const client of Object.keys(clients)) {
    yield* cloud.fault({ service: "uri", kind: "delay", delay: 300 })
    const { asked, error, expiration } = yield* stopped(
      { client, options: { uri: uriOn(cloud) } },
      { after: 600, forMillis: 33_000 }
    )
    const life = expiration === undefined ? NaN : expiration - asked
    report(
      `${client}: stopped for 33 s with the answer on its way, session of 60 s`,
      "expires at most 61 s after it was requested",
      error ?? seconds(life),
      life <= 61_500
    )
  }
}).pipe(Effect.provide(Server()))

const frozenPastTheEnd = Effect.gen(function*() {
  const cloud = yield* LocalCloud.LocalCloud
  yield* cloud.setLifetime("uri", "20 seconds")
  yield* cloud.fault({ service: "uri", kind: "delay", delay: 300 })
  const { error, expiration, now } = yield* stopped(
    { client: "undici", options: { uri: uriOn(cloud), timeout: 20_000, connectTimeout: 20_000 } },
    { after: 600, forMillis: 22_000 }
  )
  report(
    "undici: stopped for 22 s, session of 20 s",
    "a session that has not expired",
    error ?? `${seconds(expiration - now)} left`,
    expiration > now
  )
}).pipe(Effect.provide(Server()))

const shortFreezes = Effect.gen(function*() {
  const cloud = yield* LocalCloud.LocalCloud
  let answers = 0
  for (const client of Object.keys(clients)) {
    for (let round = 0; round < 4; round++) {
      yield* cloud.fault({ service: "uri", kind: "delay", delay: 300 })
      const { expiration } = yield* stopped(
        { client, options: { uri: uriOn(cloud), timeout: 1000, connectTimeout: 1000 } },
        { after: 100, forMillis: 2600 }
      )
      if (expiration !== undefined) answers++
    }
  }
  report("stopped for 2.6 s at limits of 2 s, three clients, four times each", "12 answers", answers, answers === 12)
}).pipe(Effect.provide(Server()))

const stalls = Effect.gen(function*() {
  const cloud = yield* LocalCloud.LocalCloud
  for (const client of Object.keys(clients)) {
    yield* cloud.fault({ service: "uri", kind: "delay", delay: 100 })
    const exit = yield* Effect.gen(function*() {
      const provider = yield* CredentialsUri.make({ uri: uriOn(cloud), timeout: 500, connectTimeout: 500 })
      const fiber = yield* Effect.fork(Effect.exit(provider.get))
      yield* Effect.sleep(50)
      const start = Date.now()
      while (Date.now() - start < 1600) { /* nothing can run */ }
      return yield* Fiber.join(fiber)
    }).pipe(Effect.scoped, Effect.provide(clients[client]))
    report(
      `${client}: the event loop is blocked for 1.6 s at a limit of 1 s`,
      "an answer",
      exit._tag === "Success" ? "an answer" : String(exit.cause),
      exit._tag === "Success"
    )
  }
}).pipe(quiet)

const movedClock = Effect.gen(function*() {
  const cloud = yield* LocalCloud.LocalCloud
  yield* cloud.fault({ service: "uri", kind: "silent" })
  const { clock, move } = settable(yield* Effect.clock)
  const start = Date.now()
  const exit = yield* Effect.gen(function*() {
    const provider = yield* CredentialsUri.make({ uri: uriOn(cloud) })
    const fiber = yield* Effect.fork(Effect.exit(provider.get))
    yield* Effect.sleep(300)
    move(50 * 60_000)
    return yield* Fiber.join(fiber)
  }).pipe(Effect.scoped, Effect.provide(clients.undici), Effect.withClock(clock))
  const took = Date.now() - start
  report(
    "the clock jumps by 50 minutes, as after a machine slept, and the connection is dead",
    "an answer within 3 s",
    `${exit._tag === "Success" ? "an answer" : String(exit.cause)} after ${seconds(took)}`,
    exit._tag === "Success" && took < 3000
  )
}).pipe(quiet)

const lyingDates = Effect.gen(function*() {
  const cloud = yield* LocalCloud.LocalCloud
  for (const hours of [-10, 2, 10]) {
    yield* cloud.clearFaults
    yield* cloud.fault({ kind: "skew", of: "date", millis: hours * 3_600_000, times: Infinity })
    let usable = 0
    let dead = 0
    for (let round = 0; round < 48; round++) {
      const requested = Date.now()
      const exit = yield* Effect.exit(
        Effect.scoped(Effect.flatMap(CredentialsUri.make({ uri: uriOn(cloud) }), (provider) => provider.get))
      )
      if (exit._tag !== "Success") continue
      if (expirationOf(exit.value) - requested > 3_600_000 + 2000) dead++
      else usable++
    }
    report(`a Date that is wrong by ${hours} h, 48 sessions`, "48 usable, 0 believed for too long", `${usable}, ${dead}`, usable === 48)
  }
}).pipe(Effect.provide(clients.undici), quiet)

const clockSetBack = Effect.gen(function*() {
  const cloud = yield* LocalCloud.LocalCloud
  const { clock, move } = settable(yield* Effect.clock)
  const { gets, requests } = yield* Effect.gen(function*() {
    const provider = yield* CredentialsUri.make({ uri: uriOn(cloud) })
    yield* provider.get
    yield* cloud.fault({ kind: "status", status: 429, headers: { "retry-after": "60" }, times: Infinity })
    yield* cloud.clearRequests
    move(-3_600_000)
    let gets = 0
    const end = Date.now() + 3000
    while (Date.now() < end) {
      yield* provider.get
      gets++
      yield* Effect.sleep(12)
    }
    return { gets, requests: (yield* cloud.requests).length }
  }).pipe(Effect.scoped, Effect.provide(clients.undici), Effect.withClock(clock))
  report(
    "the clock is set back by an hour while renewals fail with Retry-After: 60",
    "at most 3 requests in 3 s, and every get answered",
    `${requests} requests for ${gets} gets`,
    requests <= 3 && gets > 50
  )
}).pipe(quiet)

const main = Effect.gen(function*() {
  yield* Effect.scoped(Effect.provide(Effect.all([stalls, movedClock, lyingDates], { discard: true }), Server()))
  yield* Effect.scoped(Effect.provide(clockSetBack, Server()))
  yield* Effect.scoped(shortFreezes)
  yield* Effect.scoped(frozenPastTheEnd)
  yield* Effect.scoped(frozenWithAnswer)
  const failed = results.filter((ok) => !ok).length
  console.log(`\n${results.length - failed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
})

if (process.argv[2] === "child") await child(JSON.parse(process.argv[3]))
else await Effect.runPromise(main)
