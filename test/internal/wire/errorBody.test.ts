import { assert, describe, it } from "@effect/vitest"
import * as errorBody from "../../../src/internal/wire/errorBody.ts"
import * as serverText from "../../../src/internal/wire/serverText.ts"

describe("the body of an error", () => {
  it("is not read if it is so long that a search for secrets would take seconds", () => {
    const body = JSON.stringify({
      Code: "NoPermission",
      Message: "no",
      token: Array.from({ length: 30_000 }, () => "")
    })
    assert.isAbove(body.length, 64 * 1024)
    const { code, json, message } = errorBody.parse(body)
    assert.deepStrictEqual([code, message, json], [undefined, undefined, undefined])
    assert.strictEqual(errorBody.parse(JSON.stringify({ Code: "NoPermission" })).code, "NoPermission")
  })

  it("hides nothing because of empty secrets", () => {
    assert.strictEqual(serverText.quotable("the role does not exist", ["", "", ""]), "the role does not exist")
  })
})
