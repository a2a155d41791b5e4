/**
 * The sources as docgen takes them. It runs the examples of functions and drops those of classes; here both become part
 * of the description, since the repository checks them by itself.
 */
import { createHash } from "node:crypto"
import ts from "typescript"

/** The lines of a docstring without its frame. */
const linesOf = (docstring: string): ReadonlyArray<string> =>
  docstring.replace(/^\/\*\*\s?/, "").replace(/\s*\*\/$/, "").split("\n").map((line) => line.replace(/^\s*\* ?/, ""))

const framed = (lines: ReadonlyArray<string>): string =>
  ["/**", ...lines.map((line) => line === "" ? " *" : ` * ${line}`), " */"].join("\n")

interface Parts {
  readonly description: ReadonlyArray<string>
  readonly examples: ReadonlyArray<string>
  readonly tags: ReadonlyArray<string>
}

const split = (lines: ReadonlyArray<string>): Parts => {
  const parts = { description: [] as Array<string>, examples: [] as Array<string>, tags: [] as Array<string> }
  let into: keyof Parts = "description"
  let inFence = false
  for (const line of lines) {
    if (line.startsWith("```")) inFence = !inFence
    const [, tag] = inFence ? [] : /^@(\w+)/.exec(line) ?? []
    if (tag !== undefined) into = tag === "example" ? "examples" : "tags"
    if (tag === "example") parts.examples.push("", "**Example**", "")
    else parts[into].push(line)
  }
  return parts
}

const restaged = (docstring: string): string => {
  const { description, examples, tags } = split(linesOf(docstring))
  return examples.length === 0 ? docstring : framed([...description, ...examples, "", ...tags])
}

/** A name in backticks in place of `{@link name}`, which docgen leaves as it is. */
const withoutLinks = (docstring: string): string => docstring.replaceAll(/\{@link (\S+?)\}/g, "`$1`")

/** A package at the beginning of a line in backticks: docgen takes a bare `@` there for a tag. */
const withoutPackages = (docstring: string): string =>
  docstring.replaceAll(/^(\s*(?:\/\*\*|\*) )(@[\w-]+\/[\w-]+)/gm, "$1`$2`")

/** The names in the types of a declaration, but not those in the bodies of functions. */
const namesIn = (declaration: ts.Node): ReadonlySet<string> => {
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) names.add(node.typeName.text)
    if (ts.isExpressionWithTypeArguments(node) && ts.isIdentifier(node.expression)) names.add(node.expression.text)
    const body = ts.isArrowFunction(node) ? node.body : undefined
    node.forEachChild((child) => {
      if (child !== body && !ts.isBlock(child)) visit(child)
    })
  }
  visit(declaration)
  return names
}

const isExported = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true

/** The interfaces that are not exported, but part of what is. */
const fieldsIn = (text: string): ReadonlySet<string> => {
  const { statements } = ts.createSourceFile("module.ts", text, ts.ScriptTarget.Latest)
  const internal = new Map(
    statements.filter(ts.isInterfaceDeclaration).filter((statement) => !isExported(statement)).map((statement) => [
      statement.name.text,
      statement
    ])
  )
  const found = new Set<string>()
  const add = (declaration: ts.Node): void => {
    for (const name of namesIn(declaration)) {
      const declared = internal.get(name)
      if (declared === undefined || found.has(name)) continue
      found.add(name)
      add(declared)
    }
  }
  for (const statement of statements.filter(isExported)) add(statement)
  return found
}

/** Exports the interfaces with the fields of public declarations: docgen has only what is exported. */
const withFields = (text: string): string => {
  const fields = fieldsIn(text)
  return text.replaceAll(
    /^((?:\/\*\* .* \*\/\n)?)interface (\w+)/gm,
    (declaration: string, docstring: string, name: string) => {
      const description = docstring.replace(/^\/\*\* (.*) \*\/\n$/, " * $1\n *\n")
      return fields.has(name) ? `/**\n${description} * @category fields\n */\nexport interface ${name}` : declaration
    }
  )
}

/** What another module of its own documents is left out. */
const withoutReexports = (text: string): string => text.replaceAll(/^export (?:type )?\* from .*$/gm, "")

export const stage = (file: string, text: string): string => {
  const staged = text.replaceAll(
    /^( *)(\/\*\*[\s\S]*?\*\/)/gm,
    (_, indent: string, docstring: string) =>
      indent + restaged(withoutLinks(withoutPackages(docstring))).replaceAll("\n", `\n${indent}`)
  )
  return file.endsWith("index.ts") ? staged : withoutReexports(withFields(staged))
}

/** A short hash, by which a page shows whether it is that of the present source. */
export const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16)

/** The last line of a page, which has the hashes of its source and of its own text. */
export const mark = (staged: string, page: string): string =>
  `<!-- Made from ${digest(staged)} as ${digest(page)} -->\n`
