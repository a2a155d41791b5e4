/**
 * Nothing shows a stored session or a key, whatever a store and its client say: their errors quote the command that
 * failed, with all of its arguments.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Effect, Layer, Option, Redacted } from "effect"
import { CredentialProvider, Credentials, SessionStore, SharedSession } from "effect-alicloud-credentials"
import { hour, whileTimePasses } from "../support/clock.ts"
import { fakeRedis } from "../support/fakeRedis.ts"
import { leakDetector, secretOf } from "../support/leaks.ts"
import { renderings, renderValue } from "../support/renderings.ts"
import { logHealth } from "../support/watched.ts"

const secrets = {
  key: btoa("canary-key-0123456789-canary-key"),
  accessKey: secretOf("issued-secret"),
  securityToken: secretOf("issued-token"),
  server: secretOf("of-the-server"),
  setting: secretOf("policy")
}

const leaks = leakDetector(secrets)

const issued = Credentials.StsToken({
  provider: "test",
  accessKeyId: "STS.Issued",
  accessKeySecret: Redacted.make(secrets.accessKey),
  securityToken: Redacted.make(secrets.securityToken),
  expiration: Option.some(DateTime.unsafeMake(hour))
})

const everything = Object.values(secrets).join(" ")

/** As the errors of clients are, with more in them. */
const quotingError = (args: ReadonlyArray<unknown>) =>
  Object.assign(new Error(`${everything} ${args.join(" ")}`, { cause: args }), {
    code: secrets.server,
    command: { name: args[0], args: [...args, everything] }
  })

type Answer = (args: ReadonlyArray<string>) => Promise<unknown> | Effect.Effect<unknown, unknown>

const answers: Readonly<Record<string, Answer>> = {
  "a rejection": (args) => Promise.reject(quotingError(args)),
  "an exception": (args) => {
    throw quotingError(args)
  },
  "a failure": (args) => Effect.fail(quotingError(args)),
  "a defect": (args) => Effect.die(quotingError(args)),
  "a text": async () => everything,
  "an object": async (args) => ({ toString: () => everything, args }),
  "an array": async (args) => [everything, ...args],
  "an error with a known code": (args) =>
    Promise.reject(Object.assign(quotingError(args), { message: `OOM ${everything}` }))
}

const use = (store: SessionStore.Service, keys?: ReadonlyArray<SharedSession.Key>) =>
  Effect.scoped(Effect.gen(function*() {
    const source = yield* CredentialProvider.make({ name: "test", fetch: Effect.succeed(issued) })
    const settings = { policy: secrets.setting }
    const provider = yield* SharedSession.make({ source, store, keys, name: "app", settings })
    const first = yield* whileTimePasses(provider.get)
    yield* logHealth(provider)
    yield* provider.invalidate(first)
    yield* whileTimePasses(Effect.exit(provider.get))
    return [renderValue(provider), renderValue(store), renderValue(keys)]
  }))

const keys = [{ id: "a", key: Redacted.make(secrets.key) }]

const openRedis = (client: SessionStore.RedisClient) =>
  Effect.map(
    Layer.build(SessionStore.layerRedis({ client })),
    (context) => Context.get(context, SessionStore.SessionStore)
  )

describe("no secret is shown", () => {
  for (const [what, answer] of Object.entries(answers)) {
    it.scoped(`when a client of Redis answers with ${what}`, () =>
      Effect.gen(function*() {
        for (const failing of ["GET", "EVAL"]) {
          const redis = fakeRedis(() => 0)
          const store = yield* openRedis({
            command: (args) => args[0] === failing ? answer(args) : redis.command(args)
          })
          assert.deepStrictEqual(leaks(yield* renderings(use(store, keys))), [], failing)
          const direct = Effect.zipRight(
            store.write("app", everything, { owner: everything, timeToLive: "1 second" as never }),
            store.acquire("app", everything, "1 second" as never)
          )
          assert.deepStrictEqual(leaks(yield* renderings(direct)), [], failing)
        }
      }))
  }

  it.scoped("when a store of somebody else fails with the text", () =>
    Effect.gen(function*() {
      const failures: ReadonlyArray<(...args: ReadonlyArray<unknown>) => Effect.Effect<never, never>> = [
        (...args) => Effect.fail(quotingError(args) as never),
        (...args) => Effect.die(quotingError(args)),
        (...args) => {
          throw quotingError(args)
        }
      ]
      const works: SessionStore.Service = {
        needsEncryption: false,
        read: () => Effect.succeedNone,
        write: () => Effect.succeed(true),
        acquire: () => Effect.succeed(true),
        release: () => Effect.void
      }
      for (const fails of failures) {
        for (const method of ["read", "write", "acquire", "release"]) {
          const text = yield* renderings(use({ ...works, [method]: fails }))
          assert.deepStrictEqual(leaks(text), [], method)
          if (method !== "release") assert.include(text, "not shared with other processes", method)
        }
      }
    }))

  it("the detector of leaks finds a secret", () => {
    assert.isNotEmpty(leaks(renderValue(quotingError([]))))
  })
})
