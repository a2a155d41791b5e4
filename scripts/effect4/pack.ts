/**
 * Packs both editions of one commit to `tarballs`: `3.y.z` for Effect 3 and `4.y.z` for Effect 4. Their manifests name
 * the repository if it is known.
 *
 *     npm run pack:all             builds both before
 *     npm run pack:all -- --built  packs `dist` and `v4/build` as they are
 */
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { packedFiles } from "../release/packed.ts"
import { packedManifest, repositoryOf } from "../release/repository.ts"

const target = "tarballs"

const npm = (...words: ReadonlyArray<string>): void =>
  void execFileSync("npm", words, { stdio: "inherit", shell: process.platform === "win32" })

const pack = (folder: string, name: string): void => {
  const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Record<string, unknown>
  const repository = repositoryOf(manifest["repository"], process.env["GITHUB_REPOSITORY"])
  const to = path.join(target, name)
  for (const file of packedFiles(folder)) cpSync(path.join(folder, file), path.join(to, file))
  writeFileSync(
    path.join(to, "package.json"),
    `${JSON.stringify(packedManifest(manifest, repository), undefined, 2)}\n`
  )
  npm("pack", `./${target}/${name}`, "--ignore-scripts", "--pack-destination", target)
}

rmSync(target, { recursive: true, force: true })
mkdirSync(target)
if (!process.argv.includes("--built")) {
  npm("run", "--silent", "build")
  npm("run", "--silent", "build:v4")
}
pack(".", "effect3")
pack("v4/build", "effect4")
