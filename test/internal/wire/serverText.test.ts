import { assert, describe, it } from "@effect/vitest"
import * as serverText from "../../../src/internal/wire/serverText.ts"

describe("the words of a server", () => {
  const secret = "kJ3d/fG7+hLq2Wm9ZxT5bNv8Rc=Yp4stu"
  const escaped = (text: string, write: (code: number) => string) =>
    Array.from(text).map((char) => write(char.charCodeAt(0))).join("")
  const echoes: Readonly<Record<string, (text: string) => string>> = {
    "as it is": (text) => text,
    "in capitals": (text) => text.toUpperCase(),
    "with escapes of JSON": (text) => escaped(text, (code) => `\\u${code.toString(16).padStart(4, "0")}`),
    "with entities of HTML": (text) => escaped(text, (code) => `&#${code};`),
    "with hexadecimal entities": (text) => escaped(text, (code) => `&#x${code.toString(16)};`),
    "in full-width letters": (text) =>
      text.replace(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)),
    "with blanks between the letters": (text) => Array.from(text).join(" "),
    "with invisible blanks between the letters": (text) => Array.from(text).join("\u200b"),
    "in short lines": (text) => text.replace(/.{9}/g, "$&\n"),
    "with slashes of JSON": (text) => text.replaceAll("/", "\\/"),
    "by half": (text) => text.slice(0, 14)
  }
  for (const [how, echo] of Object.entries(echoes)) {
    it(`are kept back when they hold a secret ${how}`, () => {
      assert.isUndefined(serverText.quotable(`not valid: ${echo(secret)}, sorry`, [secret]))
    })
  }

  it("are shown when they do not, without what looks like a secret of somebody else", () => {
    assert.strictEqual(serverText.quotable("the role\n does not exist", [secret]), "the role does not exist")
    assert.strictEqual(serverText.quotable(`token ${secret}!`, []), "token …!")
  })

  it("are kept back when an answer claims to have more secrets than can be looked for", () => {
    const json = { Message: "a", token: `${"a".repeat(11)}b`.repeat(8000) }
    assert.isUndefined(serverText.quotable(json.Message, serverText.secretFields(json)))
    assert.strictEqual(serverText.quotable(json.Message, [json.token.slice(0, 60_000)]), "a")
  })

  it("tell their own secrets by name, also in lists below the name", () => {
    assert.deepStrictEqual(
      [...serverText.secretFields({
        tokens: ["one", { deep: "two" }],
        list: [{ AccessKeySecret: "three" }],
        Code: "four"
      })],
      ["one", "two", "three"]
    )
  })

  it("are a request id in hexadecimal, unless it is the secret in other letters", () => {
    assert.strictEqual(serverText.requestId("4B4B5A1E-0000", ["other"]), "4B4B5A1E-0000")
    assert.isUndefined(serverText.requestId("ABCDEF0123456789ABCD", ["abcdef0123456789abcd"]))
  })
})
