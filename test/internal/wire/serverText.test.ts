import { assert, describe, it } from "@effect/vitest"
import * as serverText from "../../../src/internal/wire/serverText.ts"

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
    "with spaces between the letters": (text) => Array.from(text).join(" "),
    "with invisible spaces between the letters": (text) => Array.from(text).join("\u200b"),
    "split into short lines": (text) => text.replace(/.{9}/g, "$&\n"),
    "with escaped slashes": (text) => text.replaceAll("/", "\\/"),
    "only in part": (text) => text.slice(0, 14)
  }
  for (const [how, echo] of Object.entries(echoes)) {
    it(`is hidden if it contains a secret ${how}`, () => {
      assert.isUndefined(serverText.quotable(`not valid: ${echo(secret)}, sorry`, [secret]))
    })
  }

  it("is shown otherwise, without anything that looks like a secret of another request", () => {
    assert.strictEqual(serverText.quotable("the role\n does not exist", [secret]), "the role does not exist")
    assert.strictEqual(serverText.quotable(`token ${secret}!`, []), "token …!")
  })

  it("is hidden if the response has too many secrets to check", () => {
    const json = { Message: "a", token: `${"a".repeat(11)}b`.repeat(8000) }
    assert.isUndefined(serverText.quotable(json.Message, serverText.secretFields(json)))
    assert.strictEqual(serverText.quotable(json.Message, [json.token.slice(0, 60_000)]), "a")
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
  })
})
