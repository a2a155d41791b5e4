/** Builds both editions, and compares them in one process of a Node.js that runs both. */
import { build } from "esbuild"
import { execFileSync } from "node:child_process"
import { rmSync } from "node:fs"
import { newerNode } from "./node.ts"

const npm = (script: string): void =>
  void execFileSync("npm", ["run", "--silent", script], { stdio: "inherit", shell: process.platform === "win32" })

const compile = async (folder: string, entryPoints: ReadonlyArray<string>): Promise<void> => {
  rmSync(`${folder}/.bench`, { recursive: true, force: true })
  await build({
    entryPoints: entryPoints.map((entry) => `${folder}/${entry}`),
    outdir: `${folder}/.bench`,
    entryNames: "[name]",
    bundle: true,
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node22",
    // Without the paths of the tsconfig, so that the library is the package of that folder and not its source.
    tsconfigRaw: {},
    logLevel: "warning"
  })
}

npm("build")
npm("build:v4")
await compile(".", ["bench/edition.ts", "bench/server.ts", "scripts/effect4/compare.ts"])
await compile("v4/build", ["bench/edition.ts"])
execFileSync(newerNode, [".bench/compare.js"], { stdio: "inherit" })
