/**
 * Many processes share one login, while another process rewrites the file.
 */
import { Command, FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Stream } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { fileURLToPath } from "node:url"
import { bundle } from "../../scripts/bundle.ts"
import { defaults } from "../support/cloud.ts"
import { configOf, pathIn, profileIn, withHome, writeConfig } from "../support/configFiles.ts"
import { eventually } from "../support/eventually.ts"
import { onLoopback } from "../support/server.ts"

const processes = 8
const renewals = 4

const programOf = (fixture: string) =>
  Effect.map(
    Effect.promise(() => bundle(fileURLToPath(new URL(`../fixtures/${fixture}.ts`, import.meta.url)))),
    (file) => (...args: ReadonlyArray<string>) => Command.make(process.execPath, file, ...args)
  )

/** Fails with the error output of the program. */
const succeeds = (command: Command.Command) =>
  Effect.scoped(Effect.gen(function*() {
    const child = yield* Command.start(command)
    const [code, complaint, output] = yield* Effect.all([
      child.exitCode,
      Stream.mkString(Stream.decodeText(child.stderr)),
      Stream.mkString(Stream.decodeText(child.stdout))
    ], { concurrency: "unbounded" })
    assert.strictEqual(code, 0, complaint + output)
    return output
  }))

const parseJson = Option.liftThrowable(JSON.parse)

const oauth = {
  ...defaults.world.oauth,
  // Due for renewal at each use.
  accessTokenLifetime: "20 minutes",
  // Too short to be reused by another process.
  exchangeLifetime: "50 seconds"
} as const

const LoginCloud = onLoopback({ world: { oauth } })

describe("processes that share a login", () => {
  it.live("use each refresh token once and never damage the file", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const cloud = yield* LocalCloud.LocalCloud
        const file = pathIn(home)
        const login = {
          name: "login",
          mode: "OAuth",
          note: { kept: ["ü", 1e3] },
          oauth_refresh_token: defaults.oauthRefreshToken,
          region_id: "cn-hangzhou"
        }
        const other = { name: "other", mode: "AK", access_key_id: "id", access_key_secret: "secret", extra: null }
        yield* writeConfig(home, configOf([login, other]))

        const rewriteConfig = yield* programOf("rewriteConfig")
        const renewLogin = yield* programOf("renewLogin")

        const looks = { count: 0, faults: [] as Array<string> }
        const watching = yield* Effect.gen(function*() {
          const text = yield* files.readFileString(file)
          const { mode } = yield* files.stat(file)
          looks.count += 1
          if ((mode & 0o777) !== 0o600) looks.faults.push(`mode ${(mode & 0o777).toString(8)}`)
          if (Option.isNone(parseJson(text))) looks.faults.push("not JSON")
        }).pipe(Effect.delay("5 millis"), Effect.forever, Effect.fork)
        const rewrites = Effect.map(files.readFileString(file), (text) => Number(JSON.parse(text).rewrites ?? 0))
        const rewriting = yield* Effect.fork(succeeds(rewriteConfig(file)))
        yield* eventually(Effect.map(rewrites, (count) => assert.isAbove(count, 0)))
        yield* Effect.forEach(
          Array.from({ length: processes }),
          () => succeeds(renewLogin(file, "login", cloud.url ?? "", String(renewals))),
          { concurrency: "unbounded", discard: true }
        )
        yield* eventually(Effect.map(rewrites, (count) => assert.isAbove(count, 20)))
        yield* eventually(Effect.sync(() => assert.isAbove(looks.count, 100)))
        yield* Fiber.interrupt(rewriting)
        yield* Fiber.interrupt(watching)

        const renewed = (yield* cloud.requests).filter(({ operation }) => operation === "token")
        const tokens = renewed.map(({ form }) => form["refresh_token"])
        assert.strictEqual(renewed.length, processes * renewals)
        assert.strictEqual(new Set(tokens).size, tokens.length, "each refresh token is used once")
        assert.isTrue(renewed.every(({ status }) => status === 200))
        assert.deepStrictEqual(looks.faults, [])

        const text = yield* files.readFileString(file)
        const { profiles, rewrites: _, ...rest } = JSON.parse(text)
        assert.deepStrictEqual(rest, { current: "login", meta_path: "", unknown: { kept: [1, 2] } })
        assert.lengthOf(profiles, 2)
        assert.deepStrictEqual(profileIn(text, "other"), other)
        const { note, region_id } = profileIn(text, "login") ?? {}
        assert.deepStrictEqual({ note, region_id }, { note: login.note, region_id: login.region_id })
        const remains = (yield* files.readDirectory(`${home}/.aliyun`)).filter((name) => name.endsWith(".tmp"))
        assert.deepStrictEqual(remains, [])
      })
    ).pipe(Effect.provide([LoginCloud, NodeContext.layer])), 600_000)
})
