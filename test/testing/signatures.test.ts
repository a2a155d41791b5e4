import { assert, describe, it } from "@effect/vitest"
import * as acs3 from "../../src/testing/internal/services/acs3.ts"
import * as signatureV1 from "../../src/testing/internal/services/signatureV1.ts"
import { formatInstant, parseInstant, percentEncode, utf8 } from "../../src/testing/internal/wire/encode.ts"
import { acs3Vectors, rpcVectors } from "./vectors.ts"

describe("the local cloud's signature version 1.0", () => {
  for (const vector of rpcVectors) {
    it(`computes vector ${vector.name}`, () => {
      const params = Object.entries<string>(vector.params)
      assert.strictEqual(signatureV1.canonicalize(params), vector.canonical)
      const text = signatureV1.stringToSign(vector.method, params)
      assert.strictEqual(text, vector.stringToSign)
      assert.strictEqual(signatureV1.sign(vector.secret, text), vector.signature)
    })
  }

  it("does not sign the signature itself", () => {
    const params = [["A", "1"], ["Signature", "x"]] as const
    assert.strictEqual(signatureV1.canonicalize(params), "A=1")
  })
})

describe("the local cloud's ACS3", () => {
  for (const vector of acs3Vectors) {
    it(`computes vector ${vector.name}`, () => {
      const headers = Object.fromEntries(
        Object.entries<string>(vector.headers).map(([name, value]) => [name.toLowerCase(), value])
      )
      const request = {
        method: vector.method,
        path: vector.uri,
        query: Object.entries<string>(vector.query),
        headers,
        body: utf8(vector.body)
      }
      const names = acs3.headersToSign(headers)
      const canonical = acs3.canonicalRequest(request, names)
      assert.strictEqual(canonical, vector.canonicalRequest)
      const text = acs3.stringToSign(canonical)
      assert.strictEqual(text, vector.stringToSign)
      assert.strictEqual(acs3.sign(vector.sk, text), vector.signature)
      assert.deepStrictEqual(acs3.parseAuthorization(vector.authorization), {
        accessKeyId: vector.ak,
        signedHeaders: names,
        signature: vector.signature
      })
    })
  }

  it("rejects other forms of Authorization", () => {
    assert.isUndefined(acs3.parseAuthorization("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=short"))
    assert.isUndefined(acs3.parseAuthorization("Bearer abc"))
  })
})

describe("the local cloud's encoding", () => {
  it("leaves only unreserved characters", () => {
    assert.strictEqual(percentEncode("aZ09-_.~ +*!'()/"), "aZ09-_.~%20%2B%2A%21%27%28%29%2F")
    assert.strictEqual(percentEncode("中📦"), "%E4%B8%AD%F0%9F%93%A6")
  })

  it("parses instants, and rejects invalid ones", () => {
    assert.strictEqual(parseInstant("2024-02-29T23:59:59Z"), Date.UTC(2024, 1, 29, 23, 59, 59))
    for (
      const wrong of ["2023-02-29T00:00:00Z", "2024-02-29T23:59:59.000Z", "2024-02-29 23:59:59", "2024-02-29T24:00:00Z"]
    ) {
      assert.isUndefined(parseInstant(wrong), wrong)
    }
    assert.strictEqual(formatInstant(Date.UTC(2024, 1, 29, 23, 59, 59, 987)), "2024-02-29T23:59:59Z")
  })
})
