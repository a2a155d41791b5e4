/**
 * Processes share one session in a folder, while some of them are killed.
 */
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { bundle } from "../../scripts/bundle.ts"
import { hour } from "../support/clock.ts"
import { eventually } from "../support/eventually.ts"
import { offsetClock } from "../support/offsetClock.ts"
import { onLoopback } from "../support/server.ts"

const processes = 8
const lives = 5
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
      const line = await lines.next()
      return line.done === true ? undefined : line.value.split(" ")
    }
  }
}

describe("processes that share a session", () => {
  it.live("request one for each life, and have one at any time, although some of them are killed", () => {
    let offset = 0
    return Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const folder = `${yield* files.makeTempDirectoryScoped()}/sessions`
      const clock = yield* Effect.clock
      const program = yield* Effect.promise(() => bundle(fixture))
      yield* Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        const launch = () => start(program, folder, cloud.url ?? "", String(getsInLife))
        const running = Array.from({ length: processes }, launch)
        yield* Effect.addFinalizer(() => Effect.sync(() => running.forEach(({ child }) => child.kill("SIGKILL"))))
        const requests = cloud.count({ operation: "AssumeRole" })
        for (let life = 0; life < lives; life++) {
          offset = 2 * life * hour
          const before = yield* requests
          const isKilling = life % 2 === 1
          if (isKilling) {
            // Killed while it has the lease and waits for the answer.
            yield* cloud.fault({ service: "sts", kind: "silent", times: 1 })
            const printed = running[life]?.run(offset)
            yield* eventually(Effect.map(requests, (count) => assert.strictEqual(count, before + 1)))
            running[life]?.child.kill("SIGKILL")
            assert.isUndefined(yield* Effect.promise(() => printed ?? Promise.resolve([])))
            running[life] = launch()
          }
          const results = running.map(({ run }) => run(offset))
          if (isKilling) {
            // Killed at any moment.
            running[life - 1]?.child.kill("SIGKILL")
            running[life - 1] = launch()
            results[life - 1] = running[life - 1]?.run(offset) ?? Promise.resolve(undefined)
          }
          const printed = yield* Effect.promise(() => Promise.all(results))
          assert.isTrue(printed.every((ids) => ids !== undefined), "everybody has a session")
          // A process that is killed between the answer and its writing takes a session with it.
          const renewals = (yield* requests) - before - (isKilling ? 1 : 0)
          assert.isAtLeast(renewals, 1)
          assert.isAtMost(renewals, isKilling ? 2 : 1)
          assert.lengthOf([...new Set(printed.flatMap((ids) => ids ?? []))], 1)
        }
        const calls = yield* cloud.count({ operation: "GetCallerIdentity" })
        assert.isAtLeast(calls, processes * lives)
        assert.strictEqual(yield* cloud.count({ operation: "GetCallerIdentity", status: 200 }), calls)
        assert.lengthOf((yield* files.readDirectory(folder)).filter((name) => name.endsWith(".json")), 1)
      }).pipe(Effect.provide(onLoopback()), Effect.withClock(offsetClock(clock, () => offset)))
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  }, 300_000)
})
