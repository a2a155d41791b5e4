/**
 * JSON: what is said of a text agrees with the parser of the runtime.
 */
import { assert } from "@effect/vitest"
import { FastCheck, Option } from "effect"
import { ofNoJson } from "../../../src/internal/wire/appearance.ts"
import { parseJson } from "../../../src/internal/wire/json.ts"
import { flawOf } from "../../../src/internal/wire/jsonSyntax.ts"
import { isJson } from "../../support/json.ts"
import { anyText, damaged, wordsOf } from "../damage.ts"
import { blanks, node, written } from "../jsonTexts.ts"
import { target } from "../target.ts"

const texts = FastCheck.oneof(
  damaged(FastCheck.tuple(node(3), blanks).map(([tree, blanks]) => written(tree, blanks))),
  wordsOf("{", "}", "[", "]", ",", ":", "\"a\"", "1", "-", "0", ".", "e", "null", "tru", "\\", "\"", "/*", "'", "//"),
  anyText
)

export default target({
  name: "json",
  share: 10,
  inputs: texts,
  check: (text) => {
    // A mark before the text is no mistake in a file.
    const flaw = flawOf(text)
    assert.strictEqual(flaw === undefined, isJson(text.replace(/^\ufeff/, "")), JSON.stringify(flaw))
    if (Option.isSome(parseJson(text))) assert.isUndefined(flaw)
    if (flaw === undefined) return
    const lines = text.split(/\r\n|\r|\n/)
    assert.isAtMost(flaw.line, lines.length)
    assert.isAtMost(flaw.column, (lines[flaw.line - 1] ?? "").length + 1)
    assert.match(
      ofNoJson(text),
      /^(?:an empty answer|an HTML page \(a login page\?\)|XML|not JSON \(line \d+, column \d+\))$/
    )
  }
})
