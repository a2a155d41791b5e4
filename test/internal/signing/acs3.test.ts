import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc } from "effect"
import * as acs3 from "../../../src/internal/signing/acs3.ts"
import { digest, hashing } from "../../../src/internal/wire/hash.ts"
import * as cloud from "../../../src/testing/internal/services/acs3.ts"
import { utf8 } from "../../../src/testing/internal/wire/encode.ts"
import { hashings } from "../../support/hashings.ts"
import { acs3Vectors } from "../../testing/vectors.ts"

const canonicalPath = (path: string) => Either.getOrThrow(acs3.canonicalPath(path))

describe("ACS3-HMAC-SHA256", () => {
  for (const [[how, by], vector] of hashings.flatMap((way) => acs3Vectors.map((vector) => [way, vector] as const))) {
    it.effect(`signs vector ${vector.name} byte for byte, ${how}`, () =>
      Effect.gen(function*() {
        const payloadHash = yield* digest(utf8(vector.body), by)
        assert.strictEqual(yield* digest(utf8(vector.body), { ...by, longest: -1 }), payloadHash)
        const request: acs3.Signable = {
          method: vector.method,
          path: canonicalPath(vector.uri),
          query: Object.entries(vector.query),
          headers: vector.headers,
          payloadHash
        }
        const canonical = acs3.canonicalRequest(request)
        assert.strictEqual(canonical, vector.canonicalRequest)
        assert.strictEqual(by.sha256(canonical), vector.hashedCanonicalRequest)
        assert.strictEqual(acs3.stringToSign(canonical, by), vector.stringToSign)
        assert.strictEqual(acs3.sign(vector.stringToSign, vector.sk, by), vector.signature)
        assert.strictEqual(acs3.authorization(request, vector.ak, vector.sk, by), vector.authorization)
        assert.strictEqual(acs3.authorization(request, vector.ak, vector.sk), vector.authorization)
      }))
  }

  it("joins the values of a repeated header, in order", () => {
    const headers = { host: "h", "x-acs-a": " 2 ", "X-Acs-A": " 1 ", "X-ACS-B": "b", other: "o" }
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
        payloadHash: hashing().sha256(body)
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
