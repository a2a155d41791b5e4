import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { withMembers } from "../../../src/internal/files/jsonText.ts"

describe("withMembers", () => {
  it("replaces a value and changes nothing else", () => {
    const text = "\uFEFF{\r\n\t\"a\": [ 1, {\"x\":12345678901234567890 , \"y\" : \"\\u0026 \\\" } ,\" }, [] ]\r\n}\r\n"
    assert.strictEqual(
      withMembers(text, ["a", 1], { y: "new" }),
      text.replace("\"\\u0026 \\\" } ,\"", "\"new\"")
    )
  })

  it("adds a member in the style of the existing ones", () => {
    assert.strictEqual(
      withMembers("{\r\n\t\"a\": 1,\r\n\t\"b\": 2\r\n}", [], { c: "d" }),
      "{\r\n\t\"a\": 1,\r\n\t\"b\": 2,\r\n\t\"c\": \"d\"\r\n}"
    )
    assert.strictEqual(withMembers("{\"a\":1}", [], { c: 2 }), "{\"a\":1,\"c\":2}")
    assert.strictEqual(withMembers("{\n  \"a\": 1\n}", [], { c: 2 }), "{\n  \"a\": 1,\n  \"c\": 2\n}")
    assert.strictEqual(withMembers("{}", [], { c: 2, d: 3 }), "{\"c\": 2,\"d\": 3}")
  })

  it("uses the last of two members of the same name, as JSON.parse does", () => {
    const text = "{\"p\": {\"a\": 1}, \"p\": {\"a\": 2, \"a\": 3}}"
    assert.strictEqual(withMembers(text, ["p"], { a: 4 }), "{\"p\": {\"a\": 1}, \"p\": {\"a\": 2, \"a\": 4}}")
  })

  it("finds escaped names", () => {
    assert.strictEqual(withMembers("{\"\\u0061\": 1}", [], { a: 2 }), "{\"\\u0061\": 2}")
  })

  it("returns undefined if there is no object", () => {
    for (const path of [["a"], ["b"], ["c", 0], ["c", 7], ["c", "0"], ["d"]]) {
      assert.isUndefined(withMembers("{\"a\": 1, \"b\": \"{}\", \"c\": [1]}", path, { x: 1 }), path.join("."))
    }
    assert.isUndefined(withMembers("[]", [], { x: 1 }))
  })

  it("handles any depth", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000)
    assert.strictEqual(withMembers(`{"d": ${deep}, "p": {}}`, ["p"], { a: 1 }), `{"d": ${deep}, "p": {"a": 1}}`)
  })

  const object = FastCheck.dictionary(FastCheck.string(), FastCheck.jsonValue())
  const indent = FastCheck.constantFrom(undefined, "\t", 2, 4)

  it.prop(
    "changes the given members and nothing else",
    [object, FastCheck.array(object), FastCheck.nat(5), indent, FastCheck.string()],
    ([top, profiles, index, space, value]) => {
      const file = { ...top, profiles }
      const text = JSON.stringify(file, null, space)
      const profile = profiles[index]
      const changed = withMembers(text, ["profiles", index], { sts_token: value, sts_expiration: 7 })
      if (profile === undefined) return changed === undefined
      const expected = profiles.map((other) =>
        other === profile ? { ...other, sts_token: value, sts_expiration: 7 } : other
      )
      return changed === JSON.stringify({ ...top, profiles: expected }, null, space) ||
        // An empty object has no style to copy.
        (Object.keys(profile).length === 0 &&
          JSON.stringify(JSON.parse(changed ?? "")) === JSON.stringify({ ...top, profiles: expected }))
    },
    { fastCheck: { numRuns: 300 } }
  )
})
