import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck } from "effect"
import { type Ini, parse } from "../../../src/internal/profile/ini.ts"

const plain = ({ sections }: Ini) =>
  Object.fromEntries([...sections].map(([name, keys]) => [name, Object.fromEntries(keys)]))

const readIni = (text: string) => Either.match(parse(text), { onLeft: (issue) => issue, onRight: plain })

/** The value of `key` in a section with this line. */
const value = (line: string) => Either.getOrThrow(parse(`[s]\n${line}`)).sections.get("s")

describe("the INI parser", () => {
  const values: ReadonlyArray<readonly [string, string]> = [
    ["key=ab#cd", "ab#cd"],
    ["key=ab;cd", "ab;cd"],
    ["key=#cd", "#cd"],
    ["key=;cd", ";cd"],
    ["key=a ; note", "a"],
    ["key=a # note", "a"],
    ["key=a\t# note", "a"],
    ["key=a #note with = and : in it", "a"],
    ["key= # nothing", ""],
    ["key=", ""],
    ["key", "an issue"],
    ["key=50%", "50%"],
    ["key=%(other)s", "%(other)s"],
    ["key=\"a b\"", "a b"],
    ["key='a b'", "a b"],
    ["key=\"a # b\"", "a # b"],
    ["key=\"a # b\" ; note", "a # b"],
    ["key=\"a\"b\"", "a\"b"],
    ["key=\"a", "\"a"],
    ["key=a\"", "a\""],
    ["key=\"a'", "\"a'"],
    ["key=\"\"", ""],
    ["key='\"a\"'", "\"a\""],
    ["key:a", "a"],
    ["key: a:b", "a:b"],
    ["key: a # b=c", "a"],
    ["key=a:b", "a:b"],
    ["key:a=b", "an issue"],
    ["key = a = b ==", "a = b =="],
    ["key=a\\", "a\\"],
    ["key=C:\\a\\n", "C:\\a\\n"],
    ["KEY=a", "a"],
    ["  key  =  a  ", "a"],
    ["\tkey=a", "a"],
    ["key=true", "true"],
    ["key=null", "null"],
    ["key=a\nkey=b", "b"],
    ["key=a\r\nother=b", "a"],
    ["key=a\rother=b", "a"]
  ]
  for (const [line, expected] of values) {
    it(`reads ${JSON.stringify(line)}`, () => {
      if (expected === "an issue") assert.notProperty(readIni(`[s]\n${line}`), "key")
      else assert.strictEqual(value(line)?.get("key"), expected)
    })
  }

  it("prefers an equals sign to a colon, wherever they are", () => {
    assert.deepStrictEqual(readIni("[s]\nkey:a=b"), { s: { "key:a": "b" } })
  })

  it("drops a byte order mark", () => {
    assert.deepStrictEqual(readIni("\uFEFF[s]\nkey=a"), { s: { key: "a" } })
  })

  it("does not change section names", () => {
    const text = "[a.b] # note\nkey=1\n[ c ]\nkey=2\n[DEFAULT];note\nkey=3\n[default]\n[__proto__]\nkey=4"
    const { sections } = Either.getOrThrow(parse(text))
    assert.deepStrictEqual([...sections.keys()], ["a.b", "c", "DEFAULT", "default", "__proto__"])
    assert.strictEqual(sections.get("a.b")?.get("key"), "1")
    assert.strictEqual(sections.get("default")?.size, 0)
    assert.strictEqual(sections.get("__proto__")?.get("key"), "4")
  })

  it("merges sections of the same name", () => {
    assert.deepStrictEqual(readIni("[a]\nx=1\ny=1\n[b]\n[a]\ny=2"), { a: { x: "1", y: "2" }, b: {} })
  })

  it("skips comments, empty lines and keys before any section", () => {
    assert.deepStrictEqual(readIni("x=1\n# note\n; note\n\n  # note\n[a]\n   ; note\nx=2"), { a: { x: "2" } })
  })

  const issues: ReadonlyArray<readonly [string, string, number, RegExp]> = [
    ["a section without closing bracket", "[a]\n[secret", 2, /closing bracket/],
    ["text after a section", "\n\n[a] secret", 3, /closing bracket/],
    ["a line without a delimiter", "[a]\r\nx=1\r\nsecret", 3, /neither/],
    ["a value without a key", "[a]\n=secret", 2, /without a key/],
    ["a quoted value on a line of its own", "\"secret\"", 1, /neither/]
  ]
  for (const [name, text, line, reason] of issues) {
    it(`rejects ${name}, by line number`, () => {
      const issue = Either.getOrThrow(Either.flip(parse(text)))
      assert.strictEqual(issue.line, line)
      assert.match(issue.reason, reason)
      assert.notInclude(issue.reason, "secret")
    })
  }

  it.prop("returns any quoted value unchanged", [FastCheck.string()], ([secret]) => {
    const line = secret.replace(/[\r\n]/g, "")
    FastCheck.pre(!/["'][\s]*[\s][#;]/.test(line))
    assert.strictEqual(value(`key="${line}"`)?.get("key"), line)
  })

  it.prop(
    "returns any secret without white space unchanged",
    [FastCheck.string({ unit: "grapheme-ascii" })],
    ([text]) => {
      const secret = text.replace(/\s/g, "")
      FastCheck.pre(!/^(["']).*\1$/.test(secret))
      assert.strictEqual(value(`key=${secret}`)?.get("key"), secret)
    }
  )

  it.prop("never throws", [FastCheck.string({ unit: "binary", maxLength: 200 })], ([text]) => {
    const result = parse(text)
    if (Either.isLeft(result)) assert.isAtLeast(result.left.line, 1)
  })
})
