import { HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import * as signedResponse from "../../../src/internal/signing/response.ts"
import type { Texts } from "../../support/variables.ts"

describe("the length of a body", () => {
  const cases: ReadonlyArray<readonly [headers: Texts, length: number | undefined]> = [
    [{ "content-length": "900" }, 900],
    [{ "content-length": "0" }, 0],
    [{ "content-length": "900", "content-encoding": "identity" }, 900],
    [{ "content-length": "900", "content-encoding": "gzip" }, undefined],
    [{ "content-length": "1e3" }, undefined],
    [{ "content-length": "-1" }, undefined],
    [{ "content-length": "1".repeat(16) }, undefined],
    [{}, undefined]
  ]
  for (const [headers, length] of cases) {
    it(`is ${length ?? "not"} known by ${JSON.stringify(headers)}`, () => {
      const request = HttpClientRequest.get("https://ecs.aliyuncs.com")
      const response = HttpClientResponse.fromWeb(request, new Response("", { headers }))
      for (const one of [response, signedResponse.withRequest(request, response, [])]) {
        assert.strictEqual(signedResponse.plainLength(one), length)
      }
    })
  }
})
