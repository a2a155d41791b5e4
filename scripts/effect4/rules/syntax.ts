/** What rules have in common. */
import ts from "typescript"
import type { Code, Example, Rule } from "../rule.ts"

export interface Called {
  readonly node: ts.CallExpression
  readonly args: ReadonlyArray<ts.Expression>
  /** The arguments in Effect 4. */
  readonly texts: () => ReadonlyArray<string>
  readonly code: Code
}

const split = (member: string): readonly [module: string, name: string] => {
  const at = member.lastIndexOf("#")
  return [member.slice(0, at), member.slice(at + 1)]
}

const isMember = (node: ts.Node, member: string, code: Code): boolean => {
  const found = code.memberOf(node)
  const [module, name] = split(member)
  return found !== undefined && found.module === module && found.name === name
}

/** A rule for the calls of a member. */
export const onCall = (
  member: string,
  why: string,
  example: Example,
  write: (called: Called) => string | undefined
): Rule => ({
  name: `call ${member}`,
  why,
  example,
  apply: (node, code) => {
    if (!ts.isCallExpression(node) || !isMember(node.expression, member, code)) return undefined
    const args = [...node.arguments]
    return write({ node, args, code, texts: () => args.map(code.render) })
  }
})

/** A rule for each use of a member as a value. */
export const onValue = (
  member: string,
  why: string,
  example: Example,
  write: (code: Code, node: ts.Node) => string | undefined
): Rule => ({
  name: `value ${member}`,
  why,
  example,
  apply: (node, code) =>
    (ts.isPropertyAccessExpression(node) || ts.isIdentifier(node)) && !ts.isImportSpecifier(node.parent) &&
      isMember(node, member, code)
      ? write(code, node)
      : undefined
})

/** The text of a field of an object literal, also of a method or of a shorthand. */
export const fieldOf = (literal: ts.Node | undefined, name: string, code: Code): string | undefined => {
  if (literal === undefined || !ts.isObjectLiteralExpression(literal)) return undefined
  const field = literal.properties.find((property) => property.name?.getText() === name)
  if (field === undefined) return undefined
  if (ts.isPropertyAssignment(field)) return code.render(field.initializer)
  return ts.isShorthandPropertyAssignment(field) ? field.name.text : code.fail(field, `${name} is written as a method`)
}

/** The fields of an object literal besides some of them. */
export const fieldsBesides = (
  literal: ts.ObjectLiteralExpression,
  names: ReadonlyArray<string>,
  code: Code
): ReadonlyArray<string> =>
  literal.properties.filter((property) => !names.includes(property.name?.getText() ?? "")).map(code.render)

/** Both forms of a function: with what it is applied to as the first argument, and without. */
export const dual = (
  { args, texts }: Called,
  arity: number,
  write: (self: string, rest: ReadonlyArray<string>) => string
): string => {
  const all = texts()
  const [first = "", ...rest] = all
  return args.length >= arity ? write(first, rest) : `(self) => ${write("self", all)}`
}
