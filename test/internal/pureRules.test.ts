/**
 * Rules of plain functions that servers and clocks out of order put to the test.
 */
import { assert, describe, it } from "@effect/vitest"
import { Either, Option, Schema } from "effect"
import * as deadlines from "../../src/internal/provider/deadlines.ts"
import { decodeJson, parseJson } from "../../src/internal/wire/json.ts"
import * as serverText from "../../src/internal/wire/serverText.ts"
import { localExpiration } from "../../src/internal/wire/session.ts"
import { formatInstant, parseHttpDate, parseServerDate, skew } from "../../src/internal/wire/time.ts"

const hour = 3_600_000
const now = Date.parse("2026-01-02T03:04:05Z")

describe("the date of an answer", () => {
  it("is believed in the form of HTTP only", () => {
    assert.strictEqual(parseHttpDate("Fri, 02 Jan 2026 03:04:05 GMT"), now)
    for (
      const text of [
        "+275760-09-13T00:00:00Z",
        "-271821-04-20T00:00:00Z",
        "0",
        "2026",
        "",
        "Fri, 99 Foo 2026 03:04:05 GMT"
      ]
    ) {
      assert.isUndefined(parseHttpDate(text), text)
    }
  })

  it("never makes a timestamp that cannot be written", () => {
    for (const date of ["Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 0001 00:00:00 GMT"]) {
      assert.match(
        formatInstant(now + skew(now, parseServerDate(date, undefined))),
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
      )
    }
  })

  it("moves the end of a session to the local clock, unless no session could last that long", () => {
    const stated = now + hour
    assert.strictEqual(localExpiration(stated, now, now - 2 * hour), now + 3 * hour)
    assert.strictEqual(localExpiration(stated + 2 * hour, now, now + 2 * hour), stated)
    assert.strictEqual(localExpiration(stated, now, Date.UTC(1970, 0)), stated)
  })
})

describe("JSON", () => {
  const deep = (levels: number) => `{"AccessKeyId":${"[".repeat(levels)}${"]".repeat(levels)}}`

  it("that is too deep for a stack is an answer like any other that is none", () => {
    assert.isTrue(Option.isSome(parseJson(deep(100))))
    assert.isTrue(Option.isNone(parseJson(deep(200_000))))
    const decoded = decodeJson(Schema.Struct({ AccessKeyId: Schema.String }))("test", deep(200_000))
    assert.strictEqual(Either.getOrThrow(Either.flip(decoded))._tag, "CredentialsMalformed")
  })

  it("may hold brackets in its texts", () => {
    assert.isTrue(Option.isSome(parseJson(JSON.stringify({ a: `${"[{".repeat(500)}\\"` }))))
  })
})

describe("deadlines", () => {
  it("take no notice of members that are undefined, and of a jitter that is no number", () => {
    const odd = { prefetch: undefined, jitter: NaN } as unknown as { readonly jitter: number }
    assert.deepStrictEqual(deadlines.policy(odd), deadlines.policy({}))
    assert.strictEqual(deadlines.policy({ jitter: 7 }).jitter, 1)
    assert.strictEqual(deadlines.policy({ jitter: -7 }).jitter, 0)
  })

  it("wait for Retry-After, and for five minutes at most", () => {
    const policy = deadlines.policy({ jitter: 0 })
    assert.strictEqual(deadlines.backoff(policy, 0, 0, 0), 100)
    assert.strictEqual(deadlines.backoff(policy, 0, 0, 30_000), 30_000)
    assert.strictEqual(deadlines.backoff(policy, 50, 0, 0), 10_000)
    assert.strictEqual(deadlines.backoff(policy, 0, 0, 1e12), 300_000)
  })

  it("are over when their time came, and when the clock went back past their start", () => {
    assert.isFalse(deadlines.isOver(0, 10, 10))
    assert.isTrue(deadlines.isOver(10, 10, 10))
    assert.isTrue(deadlines.isOver(-1, 10, 10))
  })
})

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
