/**
 * What a store of sessions returns: envelopes, sessions and the files of the folder. A text counts as a session only if
 * it is one, and whatever it is, nothing of it is shown.
 */
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert } from "@effect/vitest"
import { Context, Duration, Effect, FastCheck, Layer, Option, Redacted, TestContext } from "effect"
import { CredentialProvider, SessionStore, SharedSession } from "effect-alicloud-credentials"
import * as seal from "../../../src/internal/sharing/seal.ts"
import { makeCodec } from "../../../src/internal/sharing/storedSession.ts"
import { hour } from "../../support/clock.ts"
import { session } from "../../support/credentials.ts"
import { anyText, damaged } from "../damage.ts"
import { printed, target } from "../target.ts"

const canary = "canarySecret0123456789"

const key = Redacted.make(new Uint8Array(32).fill(7))

const fieldsOf = (entry: string) => ({
  AccessKeyId: "stored",
  AccessKeySecret: canary,
  SecurityToken: canary,
  Expiration: "1970-01-01T01:00:00.000Z",
  Provider: "test",
  ObtainedAt: "1970-01-01T00:00:00.000Z",
  For: entry
})

const entry = "entry"

const times = FastCheck.constantFrom<unknown>(
  "1970-01-01T01:00:00.000Z",
  "1970-01-01T00:00:00.000Z",
  "1969-12-31T00:00:00.000Z",
  "9999-12-31T23:59:59.999Z",
  "0000-01-01T00:00:00.000Z",
  canary,
  -1,
  null
)

const plain = FastCheck.record({
  Expiration: times,
  ObtainedAt: times,
  For: FastCheck.constantFrom(entry, "other", "__proto__"),
  Provider: FastCheck.constantFrom<unknown>("test", canary, "", "\u001b[31m", 1)
}).map((changes) => JSON.stringify({ ...fieldsOf(entry), ...changes }))

const envelope = FastCheck.record({
  version: FastCheck.constantFrom<unknown>(1, 2, "1", null),
  key: FastCheck.constantFrom<unknown>("a", "b", "", "__proto__", canary, 1),
  nonce: FastCheck.constantFrom<unknown>("", "AAAA", "A".repeat(16), "A".repeat(24), "%", canary),
  sealed: FastCheck.constantFrom<unknown>("", "AAAA", "A".repeat(64), canary, `${canary}=`, 1)
}).map((fields) => JSON.stringify(fields))

const texts = damaged(FastCheck.oneof(plain, envelope, anyText))

const sealer = seal.make([{ id: "a", bytes: key }], [entry])

/** The names that a store is asked for are not known before. */
const readingStore = (textOf: (name: string) => string): SessionStore.Service => ({
  needsEncryption: false,
  read: (name) => Effect.succeed(Option.some(textOf(name))),
  write: () => Effect.succeed(true),
  acquire: () => Effect.succeed(true),
  release: () => Effect.void
})

const use = (store: SessionStore.Service, keys: ReadonlyArray<SharedSession.Key> | undefined) =>
  Effect.gen(function*() {
    const source = yield* CredentialProvider.make({ name: "test", fetch: Effect.succeed(session("fetched", hour)) })
    const provider = yield* SharedSession.make({ source, store, keys, name: "app", settings: {} })
    const first = yield* provider.get
    yield* provider.invalidate(first)
    return yield* provider.get
  })

/** A stored text, as it is read with and without keys. */
export const storedSessions = target({
  name: "storedSessions",
  share: 2,
  strands: 8,
  inputs: FastCheck.tuple(texts, FastCheck.boolean()),
  check: async ([text, isSealed]) => {
    const codec = makeCodec(entry, isSealed ? sealer : undefined)
    const found = await Effect.runPromise(codec.decode(text))
    if (Option.isSome(found)) {
      assert.isFalse(isSealed, "nobody can make a sealed text without the key")
      const again = await Effect.runPromise(Effect.flatMap(
        codec.encode(found.value),
        Option.match({
          onNone: () => Effect.succeedNone,
          onSome: codec.decode
        })
      ))
      assert.deepStrictEqual(Option.map(again, ({ expiresAt }) => expiresAt), Option.some(found.value.expiresAt))
    }
    const store = readingStore((name) => text.replaceAll(entry, name))
    const shown = await printed(use(store, isSealed ? [{ id: "a", key }] : undefined))
    for (const secret of [canary, "secret of fetched", "token of fetched"]) assert.notInclude(shown, secret)
  }
})

const lease = FastCheck.record({
  owner: FastCheck.constantFrom<unknown>("one", "two", "", canary, 1),
  since: FastCheck.constantFrom<unknown>(0, -1, 1e308, 9999, "0"),
  millis: FastCheck.constantFrom<unknown>(0, -1, 10_000, "1")
}, { requiredKeys: [] })

const contents = damaged(FastCheck.oneof(
  FastCheck.record({ lease, text: FastCheck.constantFrom<unknown>(canary, "", 1, null) }, { requiredKeys: [] })
    .map((content) => JSON.stringify(content)),
  anyText
))

/** A file of the folder: after any content the store works, with a typed result, and nothing is shown. */
export const sessionFiles = target({
  name: "sessionFiles",
  share: 1,
  inputs: contents,
  check: async (content) => {
    const program = Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped()
      const layer = SessionStore.layerFolder({ folder })
      const store = Context.get(yield* Layer.build(layer), SessionStore.SessionStore)
      yield* store.acquire("app", "before", Duration.seconds(10))
      const [name = ""] = yield* files.readDirectory(folder)
      yield* files.writeFileString(`${folder}/${name}`, content)
      yield* store.read("app")
      const isAcquired = yield* store.acquire("app", "three", Duration.seconds(10))
      const isWritten = yield* store.write("app", "new", { owner: "three", timeToLive: Duration.hours(1) })
      assert.strictEqual(isWritten, isAcquired)
      if (isWritten) assert.deepStrictEqual(yield* store.read("app"), Option.some("new"))
      yield* store.release("app", "three")
      assert.lengthOf(yield* files.readDirectory(folder), 1)
    })
    await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide([NodeContext.layer, TestContext.TestContext])))
  }
})
