import { assert, describe, it, vi } from "@effect/vitest"
import { FastCheck } from "effect"
import { readingsOf } from "../../../src/internal/wire/disguise.ts"
import * as serverText from "../../../src/internal/wire/serverText.ts"
import { echoes, escaped } from "../../support/echoes.ts"

describe("the message of a server", () => {
  const secret = "kJ3d/fG7+hLq2Wm9ZxT5bNv8Rc=Yp4stu"
  const escaped = (text: string, write: (code: number) => string) =>
    Array.from(text).map((char) => write(char.charCodeAt(0))).join("")
  const echoes: Readonly<Record<string, (text: string) => string>> = {
    "unchanged": (text) => text,
    "in capitals": (text) => text.toUpperCase(),
    "with JSON escapes": (text) => escaped(text, (code) => `\\u${code.toString(16).padStart(4, "0")}`),
    "with HTML entities": (text) => escaped(text, (code) => `&#${code};`),
    "with hexadecimal entities": (text) => escaped(text, (code) => `&#x${code.toString(16)};`),
    "in full-width letters": (text) =>
      text.replace(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)),
    "with blanks between the letters": (text) => Array.from(text).join(" "),
    "with invisible blanks between the letters": (text) => Array.from(text).join("\u200b"),
    "in short lines": (text) => text.replace(/.{9}/g, "$&\n"),
    "with slashes of JSON": (text) => text.replaceAll("/", "\\/"),
    "by half": (text) => text.slice(0, 14),
    "with dots between the letters": (text) => Array.from(text).join("."),
    "with commas between the letters": (text) => Array.from(text).join(", "),
    "with escapes of JavaScript": (text) => escaped(text, (code) => `\\x${code.toString(16)}`),
    "with escapes of code points": (text) => escaped(text, (code) => `\\u{${code.toString(16)}}`),
    "with escapes of a shell": (text) => escaped(text, (code) => `\\${code.toString(8).padStart(3, "0")}`),
    "with entities that do not end": (text) => escaped(text, (code) => `&#${code}`),
    "with entities of percent signs": (text) => escaped(text, (code) => `&#37;${code.toString(16)}`),
    "in hexadecimal": (text) => escaped(text, (code) => code.toString(16)),
    "in spaced hexadecimal": (text) => escaped(text, (code) => `${code.toString(16)} `),
    "in hexadecimal numbers": (text) => escaped(text, (code) => `0x${code.toString(16)}, `),
    "in decimal": (text) => escaped(text, (code) => `${code} `),
    "in octal": (text) => escaped(text, (code) => `${code.toString(8)} `),
    "as a list of letters": (text) => JSON.stringify(Array.from(text)),
    "as a list of codes": (text) => JSON.stringify(Array.from(text).map((char) => char.charCodeAt(0))),
    "in Base64 in short lines": (text) => btoa(text).replace(/.{8}/g, "$&\r\n"),
    "in Base64 of URLs, behind a letter": (text) => btoa(`x${text}`).replaceAll("+", "-").replaceAll("/", "_"),
    "in Base64, behind two letters": (text) => btoa(`xy${text}z`),
    "in lines that are escaped": (text) => text.replace(/.{5}/g, "$&\\n"),
    "with tags between the letters": (text) => Array.from(text).join("<br>"),
    "with entities between the letters": (text) => Array.from(text).join("&shy;"),
    "as the JSON of its bytes": (text) => JSON.stringify(new TextEncoder().encode(text)),
    "in the notation of Unicode": (text) => escaped(text, (code) => `U+${code.toString(16).padStart(4, "0")} `),
    "in hexadecimal of assemblers": (text) => escaped(text, (code) => `${code.toString(16)}h `),
    "with JSON escapes of every other letter": (text) =>
      text.replace(/(.)(.)/g, (_, one: string, two: string) => `\\u00${one.charCodeAt(0).toString(16)}${two}`),
    "with JSON escapes in capitals": (text) => escaped(text, (code) => `\\U00${code.toString(16)}`),
    "with escapes of JavaScript in capitals": (text) => escaped(text, (code) => `\\X${code.toString(16)}`),
    "with hexadecimal entities in capitals": (text) => escaped(text, (code) => `&#X${code.toString(16)};`),
    "with entities in capitals between the letters": (text) => Array.from(text).join("&SHY;"),
    "with accents": (text) => Array.from(text).join("\u0301"),
    "reversed": (text) => Array.from(text).reverse().join(""),
    "reversed, in Base64": (text) => Array.from(btoa(text)).reverse().join(""),
    "by its first letters": (text) => text.slice(0, 11),
    "by its last letters": (text) => text.slice(-11)
  }
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

  it("is hidden if the response has too many secrets to check", () => {
    const json = { Message: "a", token: `${"a".repeat(11)}b`.repeat(8000) }
    assert.isUndefined(serverText.quotable(json.Message, serverText.secretFields(json)))
    assert.strictEqual(serverText.quotable(json.Message, [json.token.slice(0, 60_000)]), "a")
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
  })

  it("has a request id only if that is hexadecimal and not the secret in another case", () => {
    assert.strictEqual(serverText.requestId("4B4B5A1E-0000", ["other"]), "4B4B5A1E-0000")
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
