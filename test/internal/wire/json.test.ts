import { assert, describe, it } from "@effect/vitest"
import { Either, Option, Schema } from "effect"
import { decodeJson, parseJson } from "../../../src/internal/wire/json.ts"

describe("JSON", () => {
  const deep = (levels: number) => `{"AccessKeyId":${"[".repeat(levels)}${"]".repeat(levels)}}`

  it("that is nested too deeply is rejected like invalid JSON", () => {
    assert.isTrue(Option.isSome(parseJson(deep(100))))
    assert.isTrue(Option.isNone(parseJson(deep(200_000))))
    const decoded = decodeJson(Schema.Struct({ AccessKeyId: Schema.String }))("test", deep(200_000))
    assert.strictEqual(Either.getOrThrow(Either.flip(decoded))._tag, "CredentialsMalformed")
  })

  it("may contain brackets in strings", () => {
    assert.isTrue(Option.isSome(parseJson(JSON.stringify({ a: `${"[{".repeat(500)}\\"` }))))
  })

  it("may be one text of ten megabytes", () => {
    const text = "a".repeat(10 * 1024 * 1024 - 2)
    assert.strictEqual(Option.getOrThrow(parseJson(JSON.stringify(text))), text)
  })

  it("is looked through once, also where every quote could start a text that never ends", () => {
    // A scan that starts anew at each quote needs minutes for this, on any machine.
    assert.isTrue(Option.isNone(parseJson("\\\"".repeat(400_000))))
  })
})
