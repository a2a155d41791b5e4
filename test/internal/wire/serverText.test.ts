import { assert, describe, it, vi } from "@effect/vitest"
import { FastCheck } from "effect"
import { readingsOf } from "../../../src/internal/wire/disguise.ts"
import * as serverText from "../../../src/internal/wire/serverText.ts"
import { echoes, escaped } from "../../support/echoes.ts"

describe("the message of a server", () => {
  const secret = "kJ3d/fG7+hLq2Wm9ZxT5bNv8Rc=Yp4stu"
  for (const [how, echo] of Object.entries(echoes)) {
    it(`is hidden if it contains a secret ${how}`, () => {
      assert.isUndefined(serverText.quotable(`not valid: ${echo(secret)}, sorry`, [secret]))
    })
  }

  const layered: Readonly<Record<string, (text: string) => string>> = {
    "with escapes of escapes": (text) => echoes["with JSON escapes"]!(echoes["with escapes of code points"]!(text)),
    "with escapes whose backslashes are doubled twice": (text) =>
      echoes["with escapes of JavaScript"]!(text).replaceAll("\\", "\\\\\\\\"),
    "in lines that are escaped, in an address": (text) => encodeURIComponent(text.replace(/.{5}/g, "$&\\n"))
  }
  for (const [how, echo] of Object.entries(layered)) {
    it(`is hidden if it contains a secret ${how}`, () => {
      assert.isUndefined(serverText.quotable(echo(secret), [secret]))
    })
  }

  it("has no marks in a row when it is normalized, since the runtime sorts them in quadratic time", () => {
    const normalize = vi.spyOn(String.prototype, "normalize")
    try {
      const marks = "\u0301".repeat(9) + "\u0323".repeat(9)
      assert.isUndefined(serverText.quotable(`no ${marks} ${secret}`, [marks, secret]))
      const normalized = normalize.mock.contexts as ReadonlyArray<unknown>
      assert.isNotEmpty(normalized)
      for (const text of normalized) assert.notMatch(String(text), /\p{M}{2}/u)
    } finally {
      normalize.mockRestore()
    }
  })

  it("is shown otherwise, without anything that looks like a secret of another request", () => {
    assert.strictEqual(serverText.quotable("the role\n does not exist", [secret]), "the role does not exist")
    assert.strictEqual(serverText.quotable(`token ${secret}!`, []), "token …!")
  })

  it("is shown in one line of at most 200 letters, of the first 4000", () => {
    const cases: ReadonlyArray<readonly [text: unknown, shown: string | undefined]> = [
      [" \n a\t\u0000b \n", "a b"],
      [" \n ", undefined],
      ["", undefined],
      [["a"], undefined],
      ["x".repeat(200), "x".repeat(200)],
      ["x".repeat(201), `${"x".repeat(200)}…`],
      [`${" ".repeat(3999)}a`, "a"],
      [`${" ".repeat(4000)}a`, undefined]
    ]
    for (const [text, shown] of cases) assert.strictEqual(serverText.quotable(text, [secret]), shown)
  })

  it("has a code only if that looks like one and is no secret, which those that are known are not", () => {
    const word = "LocalUserSecret"
    assert.strictEqual(serverText.errorCode("Invalid.A-b:1", [word]), "Invalid.A-b:1")
    assert.strictEqual(serverText.errorCode("Throttling", ["Throttling"]), "Throttling")
    for (const code of [word, `A.${word.toUpperCase()}`, ["Throttling"], 5, "1a", "a b", `a${"b".repeat(80)}`]) {
      assert.isUndefined(serverText.errorCode(code, [word]), String(code))
    }
  })

  it("is hidden if the response has too many secrets to check", () => {
    const json = { Message: "a", token: `${"a".repeat(11)}b`.repeat(8000) }
    assert.isUndefined(serverText.quotable(json.Message, serverText.secretFields(json)))
    assert.strictEqual(serverText.quotable(json.Message, [json.token.slice(0, 64 * 1024 - 1), "b"]), "a")
    assert.isUndefined(serverText.quotable(json.Message, [json.token.slice(0, 64 * 1024 - 1), "bc"]))
  })

  it("is hidden for a few letters of a secret, whatever stands around them", () => {
    const letters = (count: number, seed: number) => {
      let state = seed
      return Array.from({ length: count }, () => {
        state = (state * 48271) % 2147483647
        return String.fromCharCode(97 + state % 26)
      }).join("")
    }
    for (let seed = 1; seed <= 40; seed++) {
      const short = letters(8, seed * 7919)
      const text = `${letters(1900, seed)}${short}${letters(1900, seed + 1000)}`
      assert.isUndefined(serverText.quotable(text, [short]), short)
      assert.isDefined(serverText.quotable(text, [letters(8, seed * 104729)]), short)
    }
  })

  it("is shown if it only has the hashes of a secret", () => {
    // The code of b is one more than that of a, and the code of ? is 31 more than that of a blank.
    assert.strictEqual(serverText.quotable("it is b b b b .", ["a?a?a?a?"]), "it is b b b b .")
    assert.isUndefined(serverText.quotable("it is a?a?a?a?", ["a?a?a?a?"]))
  })

  it("is checked for secrets of the response, which are found by field name, even in lists", () => {
    assert.deepStrictEqual(
      [...serverText.secretFields({
        tokens: ["one", { deep: "two" }],
        list: [{ AccessKeySecret: "three" }],
        Code: "four"
      })],
      ["one", "two", "three"]
    )
    const nested = (levels: number): unknown => levels === 0 ? "deep" : { token: nested(levels - 1) }
    assert.deepStrictEqual([...serverText.secretFields(nested(8))], ["deep"])
    assert.isEmpty(serverText.secretFields(nested(9)))
  })

  it("has a request id only if that is hexadecimal and not the secret in another case", () => {
    assert.strictEqual(serverText.requestId("4B4B5A1E-0000", ["other"]), "4B4B5A1E-0000")
    for (const id of [1234, null, "", "1 2", "g", "a".repeat(41)]) assert.isUndefined(serverText.requestId(id, []))
    assert.isUndefined(serverText.requestId("ABCDEF0123456789ABCD", ["abcdef0123456789abcd"]))
    assert.isUndefined(serverText.requestId(escaped(secret.slice(5, 20), (code) => code.toString(16)), [secret]))
  })

  it.prop(
    "are read in work that grows with their length",
    [FastCheck.string({ unit: "grapheme-ascii" })],
    ([piece]) => {
      const sizeOf = (count: number) => readingsOf(piece.repeat(count)).reduce((sum, text) => sum + text.length, 0)
      assert.isAtMost(sizeOf(200), 2 * sizeOf(100) + piece.length * 40)
      assert.isAtMost(sizeOf(200), 16 * 200 * piece.length)
    }
  )

  const harmless = [
    "The specified RoleName does not exist.",
    "Request was denied due to user flow control; retry in 3, 10 or 60 seconds.",
    "You are not authorized to do this action. You should be authorized by RAM.",
    "no healthy upstream at 10.20.30.40:8443 (2026-11-26T02:38:17Z)"
  ]
  for (const text of harmless) {
    it(`are shown: ${text.slice(0, 30)}`, () => {
      assert.strictEqual(serverText.quotable(text, [secret, `CAIS${secret.repeat(40)}`]), text)
    })
  }
})
