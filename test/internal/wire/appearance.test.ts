import { assert, describe, it } from "@effect/vitest"
import * as appearance from "../../../src/internal/wire/appearance.ts"

describe("the appearance of an answer", () => {
  for (
    const [text, expected] of [
      ["", "an empty answer"],
      [" \r\n", "an empty answer"],
      ["<!DOCTYPE html><title>x", "an HTML page (a login page?)"],
      ["\n <HTML lang=\"en\">", "an HTML page (a login page?)"],
      ["<head>", "an HTML page (a login page?)"],
      ["<header/>", "XML"],
      ["<?xml version=\"1.0\"?><Error/>", "XML"],
      ["Please log in", "not JSON (line 1, column 1)"],
      ["{\"AccessKeyId\": ", "not JSON (line 1, column 17)"],
      ["[".repeat(300) + "]".repeat(300), "JSON that is nested too deeply"]
    ] as const
  ) {
    it(`${JSON.stringify(text.slice(0, 30))} is ${expected}`, () => {
      assert.strictEqual(appearance.ofNoJson(text), expected)
    })
  }

  it("names the status, and a page only if it is what was sent", () => {
    assert.strictEqual(appearance.ofAnswer({ status: 403, body: "<html>" }), "status 403")
    assert.strictEqual(appearance.ofAnswer({ status: 200, body: "<html>" }), "status 200, an HTML page")
    assert.strictEqual(appearance.ofAnswer({ status: 200, body: "hello" }), "status 200")
  })
})

describe("the names in an answer", () => {
  const names = { expected: ["Id", "Secret"], known: ["Code"] }
  const of = (json: unknown) => appearance.otherNames(JSON.stringify(json), names)

  it("are shown with those that they stand for", () => {
    assert.strictEqual(of({ Code: 1, id: 2, key: 3 }), "id, key instead of Id, Secret")
    assert.strictEqual(of({ Id: 1, key: 3 }), "key instead of Secret")
  })

  it("are not shown where nothing is missing, nothing is there, or there are no names", () => {
    for (const json of [{ Id: 1, Secret: null, more: 2 }, { Code: 1 }, {}, [], ["id"], "id", null]) {
      assert.isUndefined(of(json), JSON.stringify(json))
    }
    assert.isUndefined(appearance.otherNames("id", names))
  })

  it("are not shown if they may be secrets", () => {
    const secrets = { x7Kq2LmZp9RtVw4YbNc8DfGh3JsQaE: 1, "a secret": 2, "qWkZtRmPlKbNvCxSdFgHjKlMn": 3 }
    assert.isUndefined(of(secrets))
    assert.strictEqual(of({ ...secrets, key: 1 }), "key instead of Id, Secret")
  })

  it("are eight at most", () => {
    const many = Object.fromEntries(Array.from("abcdefghij", (letter) => [`key-${letter}`, 1]))
    assert.strictEqual(
      of(many),
      "key-a, key-b, key-c, key-d, key-e, key-f, key-g, key-h, … instead of Id, Secret"
    )
  })
})
