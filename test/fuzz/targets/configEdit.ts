/**
 * An edit of `config.json` changes one value, or adds one, and leaves every other character as it is.
 */
import { assert } from "@effect/vitest"
import { FastCheck } from "effect"
import { startsOf, withMembers } from "../../../src/internal/files/jsonText.ts"
import { linesOf } from "../../../src/internal/wire/jsonSyntax.ts"
import { blanks, type Member, type Node, node, object, written } from "../jsonTexts.ts"
import { target } from "../target.ts"

const edited = ["sts_token", "sts_expiration", "access_key_id"]

const profile = object([...edited, "name", "x", "}", "__proto__"], 2)

const file = FastCheck.record({
  mark: FastCheck.constantFrom("", "\ufeff"),
  before: object(["profiles", "current", "a"], 2),
  profiles: FastCheck.array(FastCheck.oneof({ weight: 4, arbitrary: profile }, { weight: 1, arbitrary: node(1) }), {
    minLength: 1,
    maxLength: 4
  }),
  after: object(["current", "b", "unknown"], 2),
  blanks,
  index: FastCheck.nat(3),
  name: FastCheck.constantFrom(...edited),
  value: FastCheck.oneof<[FastCheck.Arbitrary<string>, FastCheck.Arbitrary<number>]>(
    FastCheck.string({ maxLength: 20 }),
    FastCheck.nat()
  )
})

type File = typeof file extends FastCheck.Arbitrary<infer A> ? A : never

const membersOf = (node: Node): ReadonlyArray<Member> => "members" in node ? node.members : []

const textOf = ({ after, before, blanks, mark }: File, list: ReadonlyArray<Node>): string => {
  const profiles: Member = { name: "profiles", written: "\"profiles\"", value: { list } }
  return mark + written({ members: [...membersOf(before), profiles, ...membersOf(after)] }, blanks)
}

/** The profile with another value of its last member of that name, which is the one that parsers see. */
const replaced = (profile: Node, name: string, value: string | number): Node | undefined => {
  const members = membersOf(profile)
  const last = members.map((member) => member.name).lastIndexOf(name)
  return last === -1
    ? undefined
    : {
      members: members.map((member, at) => at === last ? { ...member, value: { raw: JSON.stringify(value) } } : member)
    }
}

const withoutMark = (text: string): string => text.replace(/^\ufeff/, "")

/** Nothing but one piece was put in. */
const assertInserted = (before: string, after: string): void => {
  let same = 0
  while (same < before.length && before[same] === after[same]) same += 1
  assert.strictEqual(after.slice(0, same) + after.slice(after.length - (before.length - same)), before)
}

const check = (input: File): void => {
  const { index, name, profiles, value } = input
  const text = textOf(input, profiles)
  const profile = profiles[index]
  const changed = withMembers(text, ["profiles", index], { [name]: value })
  const starts = startsOf(text, ["profiles"])
  assert.deepStrictEqual(starts.map((start) => text[start]), profiles.map((each) => written(each, [""])[0]))
  assert.deepStrictEqual(
    linesOf(text, starts),
    starts.map((start) => text.slice(0, start).replaceAll("\r\n", "\n").split(/[\r\n]/).length)
  )
  if (profile === undefined || !("members" in profile)) return assert.isUndefined(changed)
  assert.isDefined(changed)
  const expected = replaced(profile, name, value)
  if (expected !== undefined) {
    return assert.strictEqual(changed, textOf(input, profiles.map((each, at) => at === index ? expected : each)))
  }
  assertInserted(text, changed)
  const tree = JSON.parse(withoutMark(text)) as { readonly profiles: ReadonlyArray<object> }
  Object.assign(tree.profiles[index] ?? {}, { [name]: value })
  assert.deepStrictEqual(JSON.parse(withoutMark(changed)), tree)
}

export default target({ name: "configEdit", share: 20, inputs: file, check })
