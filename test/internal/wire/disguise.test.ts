import { assert, describe, it } from "@effect/vitest"
import { holdsSecret, readingsOf } from "../../../src/internal/wire/disguise.ts"
import { echoes, escaped } from "../../support/echoes.ts"

const joined = (letters: string, sign: string): string => Array.from(letters).join(sign)

describe("a secret in a text", () => {
  // So few letters are no coincidence only together with the signs between them.
  const signs: ReadonlyArray<readonly [sign: string, echo: string]> = [
    ["/", "/"],
    ["/", "\\/"],
    ["/", "\\\\\\/"],
    ["/", "\\57"],
    ["/", "\\057"],
    ["/", "\\x2f"],
    ["/", "\\u002f"],
    ["/", "%u002F"],
    ["/", "\\u{2f}"],
    ["/", "%2F"],
    ["/", "%25252F"],
    ["/", "&#47"],
    ["/", "&#x2f;"],
    ["&", "&amp;"],
    ["&", "&AMP;"],
    ["<", "&lt;"],
    [">", "&gt;"],
    ["\"", "&quot;"],
    ["'", "&apos;"],
    ["+", " "],
    [" ", "+"],
    [" ", "&nbsp;"],
    [" ", "<br>"],
    [" ", "\\n"]
  ]
  for (const [sign, echo] of signs) {
    it(`is recognized by a part with signs, ${JSON.stringify(sign)} as ${JSON.stringify(echo)}`, () => {
      const secrets = [joined("abcdefghijk", sign)]
      assert.isTrue(holdsSecret(joined("abcde", echo), secrets))
      assert.isFalse(holdsSecret(joined("abcxy", echo), secrets))
    })
  }

  const secret = "kJ3d/fG7+hLq2Wm9ZxT5bNv8Rc"
  const others: ReadonlyArray<readonly [how: string, secret: string, text: string]> = [
    ["with code points of six digits", secret, escaped(secret, (code) => `\\u{${code.toString(16).padStart(6, "0")}}`)],
    [
      "in full-width letters with JSON escapes",
      secret,
      echoes["with JSON escapes"]!(echoes["in full-width letters"]!(secret))
    ],
    ["with percent signs of its own", "ab%41cd%42ef", "not valid: ab%41cd%42ef"],
    ["as the JSON of a few bytes", secret, JSON.stringify(new TextEncoder().encode(secret.slice(0, 12)))],
    ["behind a backslash", secret, escaped(secret, (code) => `\\&#x${code.toString(16)};`)],
    ["with escaped percent signs in its letters", "密码密码密码密码", "%e5\\x25af%86%e7\\x25a0%81".repeat(4)],
    ["in decimal, with letters that are not ASCII", "äöüéèñçß", "228 246 252 233 232 241 231 223"]
  ]
  for (const [how, secret, text] of others) {
    it(`is recognized ${how}`, () => {
      assert.isTrue(holdsSecret(text, [secret]))
    })
  }

  it("is recognized by eight letters anywhere, and not by seven", () => {
    for (const text of ["kjdfghlq", "it is kjdfghlq", "kjdfghlq it is", "qlhgfdjk is it"]) {
      assert.isTrue(holdsSecret(text, ["another", "kjdfghlq"]), text)
      assert.isTrue(holdsSecret(text, ["wxkjdfghlqyz"]), text)
    }
    for (const text of ["", "kjdfghl is it", "is it kjdfghl", "it kjdfghl is"]) {
      assert.isFalse(holdsSecret(text, ["kjdfghlqwx"]), text)
      assert.isFalse(holdsSecret(text, ["wxkjdfghl!!"]), text)
    }
  })

  it("is recognized only as a whole if it is shorter", () => {
    for (const text of ["hunter2", "not valid: HUNTER2!", "h-u-n-t-e-r-2", "%68unter2", "hunter20"]) {
      assert.isTrue(holdsSecret(text, ["another", "hunter2"]), text)
    }
    for (const text of ["", "hunter", "unter2"]) assert.isFalse(holdsSecret(text, ["hunter2"]), text)
    assert.isTrue(holdsSecret("not !? valid", ["!?"]))
    assert.isFalse(holdsSecret("not valid", ["!?", ""]))
  })

  it("is not looked for if there are more than 64 KiB of them: a text may hold any of these", () => {
    assert.isTrue(holdsSecret("not valid", ["-".repeat(64 * 1024), "!"]))
  })

  it("is looked for beside escapes of characters that do not exist", () => {
    assert.include(readingsOf("a\\u{10ffff}b"), "a\u{10ffff}b")
    for (const text of ["\\u{110000}", "&#x110000;", "&#1114112;"]) {
      assert.isFalse(holdsSecret(text, [secret]), text)
      assert.isTrue(holdsSecret(`${text} ${secret}`, [secret]), text)
    }
  })
})
