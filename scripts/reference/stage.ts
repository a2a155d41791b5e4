/**
 * The sources as docgen takes them. It runs the examples of functions and drops those of classes; here both become part
 * of the description, since the repository checks them by itself.
 */

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

/** Interfaces with the fields of public classes: docgen has only what is exported. */
const withFields = (text: string): string =>
  text.replaceAll(/^((?:\/\*\* .* \*\/\n)?)interface /gm, (_, docstring: string) => {
    const description = docstring.replace(/^\/\*\* (.*) \*\/\n$/, " * $1\n *\n")
    return `/**\n${description} * @category fields\n */\nexport interface `
  })

/** What another module of its own documents is left out. */
const withoutReexports = (text: string): string => text.replaceAll(/^export (?:type )?\* from .*$/gm, "")

export const stage = (file: string, text: string): string => {
  const staged = text.replaceAll(
    /^( *)(\/\*\*[\s\S]*?\*\/)/gm,
    (_, indent: string, docstring: string) => indent + restaged(withoutLinks(docstring)).replaceAll("\n", `\n${indent}`)
  )
  return file.endsWith("index.ts") ? staged : withoutReexports(withFields(staged))
}
