/**
 * Makes one file of the command `alicloud-credentials`: it needs nothing but Node.js, so that the library is no heavier
 * for those who only import it. The licenses of the packages in it are in a file beside it.
 */
import { build, type Plugin } from "esbuild"
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"

/** `@effect/cli` reads these formats for options that this command does not have. */
const unused: Plugin = {
  name: "unused",
  setup: (bundler) => {
    bundler.onResolve({ filter: /^(?:ini|toml|yaml)$/ }, () => ({ path: "unused", namespace: "unused" }))
    bundler.onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "export const parse = undefined" }))
  }
}

/** The manifest says so of the compiled module only. */
const withSideEffects: Plugin = {
  name: "side-effects",
  setup: (bundler) => {
    bundler.onResolve({ filter: /\/builtInFetch\.ts$/ }, (args) => ({
      path: path.join(args.resolveDir, args.path),
      sideEffects: true
    }))
  }
}

// Some packages are CommonJS modules, which a file of ES modules has no `require` for.
const banner = [
  "#!/usr/bin/env node",
  "import { createRequire as createRequireForCommand } from \"node:module\"; const require = createRequireForCommand(import.meta.url);"
].join("\n")

/** The folder of the package that a file belongs to; undefined for the files of this repository. */
const packageOf = (file: string): string | undefined => /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]

const licenseOf = (folder: string): string => {
  const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as {
    readonly name: string
    readonly version: string
    readonly license?: string
  }
  const file = readdirSync(folder).find((name) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(name))
  if (file === undefined && manifest.license === undefined) throw new Error(`${folder} has no license`)
  const text = file === undefined ? "" : `\n\n${readFileSync(path.join(folder, file), "utf8").trim()}`
  return `${manifest.name} ${manifest.version}: ${manifest.license ?? "see below"}${text}`
}

const rule = `\n\n${"-".repeat(80)}\n\n`

/** Writes `command.js` and `command.licenses.txt` to a folder. */
export const bundleCommand = async (folder: string): Promise<void> => {
  const outfile = path.join(folder, "command.js")
  const { metafile } = await build({
    entryPoints: ["src/command/main.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "esm",
    mainFields: ["module", "main"],
    minify: true,
    legalComments: "none",
    charset: "utf8",
    banner: { js: banner },
    plugins: [unused, withSideEffects],
    metafile: true,
    logLevel: "warning"
  })
  chmodSync(outfile, 0o755)
  const folders = new Set(Object.keys(metafile.inputs).map(packageOf).filter((one) => one !== undefined))
  const licenses = [...folders].filter((one) => existsSync(path.join(one, "package.json"))).sort().map(licenseOf)
  const text = `command.js contains code of these packages:${rule}${licenses.join(rule)}\n`
  writeFileSync(path.join(folder, "command.licenses.txt"), text)
}
