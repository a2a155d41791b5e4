import { assert, describe, it } from "@effect/vitest"
import { Encoding } from "effect"
import { claimsOf } from "../../../src/internal/sts/jwt.ts"

const tokenOf = (claims: unknown): string => `e30.${Encoding.encodeBase64Url(JSON.stringify(claims))}.c2ln`

const none = { expiration: undefined, issuer: undefined, audience: undefined, subject: undefined }

describe("the claims of a token", () => {
  it("are its names, and its expiration in milliseconds", () => {
    const claims = { exp: 1_767_312_000, iss: "https://oidc.example/c1", aud: ["first", "second"], sub: "system:sa:a" }
    const expected = {
      expiration: 1_767_312_000_000,
      issuer: "https://oidc.example/c1",
      audience: "first",
      subject: "system:sa:a"
    }
    assert.deepStrictEqual(claimsOf(tokenOf(claims)), expected)
    assert.strictEqual(claimsOf(tokenOf({ ...claims, aud: "only" })).audience, "only")
  })

  it("are none of what is not a token", () => {
    for (const token of ["", "text", "a.b.c", "a.%.c", tokenOf(null), tokenOf("text"), tokenOf([])]) {
      assert.deepStrictEqual(claimsOf(token), none, token)
    }
  })

  it("have no expiration that a date cannot hold, or that is not a number", () => {
    const expiration = (exp: unknown) => claimsOf(tokenOf({ exp })).expiration
    assert.strictEqual(expiration(8.64e12), 8.64e15)
    assert.strictEqual(expiration(-8.64e12), -8.64e15)
    assert.isUndefined(expiration(8.64e12 + 1))
    assert.isUndefined(expiration(8.64e12 + 0.001))
    assert.isUndefined(expiration("1767312000"))
    assert.isUndefined(expiration(null))
  })

  it("have no name that is long, or has anything but short words", () => {
    const words = (count: number, length = 39) => Array.from({ length: count }, () => "a".repeat(length)).join(":")
    const subject = (sub: unknown) => claimsOf(tokenOf({ sub })).subject
    assert.strictEqual(subject(`${words(3)}:${words(1, 40)}`), `${words(3)}:${words(1, 40)}`)
    for (const sub of [`${words(4)}:b`, words(1, 41), "a b", " a", "a\n", "ftp://a", "a:", 1, ["a"], {}]) {
      assert.isUndefined(subject(sub), JSON.stringify(sub))
    }
  })
})
