import { assert, describe, it } from "@effect/vitest"
import { Effect, Encoding, FastCheck, Option, Redacted } from "effect"
import * as seal from "../../../src/internal/sharing/seal.ts"
import { lengthPrefixed } from "../../../src/internal/wire/encode.ts"

const bytes = (hex: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, "hex"))

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

const key = (id: string, byte: number): seal.Key => ({ id, bytes: Redacted.make(new Uint8Array(32).fill(byte)) })

const run = <A>(effect: Effect.Effect<A>): Promise<A> => Effect.runPromise(effect)

// Test cases 13 to 16 of McGrew and Viega, "The Galois/Counter Mode of Operation": those with keys of 256 bits.
const key256 = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
const text64 = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" +
  "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
const sealed64 = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa" +
  "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"

const vectors = [
  { key: "0".repeat(64), nonce: "0".repeat(24), data: "", text: "", sealed: "530f8afbc74536b9a963b4f1c4cb738b" },
  {
    key: "0".repeat(64),
    nonce: "0".repeat(24),
    data: "",
    text: "0".repeat(32),
    sealed: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
  },
  {
    key: key256,
    nonce: "cafebabefacedbaddecaf888",
    data: "",
    text: text64,
    sealed: `${sealed64}b094dac5d93471bdec1a502270e3cc6c`
  },
  {
    key: key256,
    nonce: "cafebabefacedbaddecaf888",
    data: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    text: text64.slice(0, 120),
    sealed: `${sealed64.slice(0, 120)}76fc6ece0f4e1768cddf8853bb2d551b`
  }
]

const anyText = FastCheck.string({ unit: "grapheme", maxLength: 100 })

describe("AES-256-GCM", () => {
  it("agrees with the published vectors", async () => {
    for (const { data, key, nonce, sealed, text } of vectors) {
      const parameters = { nonce: bytes(nonce), data: bytes(data) }
      const secret = Redacted.make(bytes(key))
      assert.strictEqual(hex(await Effect.runPromise(seal.encrypt(secret, parameters, bytes(text)))), sealed)
      assert.strictEqual(hex(await Effect.runPromise(seal.decrypt(secret, parameters, bytes(sealed)))), text)
    }
  })
})

describe("a sealed text", () => {
  it("opens with every key, and for the same context", () =>
    FastCheck.assert(FastCheck.asyncProperty(anyText, FastCheck.array(anyText), async (text, context) => {
      const sealed = Option.getOrThrow(await run(seal.make([key("old", 1)], context).close(text)))
      const rotated = seal.make([key("new", 2), key("old", 1)], context)
      assert.strictEqual(JSON.parse(Option.getOrThrow(await run(rotated.close(text)))).key, "new")
      assert.deepStrictEqual(Option.getOrUndefined(await run(rotated.open(sealed))), text)
    })))

  it("does not open for another context", () =>
    FastCheck.assert(FastCheck.asyncProperty(
      FastCheck.array(anyText),
      FastCheck.array(anyText),
      async (context, other) => {
        FastCheck.pre(JSON.stringify(context) !== JSON.stringify(other))
        const sealed = Option.getOrThrow(await run(seal.make([key("a", 1)], context).close("text")))
        assert.isUndefined(Option.getOrUndefined(await run(seal.make([key("a", 1)], other).open(sealed))))
      }
    )))

  it("does not open with another key, or with the same key of another id", async () => {
    const sealed = Option.getOrThrow(await run(seal.make([key("a", 1)], []).close("text")))
    for (const other of [key("a", 2), key("b", 1)]) {
      assert.isUndefined(Option.getOrUndefined(await run(seal.make([other], []).open(sealed))))
    }
    const renamed = JSON.stringify({ ...JSON.parse(sealed), key: "b" })
    assert.isUndefined(Option.getOrUndefined(await run(seal.make([key("b", 1)], []).open(renamed))))
  })

  it("does not open after any change", () =>
    FastCheck.assert(FastCheck.asyncProperty(
      anyText,
      FastCheck.constantFrom("nonce", "sealed"),
      FastCheck.nat(),
      FastCheck.integer({ min: 1, max: 255 }),
      async (text, field, at, flip) => {
        const sealer = seal.make([key("a", 1)], ["name"])
        const envelope = JSON.parse(Option.getOrThrow(await run(sealer.close(text))))
        const changed = new Uint8Array(Buffer.from(envelope[field], "base64"))
        const index = at % changed.length
        changed[index] = (changed[index] ?? 0) ^ flip
        const damaged = JSON.stringify({ ...envelope, [field]: Encoding.encodeBase64(changed) })
        assert.isUndefined(Option.getOrUndefined(await run(sealer.open(damaged))))
      }
    )))

  it("does not open if it is cut short, or is no such text", () =>
    FastCheck.assert(FastCheck.asyncProperty(
      FastCheck.nat(),
      FastCheck.oneof(FastCheck.string(), FastCheck.json()),
      async (length, other) => {
        const sealer = seal.make([key("a", 1)], [])
        const sealed = Option.getOrThrow(await run(sealer.close("text")))
        assert.isUndefined(Option.getOrUndefined(await run(sealer.open(sealed.slice(0, length % sealed.length)))))
        assert.isUndefined(Option.getOrUndefined(await run(sealer.open(other))))
        for (const change of [{ nonce: "" }, { sealed: "" }, { sealed: "%" }, { version: 2 }, { key: null }]) {
          const damaged = JSON.stringify({ ...JSON.parse(sealed), ...change })
          assert.isUndefined(Option.getOrUndefined(await run(sealer.open(damaged))))
        }
      }
    )))

  it("has another nonce each time, and neither the text nor the key", async () => {
    const sealer = seal.make([key("a", 0x41)], [])
    const sealed = await run(Effect.replicateEffect(Effect.map(sealer.close("the text"), Option.getOrThrow), 1000))
    assert.strictEqual(new Set(sealed.map((text) => JSON.parse(text).nonce)).size, 1000)
    for (const text of sealed) {
      assert.notInclude(text, "the text")
      assert.notInclude(text, "QUFB")
    }
  })
})

describe("a key", () => {
  it("is 32 bytes, or their Base64", () => {
    const bytes = new Uint8Array(32).fill(7)
    const read = (key: Uint8Array | string) =>
      Option.map(seal.readKey(Redacted.make(key)), (key) => Redacted.value(key))
    assert.deepStrictEqual(Option.getOrUndefined(read(bytes)), bytes)
    assert.deepStrictEqual(Option.getOrUndefined(read(`${Encoding.encodeBase64(bytes)}\n`)), bytes)
    for (const other of ["", "%", Encoding.encodeBase64(bytes.slice(1)), bytes.slice(1), new Uint8Array(33)]) {
      assert.isTrue(Option.isNone(read(other)))
    }
  })
})

describe("texts behind their lengths", () => {
  it("are the same only for the same texts", () =>
    FastCheck.assert(FastCheck.property(
      FastCheck.array(FastCheck.string({ unit: FastCheck.constantFrom("1", ":", "a"), maxLength: 4 })),
      FastCheck.array(FastCheck.string({ unit: FastCheck.constantFrom("1", ":", "a"), maxLength: 4 })),
      (one, other) =>
        (lengthPrefixed(one) === lengthPrefixed(other)) === (JSON.stringify(one) === JSON.stringify(other))
    )))
})
