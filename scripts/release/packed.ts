/** The files that `npm pack` takes from a folder. */
import { execFileSync } from "node:child_process"

export const packedFiles = (folder: string): ReadonlyArray<string> => {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    shell: process.platform === "win32"
  })
  const [pack] = JSON.parse(output) as ReadonlyArray<{ readonly files: ReadonlyArray<{ readonly path: string }> }>
  if (pack === undefined) throw new Error(`npm packs nothing from ${folder}`)
  return pack.files.map(({ path }) => path)
}
