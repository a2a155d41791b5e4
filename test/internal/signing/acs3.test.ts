import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import * as acs3 from "../../../src/internal/signing/acs3.ts"
import * as cloud from "../../../src/testing/internal/services/acs3.ts"
import { utf8 } from "../../../src/testing/internal/wire/encode.ts"
import { acs3Vectors } from "../../testing/vectors.ts"

const canonicalPath = (path: string) => Either.getOrThrow(acs3.canonicalPath(path))

describe("ACS3-HMAC-SHA256", () => {
  for (const vector of acs3Vectors) {
    it(`signs vector ${vector.name} byte for byte`, () => {
      const payloadHash = acs3.hash(utf8(vector.body))
      const request: acs3.Signable = {
        method: vector.method,
        path: canonicalPath(vector.uri),
        query: Object.entries(vector.query),
        headers: vector.headers,
        payloadHash
      }
      const canonical = acs3.canonicalRequest(request)
      assert.strictEqual(canonical, vector.canonicalRequest)
      assert.strictEqual(acs3.hash(utf8(canonical)), vector.hashedCanonicalRequest)
      assert.strictEqual(acs3.stringToSign(canonical), vector.stringToSign)
      assert.strictEqual(acs3.sign(vector.stringToSign, vector.sk), vector.signature)
      assert.strictEqual(acs3.authorization(request, vector.ak, vector.sk), vector.authorization)
    })
  }

  it("joins the values of a repeated header, in order", () => {
    const headers = { host: "h", "x-acs-a": " 2 ", "X-Acs-A": "1", "X-ACS-B": "b", other: "o" }
    const canonical = acs3.canonicalRequest({ method: "GET", path: "/", query: [], headers, payloadHash: "p" })
    assert.strictEqual(canonical, "GET\n/\n\nhost:h\nx-acs-a:1,2\nx-acs-b:b\n\nhost;x-acs-a;x-acs-b\np")
  })

  it("sorts the query by name, then by value, and encodes names too", () => {
    const query: ReadonlyArray<readonly [string, string]> = [["b", "2"], ["a b", ""], ["b", "1"], ["B", "~*"]]
    const canonical = acs3.canonicalRequest({ method: "GET", path: "/", query, headers: {}, payloadHash: "p" })
    assert.strictEqual(canonical.split("\n")[2], "B=~%2A&a%20b=&b=1&b=2")
  })

  const paths = [
    ["/", "/"],
    ["/a+b*c~d", "/a%2Bb%2Ac~d"],
    ["/a%2Bb%2ac%7Ed", "/a%2Bb%2Ac~d"],
    ["/c%20x/%E8%8A%82", "/c%20x/%E8%8A%82"],
    ["/a%2Fb/", "/a%2Fb/"],
    ["/%zz(1)'!", "/%25zz%281%29%27%21"],
    ["/100%/%zz%20b", "/100%25/%25zz%20b"]
  ] as const
  for (const [path, expected] of paths) {
    it(`converts the path ${path} to ${expected}, which is stable`, () => {
      assert.strictEqual(canonicalPath(path), expected)
      assert.strictEqual(canonicalPath(expected), expected)
    })
  }

  it("rejects a path with escapes that are not UTF-8", () => {
    for (const path of ["/%FFa%20b", "/ok/%e8%8a", "/%C0%AF"]) {
      assert.isTrue(Either.isLeft(acs3.canonicalPath(path)), path)
    }
  })

  it.prop(
    "agrees with an independent signer",
    {
      method: fc.constantFrom("GET", "POST", "PUT", "DELETE"),
      segments: fc.array(fc.fullUnicodeString({ maxLength: 12 }), { maxLength: 4 }),
      query: fc.array(fc.tuple(fc.fullUnicodeString({ maxLength: 12 }), fc.fullUnicodeString({ maxLength: 12 })), {
        maxLength: 5
      }),
      body: fc.uint8Array({ maxLength: 64 }),
      secret: fc.fullUnicodeString({ maxLength: 20 })
    },
    ({ body, method, query, secret, segments }) => {
      const path = `/${segments.map(encodeURIComponent).join("/")}`
      const headers = { host: "ecs.aliyuncs.com", "x-acs-action": "A", "content-type": "text/plain", accept: "no" }
      const canonical = acs3.canonicalRequest({
        method,
        path: canonicalPath(path),
        query,
        headers,
        payloadHash: acs3.hash(body)
      })
      const theirs = cloud.canonicalRequest({ method, path, query, headers, body }, cloud.headersToSign(headers))
      assert.strictEqual(canonical, theirs)
      assert.strictEqual(
        acs3.sign(acs3.stringToSign(canonical), secret),
        cloud.sign(secret, cloud.stringToSign(theirs))
      )
    }
  )
})
