/**
 * JSON texts in any style of writing: with blanks everywhere, escapes in names, members that stand twice, and numbers
 * that JavaScript cannot represent. They are trees, so that a test knows the text with one value replaced.
 */
import { FastCheck } from "effect"

export type Node =
  | { readonly raw: string }
  | { readonly list: ReadonlyArray<Node> }
  | { readonly members: ReadonlyArray<Member> }

export interface Member {
  readonly name: string
  /** How the name is written, with its quotes. */
  readonly written: string
  readonly value: Node
}

const scalars: ReadonlyArray<string> = [
  "null",
  "true",
  "0",
  "-0",
  "1.50",
  "-1E+2",
  "1e400",
  "12345678901234567890123",
  "\"\"",
  "\"a\"",
  "\"}],{[\"",
  "\"\\\"\\\\\\/\\b\\u0041\"",
  "\"\\ud800\"",
  "\"\u2028\ufeff\"",
  "\"\\\\\""
]

const escapedName = (name: string): string =>
  `"${Array.from(name, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`

/** A member with one of these names, written plainly or with escapes. */
const memberOf = (names: ReadonlyArray<string>, value: FastCheck.Arbitrary<Node>): FastCheck.Arbitrary<Member> =>
  FastCheck.tuple(FastCheck.constantFrom(...names), FastCheck.nat(9), value).map(([name, style, value]) => ({
    name,
    written: style === 0 ? escapedName(name) : JSON.stringify(name),
    value
  }))

const scalar = FastCheck.constantFrom(...scalars).map((raw): Node => ({ raw }))

export const node = (depth: number): FastCheck.Arbitrary<Node> =>
  depth === 0
    ? scalar
    : FastCheck.oneof(
      { weight: 2, arbitrary: scalar },
      { weight: 1, arbitrary: FastCheck.array(node(depth - 1), { maxLength: 3 }).map((list): Node => ({ list })) },
      { weight: 1, arbitrary: object(["a", "b", "__proto__", "", "}"], depth - 1) }
    )

export const object = (names: ReadonlyArray<string>, depth: number): FastCheck.Arbitrary<Node> =>
  FastCheck.array(memberOf(names, node(depth)), { maxLength: 5 }).map((members): Node => ({ members }))

const blank = FastCheck.oneof(
  { weight: 3, arbitrary: FastCheck.constantFrom("", " ") },
  { weight: 1, arbitrary: FastCheck.constantFrom("\n", "\r\n", "\t", "\r", "\n\n  ", " ".repeat(50)) }
)

/** The blanks of a text, in their order. When they are used up, they start anew. */
export const blanks = FastCheck.array(blank, { minLength: 1, maxLength: 20 })

/** The text of a tree. The blanks after a value do not depend on it. */
export const written = (tree: Node, blanks: ReadonlyArray<string>): string => {
  let used = 0
  const gap = () => blanks[used++ % blanks.length] ?? ""
  const joined = (open: string, parts: ReadonlyArray<() => string>, close: string): string =>
    open + gap() + parts.map((part) => part() + gap()).join(`,${gap()}`) + close
  const textOf = (node: Node): string => {
    const start = used
    const text = plain(node)
    used = start
    return text
  }
  const plain = (node: Node): string => {
    if ("raw" in node) return node.raw
    return "list" in node
      ? joined("[", node.list.map((value) => () => textOf(value)), "]")
      : joined(
        "{",
        node.members.map(({ value, written }) => () => `${written}${gap()}:${gap()}${textOf(value)}`),
        "}"
      )
  }
  return gap() + textOf(tree) + gap()
}
