import { assert, describe, it } from "@effect/vitest"
import { byName, canonicalPairs, isHeaderSafe, percentEncode } from "../../../src/internal/wire/encode.ts"

describe("percent-encoding", () => {
  it("leaves only unreserved characters", () => {
    assert.strictEqual(percentEncode("aZ09-_.~"), "aZ09-_.~")
    assert.strictEqual(percentEncode("!'()* /+=&\u00e9"), "%21%27%28%29%2A%20%2F%2B%3D%26%C3%A9")
  })

  it("replaces half of a surrogate pair, which has no bytes", () => {
    assert.strictEqual(percentEncode("a\ud83d"), "a%EF%BF%BD")
    assert.strictEqual(percentEncode("\ud83d\ude00"), "%F0%9F%98%80")
  })
})

describe("the order of parameters", () => {
  it("is by name, and by value for equal names", () => {
    assert.deepStrictEqual([byName(["a", 0], ["b", 0]), byName(["b", 0], ["a", 0]), byName(["a", 0], ["a", 1])], [
      -1,
      1,
      0
    ])
    assert.strictEqual(canonicalPairs([["b", "1"], ["a", "2"], ["a", "1"], ["B", "3"]]), "B=3&a=1&a=2&b=1")
  })
})

describe("a text in a header", () => {
  it("has visible characters of ASCII only, and at least one", () => {
    for (const text of ["", " ", "a b", "a\n", "\na", "\u00e9", "\x7f"]) {
      assert.isFalse(isHeaderSafe(text), JSON.stringify(text))
    }
    assert.isTrue(isHeaderSafe("LTAI!~"))
  })
})
