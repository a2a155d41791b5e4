import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { flawOf, positionOf } from "../../../src/internal/wire/jsonSyntax.ts"
import { isJson } from "../../support/json.ts"

describe("the first mistake in a text", () => {
  it.each<[string, string, number, number, string | undefined]>([
    ["a comma after the last member", "{\n  \"a\": 1,\n}", 3, 1, "a comma before \"}\""],
    ["a comma after the last element", "[1, 2, ]", 1, 8, "a comma before \"]\""],
    ["no comma between members", "{\"a\": 1\r\n\"b\": 2}", 2, 1, "a comma is missing"],
    ["no colon", "{\"a\" 1}", 1, 6, "a colon is missing"],
    ["a comment", "{\n  // note\n}", 2, 3, "a comment"],
    ["a comment of a shell", "# note\n{}", 1, 1, "a comment"],
    ["single quotes", "{'a': 1}", 1, 2, "single quotes"],
    ["typographic quotes", "{\u201Ca\u201D: 1}", 1, 2, "typographic quotes"],
    ["a name without quotes", "{a: 1}", 1, 2, "a name without quotes"],
    ["the wrong bracket", "{\"a\": [1}", 1, 9, "the wrong bracket"],
    ["a line break between quotes", "[\"a\nb\"]", 1, 4, "a line break between quotes"],
    ["a control character", "[\"a\u0000\"]", 1, 4, "a control character"],
    ["a single backslash", "[\"C:\\Users\"]", 1, 5, "a single backslash"],
    ["half of the text", "{\"a\": {\n", 2, 1, "the text ends too early"],
    ["half of a string", "{\"a", 1, 4, "the text ends too early"],
    ["no text", " \n", 2, 1, "no text"],
    ["two texts", "{}\n{}", 2, 1, "text after the end"],
    ["a word", "{\"a\": secret}", 1, 7, undefined]
  ])("of %s is found", (_, text, line, column, what) => {
    assert.deepStrictEqual(flawOf(text), { line, column, what })
  })

  it("does not exist in a text that is JSON, at any depth, with a byte order mark", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000)
    for (const text of ["{}", "[]", " null ", "-1.5e+3", "\"\\u00e4\\n\"", "\uFEFF{\"a\":[true,false,{}]}", deep]) {
      assert.isUndefined(flawOf(text))
    }
  })

  it("exists in exactly those texts of up to four parts that the runtime refuses", () => {
    const parts = ["{", "}", "[", "]", ",", ":", "\"a\"", "1", "true", " ", "x"]
    let texts = [""]
    for (let length = 1; length <= 4; length++) {
      texts = texts.flatMap((text) => parts.map((part) => text + part))
      for (const text of texts) assert.strictEqual(flawOf(text) === undefined, isJson(text), text)
    }
  })

  it.prop(
    "exists if and only if the text is not JSON",
    [
      FastCheck.jsonValue(),
      FastCheck.constantFrom(0, 2),
      FastCheck.nat(),
      FastCheck.constantFrom("", ",", "}", "\"", "x")
    ],
    ([value, indent, at, piece]) => {
      const text = JSON.stringify(value, null, indent)
      const cut = at % (text.length + 1)
      const changed = text.slice(0, cut) + piece + text.slice(cut + 1)
      return (flawOf(changed) === undefined) === isJson(changed)
    },
    { fastCheck: { numRuns: 500 } }
  )
})

describe("the position of an index", () => {
  it("counts the line endings of every system", () => {
    const text = "a\nb\r\nc\rd"
    assert.deepStrictEqual(["a", "b", "c", "d"].map((letter) => positionOf(text, text.indexOf(letter)).line), [
      1,
      2,
      3,
      4
    ])
    assert.deepStrictEqual(positionOf("ab", 1), { line: 1, column: 2 })
  })
})
