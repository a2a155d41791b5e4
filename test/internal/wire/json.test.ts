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
})
