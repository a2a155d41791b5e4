/** Pages as docgen writes them become Markdown that reads well anywhere. */

const slug = (heading: string): string => heading.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-")

const fence = /^```[\s\S]*?^```$/gm

/** Changes everything but the code. */
const outsideOfCode = (text: string, change: (prose: string) => string): string => {
  let rest = 0
  const parts: Array<string> = []
  for (const match of text.matchAll(fence)) {
    parts.push(change(text.slice(rest, match.index)), match[0])
    rest = match.index + match[0].length
  }
  return [...parts, change(text.slice(rest))].join("")
}

const withoutFrontMatter = (text: string): string => text.slice(text.indexOf("\n## ") + 1)

/** The title is the heading of the first level, so the others go down by one. */
const lowered = (text: string): string => outsideOfCode(text, (prose) => prose.replaceAll(/^(#+) /gm, "#$1 "))

/** The version that declarations exist since is the same for all, and that of no release. */
const withoutVersions = (text: string): string =>
  outsideOfCode(text, (prose) => prose.replaceAll(/^Added in v\S+\n+/gm, ""))

/** The mark of an error is for the guards of its module. */
const withoutTypeIds = (text: string): string =>
  text.replaceAll(/^#### \[TypeId\] \(property\)\n[\s\S]*?(?=^#{1,4} |$(?![\s\S]))/gm, "")

const contents = (text: string): string =>
  Array.from(
    text.replaceAll(fence, "").matchAll(/^(##|###) (.+)$/gm),
    ([, marks = "", heading = ""]) => `${marks === "##" ? "" : "  "}- [${heading}](#${slug(heading)})`
  ).join("\n")

/** The name of a module, from the path of its page, as in `testing/LocalCloud.ts.md`. */
export const moduleOf = (file: string): string => file.replace(/\.ts\.md$/, "")

export const page = (file: string, text: string): string => {
  const name = moduleOf(file)
  const [head = "", body = ""] = withoutFrontMatter(text).split(/^<h2 class="text-delta">[\s\S]*?^---$/m)
  const overview = head.replace(/^## .* overview\n/, "").replaceAll(/^---$/gm, "")
  const rest = withoutTypeIds(lowered(withoutVersions(body))).trim()
  return [`# ${name}`, withoutVersions(overview).trim(), contents(rest), rest].join("\n\n").replaceAll(
    /[ \t]+$/gm,
    ""
  ) + "\n"
}

/** Names of documents become links, from the page of a module. */
export const linked = (file: string, text: string, exists: (document: string) => boolean): string => {
  const up = "../".repeat(file.split("/").length)
  return outsideOfCode(text, (prose) =>
    prose.replaceAll(
      /(?<![\w/(`[])(`?)docs\/([\w-]+\.md)\1/g,
      (name: string, _, document: string) => exists(`docs/${document}`) ? `[${name}](${up}${document})` : name
    ))
}

/** The first sentence of a page. */
export const summary = (text: string): string => {
  const [, paragraph = ""] = text.split("\n\n")
  const [sentence = paragraph] = /^[\s\S]*?(?:\.(?=\s|$)|:(?=\n))/.exec(paragraph) ?? []
  return sentence.replaceAll("\n", " ").replace(/:$/, ".")
}
