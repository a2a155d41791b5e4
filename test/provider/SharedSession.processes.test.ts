/**
 * Processes share one session, while some of them are killed and the store is stopped and started.
 */
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Random, type Scope } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { bundle } from "../../scripts/bundle.ts"
import { hour } from "../support/clock.ts"
import { eventually } from "../support/eventually.ts"
import { offsetClock } from "../support/offsetClock.ts"
import { hasRedis, redisServer } from "../support/redisServer.ts"
import { onLoopback } from "../support/server.ts"

const processes = 8
const getsInLife = 200

const fixture = fileURLToPath(new URL("../fixtures/shareSession.ts", import.meta.url))

interface Program {
  readonly child: ChildProcess
  /** What the program prints for this time, or undefined if it was killed. */
  readonly run: (offset: number) => Promise<ReadonlyArray<string> | undefined>
}

const start = (...args: ReadonlyArray<string>): Program => {
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  child.stdin.on("error", () => {})
  return {
    child,
    run: async (offset) => {
      child.stdin.write(`${offset}\n`)
      for (;;) {
        const line = await lines.next()
        if (line.done === true) return undefined
        const [head, ...ids] = line.value.split(" ")
        // Other lines are those of its log.
        if (head === "ids") return ids
      }
    }
  }
}

interface Store {
  /** What the program takes as its first argument. */
  readonly place: string
  readonly stop: Effect.Effect<void>
  readonly start: Effect.Effect<void>
}

const folderStore: Effect.Effect<Store, never, Scope.Scope> = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const place = `${yield* files.makeTempDirectoryScoped()}/sessions`
  return {
    place,
    // Nothing can be read below a file.
    stop: Effect.zipRight(files.rename(place, `${place}-away`), files.writeFileString(place, "")).pipe(Effect.orDie),
    start: Effect.zipRight(files.remove(place), files.rename(`${place}-away`, place)).pipe(Effect.orDie)
  }
}).pipe(Effect.orDie, Effect.provide(NodeContext.layer))

const redisStore: Effect.Effect<Store, never, Scope.Scope> = Effect.map(
  redisServer,
  ({ port, start, stop }) => ({ place: String(port), start, stop })
)

/** What happens in the life of a session, and how many sessions may be requested in it. */
interface Life {
  readonly title: string
  readonly most: number
  readonly isStopped?: boolean
  /** How many processes are killed while they ask for the session. */
  readonly kills?: number
}

const lives: ReadonlyArray<Life> = [
  { title: "a quiet one", most: 1 },
  // A process that is killed between the answer and its writing takes a session with it.
  { title: "with kill -9", kills: 2, most: 3 },
  { title: "without the store", isStopped: true, most: processes },
  { title: "with the store again", most: 1 },
  { title: "with kill -9 once more", kills: 3, most: 4 }
]

const anyProcess = Effect.map(Random.next, (random) => Math.floor(random * processes))

