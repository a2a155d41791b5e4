/** Finds links of Markdown files that lead out of the package. */

/** The files of the package by path. Only the texts of Markdown files are read. */
export type Files = ReadonlyMap<string, string>

interface Link {
  readonly target: string
  readonly line: number
}

/** The text without code, in which brackets are no links. Lines stay where they are. */
const withoutCode = (text: string): string =>
  text
    .replace(/^( *)(`{3,}|~{3,}).*\n[\s\S]*?^\1\2.*$/gm, (code) => code.replace(/[^\n]/g, ""))
    .replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, (code) => code.replace(/[^\n]/g, "x"))

const patterns = [
  // [text](target), ![text](target), and each of the targets of an image that is a link
  /\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g,
  // [name]: target
  /^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm,
  /\b(?:href|src)\s*=\s*["']([^"']+)["']/g
]

export const linksOf = (text: string): ReadonlyArray<Link> => {
  const prose = withoutCode(text)
  return patterns
    .flatMap((pattern) => [...prose.matchAll(pattern)])
    .sort((one, other) => one.index - other.index)
    .map(({ 1: target = "", index }) => ({ target, line: prose.slice(0, index).split("\n").length }))
}

/** The anchors that GitHub and the npm registry give to headings. */
export const anchorsOf = (text: string): ReadonlySet<string> => {
  const found = new Set<string>()
  for (
    const [, title = ""] of text.replace(/^( *)(`{3,}).*\n[\s\S]*?^\1\2.*$/gm, "").matchAll(/^#{1,6} +(.+?) *#*$/gm)
  ) {
    const plain = title.replace(/\]\([^)]*\)/g, "").toLowerCase().replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-")
    let anchor = plain
    for (let times = 1; found.has(anchor); times++) anchor = `${plain}-${times}`
    found.add(anchor)
  }
  return found
}

/** The path of a relative link, or `undefined` if it leaves the package. */
const resolve = (from: string, target: string): string | undefined => {
  const parts = from.split("/").slice(0, -1)
  for (const part of target.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return undefined
    } else if (part !== "." && part !== "") parts.push(part)
  }
  return parts.join("/")
}

const problemOf = (files: Files, from: string, target: string): string | undefined => {
  if (/^[a-z][a-z\d+.-]*:/i.test(target)) return undefined
  if (target.startsWith("/")) return "does not begin in the folder of the file"
  const [relative = "", anchor] = target.split("#")
  const path = relative === "" ? from : resolve(from, decodeURI(relative))
  if (path === undefined) return "leads out of the package"
  const text = files.get(path)
  if (text === undefined) {
    const isFolder = [...files.keys()].some((file) => file.startsWith(`${path}/`))
    return isFolder && anchor === undefined ? undefined : "is not in the package"
  }
  return anchor !== undefined && path.endsWith(".md") && !anchorsOf(text).has(anchor)
    ? `has no heading for #${anchor}`
    : undefined
}

/** One line for each link that breaks: the file, the line, the link and what is wrong. */
export const brokenLinks = (files: Files): ReadonlyArray<string> =>
  [...files].filter(([file]) => file.endsWith(".md")).flatMap(([file, text]) =>
    linksOf(text).flatMap(({ line, target }) => {
      const problem = problemOf(files, file, target)
      return problem === undefined ? [] : [`${file}:${line}: ${target} ${problem}`]
    })
  )
