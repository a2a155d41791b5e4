import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import * as crypto from "node:crypto"
import { digest, type Hashing, hashing, hashingOf, portable } from "../../../src/internal/wire/hash.ts"
import { hashings, nodeCrypto } from "../../support/hashings.ts"

/** A runtime with this node:crypto. */
const runtimeWith = (module: unknown) => ({
  process: { getBuiltinModule: (id: string) => id === "node:crypto" ? module : undefined }
})

describe("the hashes", () => {
  for (const [how, by] of hashings) {
    it(`are those of the published examples, ${how}`, () => {
      const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
      assert.strictEqual(by.sha256("abc"), abc)
      assert.strictEqual(by.sha256(new TextEncoder().encode("abc")), abc)
      // RFC 4231 and RFC 2202, the second cases.
      assert.strictEqual(
        by.hmacSha256("Jefe", "what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      )
      assert.strictEqual(
        by.hmacSha1("Jefe", "what do ya want for nothing?"),
        Buffer.from("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", "hex").toString("base64")
      )
    })
  }

  it.prop("are the same by node:crypto and in plain JavaScript", {
    key: fc.string16bits(),
    text: fc.string16bits(),
    bytes: fc.uint8Array()
  }, ({ bytes, key, text }) => {
    assert.strictEqual(nodeCrypto.sha256(bytes), portable.sha256(bytes))
    assert.strictEqual(nodeCrypto.sha256(text), portable.sha256(text))
    assert.strictEqual(nodeCrypto.hmacSha256(key, text), portable.hmacSha256(key, text))
    assert.strictEqual(nodeCrypto.hmacSha1(key, text), portable.hmacSha1(key, text))
  })

  it("come from node:crypto on this runtime, which is looked for once", () => {
    assert.strictEqual(hashing().longest, nodeCrypto.longest)
    assert.strictEqual(hashing(), hashing())
    assert.notStrictEqual(hashing(), portable)
    assert.notStrictEqual(nodeCrypto, portable)
  })

  const refuses = (refused: string) => ({
    createHash: crypto.createHash,
    createHmac: (algorithm: string, key: string) => {
      if (algorithm === refused) throw new Error("refused")
      return crypto.createHmac(algorithm, key)
    }
  })
  const silent = { update: () => ({ digest: () => "" }) }
  const silentFor = (silenced: string) => ({
    createHash: (algorithm: string) => silenced === "hash" ? silent : crypto.createHash(algorithm),
    createHmac: (algorithm: string, key: string) => algorithm === silenced ? silent : crypto.createHmac(algorithm, key)
  })
  const without = [
    ["no process", {}],
    ["a process without getBuiltinModule, as in older versions of Node.js", { process: {} }],
    ["a process that is null", { process: null }],
    ["no such module", runtimeWith(undefined)],
    ["a getBuiltinModule that throws", {
      process: {
        getBuiltinModule: () => {
          throw new Error("no")
        }
      }
    }],
    ["an empty module", runtimeWith({})],
    ["a module that refuses an algorithm", runtimeWith(refuses("sha1"))],
    ["a module that makes no hash", runtimeWith(silentFor("hash"))],
    ["a module that makes no HMAC by SHA-256", runtimeWith(silentFor("sha256"))],
    ["a module that makes no HMAC by SHA-1", runtimeWith(silentFor("sha1"))]
  ] as const
  for (const [what, runtime] of without) {
    it(`are not taken from a runtime with ${what}`, () => {
      assert.strictEqual(hashingOf(runtime), portable)
    })
  }

  it("are taken from a module that has all of them", () => {
    for (const module of [refuses("none"), silentFor("none")]) {
      const found = hashingOf(runtimeWith(module))
      assert.notStrictEqual(found, portable)
      assert.strictEqual(found.sha256("abc"), portable.sha256("abc"))
    }
  })
})

describe("the hash of a body", () => {
  const bytes = new TextEncoder().encode("abc")
  const expected = portable.sha256(bytes)
  const never: Hashing = {
    ...portable,
    sha256: () => {
      throw new Error("not expected")
    }
  }

  it.live("is made by WebCrypto if it is longer than the limit of the implementation", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* digest(bytes, { ...never, longest: 2 }), expected)
    }))

  it.effect("is made by the implementation up to its limit", () =>
    Effect.gen(function*() {
      let asked = 0
      const subtle = { digest: () => (asked++, Promise.reject(new Error("not expected"))) }
      assert.strictEqual(yield* digest(bytes, { ...portable, longest: 3 }, subtle), expected)
      assert.strictEqual(asked, 0)
    }))

  it.live("is made by the implementation where there is no WebCrypto", () =>
    Effect.gen(function*() {
      const none = null as unknown as SubtleCrypto
      assert.strictEqual(yield* digest(bytes, { ...portable, longest: 0 }, none), expected)
    }))

  it.live("is made by the implementation if WebCrypto refuses the bytes", () =>
    Effect.gen(function*() {
      const shared = new Uint8Array(new SharedArrayBuffer(3))
      shared.set(bytes)
      assert.strictEqual(yield* digest(shared, { ...portable, longest: 2 }), expected)
    }))
})
