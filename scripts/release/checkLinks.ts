/** Checks that no link of a packed Markdown file breaks: `checkLinks.ts FOLDER`, for the edition in that folder. */
import { readFileSync } from "node:fs"
import path from "node:path"
import { brokenLinks, linksOf } from "./links.ts"
import { packedFiles } from "./packed.ts"

const folder = process.argv[2] ?? "."
const files = new Map(
  packedFiles(folder).map((file) => [file, file.endsWith(".md") ? readFileSync(path.join(folder, file), "utf8") : ""])
)
const documents = [...files].filter(([file]) => file.endsWith(".md"))
const broken = brokenLinks(files)
if (broken.length > 0) {
  console.error(
    `${broken.join("\n")}\n\n${broken.length} links of the package break: link to a file of the package, or ` +
      "write the path as code, followed by \"in the repository\""
  )
  process.exitCode = 1
} else {
  const links = documents.reduce((sum, [, text]) => sum + linksOf(text).length, 0)
  console.log(`${links} links of ${documents.length} packed documents lead to files of the package, or to addresses`)
}
