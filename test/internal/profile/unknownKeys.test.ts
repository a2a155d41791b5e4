import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { distance, listed, nearest, suspects } from "../../../src/internal/profile/unknownKeys.ts"

const known = ["type", "policy", "access_key_id", "access_key_secret", "role_arn", "role_name"]

describe("the distance of two words", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["policy", "policy", 0],
    ["polciy", "policy", 1],
    ["poliy", "policy", 1],
    ["pollicy", "policy", 1],
    ["palicy", "policy", 1],
    ["acces_key", "access_keys", 2],
    ["kitten", "sitting", 3],
    ["abcd", "badc", 2]
  ])("%s and %s is %d", (one, other, expected) => {
    assert.strictEqual(distance(one, other), expected)
    assert.strictEqual(distance(other, one), expected)
  })

  it.prop("is at most the longer length, and 0 only for equal words", [FastCheck.string(), FastCheck.string()], ([
    one,
    other
  ]) => {
    const typos = distance(one, other)
    return typos <= Math.max(one.length, other.length) && (typos === 0) === (one === other)
  })
})

describe("the nearest known key", () => {
  it.each([
    ["polciy", "policy"],
    ["accesskeyid", "access_key_id"],
    ["role_arm", "role_arn"],
    ["tpye", "type"],
    ["typo", "type"],
    ["tape_", undefined],
    ["role", undefined],
    ["flavor", undefined],
    ["x".repeat(100_000), undefined]
  ])("to %s is %s", (key, expected) => {
    assert.strictEqual(nearest(key, known), expected)
  })
})

describe("a list of unknown keys", () => {
  it("shows only words, and what was meant", () => {
    const keys = ["polciy", "flavor", "LTAI5tQwErTyUiOpAsDfGhJk", "p0licy"]
    assert.strictEqual(
      listed(keys, known),
      "polciy (did you mean policy?), flavor, a name that cannot be shown, " +
        "a name that cannot be shown (did you mean policy?)"
    )
    assert.deepStrictEqual(suspects(keys, known), [
      "polciy is unknown (did you mean policy?)",
      "a name that cannot be shown is unknown (did you mean policy?)"
    ])
  })
})