const test = (name: string, makeStore: Effect.Effect<Store, never, Scope.Scope>) =>
  Effect.suspend(() => {
    let offset = 0
    return Effect.gen(function*() {
      const clock = yield* Effect.clock
      const store = yield* makeStore
      const program = yield* Effect.promise(() => bundle(fixture))
      yield* Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        const launch = () => start(program, store.place, cloud.url ?? "", String(getsInLife))
        const running = Array.from({ length: processes }, launch)
        yield* Effect.addFinalizer(() => Effect.sync(() => running.forEach(({ child }) => child.kill("SIGKILL"))))
        const requests = cloud.count({ operation: "AssumeRole" })
        const replace = (index: number) =>
          Effect.sync(() => {
            running[index]?.child.kill("SIGKILL")
            running[index] = launch()
          })

        /** Killed while it has the lease and waits for the answer. */
        const killOwner = Effect.gen(function*() {
          const before = yield* requests
          yield* cloud.fault({ service: "sts", kind: "silent", times: 1 })
          const index = yield* anyProcess
          const printed = running[index]?.run(offset)
          yield* eventually(Effect.map(requests, (count) => assert.strictEqual(count, before + 1)))
          yield* replace(index)
          assert.isUndefined(yield* Effect.promise(() => printed ?? Promise.resolve([])))
        })

        for (const { isStopped = false, kills = 0, most, title } of lives) {
          const what = `${name}, ${title}`
          offset += 2 * hour
          const before = yield* requests
          if (isStopped) yield* store.stop
          if (kills > 0) yield* killOwner
          const results = running.map(({ run }) => run(offset))
          for (let kill = 1; kill < kills; kill++) {
            yield* Effect.sleep(yield* Random.nextRange(0, 300))
            const index = yield* anyProcess
            yield* replace(index)
            results[index] = running[index]?.run(offset) ?? Promise.resolve(undefined)
          }
          const printed = yield* Effect.promise(() => Promise.all(results))
          if (isStopped) yield* store.start
          assert.isTrue(printed.every((ids) => ids !== undefined), `${what}: everybody has a session`)
          const renewals = (yield* requests) - before
          assert.isAtLeast(renewals, 1, what)
          assert.isAtMost(renewals, most, what)
          const ids = new Set(printed.flatMap((ids) => ids ?? []))
          if (!isStopped) assert.lengthOf([...ids], 1, what)
        }
        const calls = yield* cloud.count({ operation: "GetCallerIdentity" })
        assert.isAtLeast(calls, processes * lives.length)
        assert.strictEqual(yield* cloud.count({ operation: "GetCallerIdentity", status: 200 }), calls)
      }).pipe(Effect.provide(onLoopback()), Effect.withClock(offsetClock(clock, () => offset)))
    }).pipe(Effect.scoped)
  })

/** A process is stopped while it waits for STS, for longer than its lease, and continues when another one has renewed. */
const stopOwner = (makeStore: Effect.Effect<Store, never, Scope.Scope>) =>
  Effect.suspend(() => {
    let offset = 0
    return Effect.gen(function*() {
      const clock = yield* Effect.clock
      const { place } = yield* makeStore
      const program = yield* Effect.promise(() => bundle(fixture))
      yield* Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        const launch = Effect.acquireRelease(
          Effect.sync(() => start(program, place, cloud.url ?? "", "1")),
          ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
        )
        const run = (process: Program) => Effect.promise(() => process.run(offset))
        const requests = cloud.count({ operation: "AssumeRole" })
        const owner = yield* launch
        const successor = yield* launch

        yield* cloud.fault({ service: "sts", kind: "delay", delay: "1 second", times: 1 })
        const late = yield* Effect.fork(run(owner))
        yield* eventually(Effect.map(requests, (count) => assert.strictEqual(count, 1)))
        owner.child.kill("SIGSTOP")
        const renewed = yield* run(successor)
        assert.strictEqual(yield* requests, 2, "the successor has a session of its own")
        owner.child.kill("SIGCONT")
        assert.deepStrictEqual(yield* Fiber.join(late), renewed, "the owner has the newer session")
        assert.strictEqual(yield* requests, 2)
        const newcomer = yield* launch
        assert.deepStrictEqual(yield* run(newcomer), renewed, "the session of the successor stays")

        offset += 2 * hour
        const before = yield* requests
        const all = yield* Effect.forEach([owner, successor, newcomer], run, { concurrency: "unbounded" })
        assert.lengthOf([...new Set(all.flatMap((ids) => ids ?? []))], 1)
        assert.strictEqual(yield* requests, before + 1)
      }).pipe(Effect.provide(onLoopback()), Effect.withClock(offsetClock(clock, () => offset)))
    }).pipe(Effect.scoped)
  })

const inRedis = hasRedis ? it.live : it.live.skip

describe("processes that share a session request one for each life, and have one at any time", () => {
  it.live("in a folder", () => test("folder", folderStore), 300_000)

  inRedis("in Redis", () => test("Redis", redisStore), 300_000)
})

describe("a process that was stopped with the lease does not overwrite the session of its successor", () => {
  it.live("in a folder", () => stopOwner(folderStore), 300_000)

  inRedis("in Redis", () => stopOwner(redisStore), 300_000)
})
