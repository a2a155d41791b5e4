/** The packages of both editions, as they would be published, in folders of their own. */
import { build } from "esbuild"
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs"
import path from "node:path"
import { packedFiles } from "../release/packed.ts"

export interface Edition {
  readonly name: string
  /** The folder of the built package. */
  readonly root: string
  /** Builds it. */
  readonly script: string
  /** Where its dependencies are installed. */
  readonly modules: ReadonlyArray<string>
}

export const effect3: Edition = { name: "Effect 3", root: ".", script: "build", modules: ["node_modules"] }
export const effect4: Edition = {
  name: "Effect 4",
  root: "v4/build",
  script: "build:v4",
  modules: ["v4/node_modules", "node_modules"]
}

export const isBuilt = ({ root }: Edition): boolean => existsSync(path.join(root, "dist/index.js"))

interface Manifest {
  readonly name: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

/** Installs the package and what it depends on, which is there already. */
const installIn = (folder: string, { modules, root }: Edition): void => {
  const { dependencies, name, peerDependencies } = JSON.parse(
    readFileSync(path.join(root, "package.json"), "utf8")
  ) as Manifest
  const files = packedFiles(root).filter((file) => file === "package.json" || file.startsWith("dist/"))
  for (const file of files) {
    cpSync(path.join(root, file), path.join(folder, "node_modules", name, file), { recursive: true })
  }
  for (const needed of Object.keys({ ...dependencies, ...peerDependencies })) {
    const found = modules.map((place) => path.resolve(place, needed)).find((place) => existsSync(place))
    if (found === undefined) throw new Error(`${needed} is not installed`)
    const link = path.join(folder, "node_modules", needed)
    mkdirSync(path.dirname(link), { recursive: true })
    symlinkSync(found, link, "junction")
  }
}

/** Runs on Node.js, Bun and Deno, which find the packages in `node_modules`. */
export const main = "main.mjs"

/** Has the packages in it. */
export const worker = "worker.mjs"

/** Makes a folder with the package of an edition and the programs that use it. */
export const prepare = async (folder: string, edition: Edition): Promise<void> => {
  installIn(folder, edition)
  cpSync(path.join(edition.root, "scripts/runtimes/programs"), path.join(folder, "programs"), { recursive: true })
  const options = {
    absWorkingDir: folder,
    bundle: true,
    format: "esm",
    logLevel: "error",
    // The one of the repository says that the package is its sources.
    tsconfigRaw: {}
  } as const
  await build({
    ...options,
    entryPoints: ["programs/main.ts"],
    outfile: main,
    packages: "external",
    platform: "node",
    target: "node20"
  })
  await build({
    ...options,
    entryPoints: ["programs/worker.ts"],
    outfile: worker,
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["module", "main"],
    platform: "neutral",
    target: "es2022"
  })
}
