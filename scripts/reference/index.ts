/**
 * Writes the reference of the API to `docs/api`, from the docstrings: `npm run reference`. With a folder it does so for
 * the package there, whose pages go to the second folder: `index.ts v4/build v4/root/docs/api`. docgen, which does the
 * work, is installed at the first run and after a change of the lock here.
 */
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { linked, moduleOf, page, summary } from "./page.ts"
import { mark, stage } from "./stage.ts"

const [from = ".", to = "docs/api"] = process.argv.slice(2)
const home = "scripts/reference"

const run = (command: string, words: ReadonlyArray<string>, cwd: string): void => {
  // npm is a script on Windows, which only a shell starts.
  const shell = command === "npm" && process.platform === "win32"
  const { status } = spawnSync(command, words, { stdio: "inherit", cwd, shell })
  if (status !== 0) throw new Error(`${command} ${words[0]} failed`)
}

const filesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll(path.sep, "/"))

const lock = readFileSync(path.join(home, "package-lock.json"), "utf8")
const installed = path.join(home, "node_modules/.installed-lock.json")
if (!existsSync(installed) || readFileSync(installed, "utf8") !== lock) {
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], home)
  writeFileSync(installed, lock)
}

// Beside the sources, so that their imports are found.
const scratch = mkdtempSync(path.join(from, ".programs-"))
try {
  cpSync(path.join(from, "src"), path.join(scratch, "src"), { recursive: true })
  for (const file of filesIn(path.join(scratch, "src")).filter((file) => file.endsWith(".ts"))) {
    const source = path.join(scratch, "src", file)
    writeFileSync(source, stage(file, readFileSync(source, "utf8")))
  }
  // docgen does not start without a home page.
  const { name } = JSON.parse(readFileSync(path.join(from, "package.json"), "utf8")) as { readonly name: string }
  writeFileSync(
    path.join(scratch, "package.json"),
    JSON.stringify({ name, type: "module", homepage: "https://example.com" })
  )
  writeFileSync(
    path.join(scratch, "docgen.json"),
    JSON.stringify({
      exclude: ["src/internal/**/*.ts", "src/command/**/*.ts", "src/testing/internal/**/*.ts"],
      outDir: "out",
      enforceVersion: false,
      parseCompilerOptions: "../tsconfig.json"
    })
  )
  run(process.execPath, [path.resolve(home, "node_modules/@effect/docgen/bin.cjs")], scratch)

  const modules = path.join(scratch, "out/modules")
  const pages = filesIn(modules).filter((file) => file.endsWith(".ts.md") && !file.endsWith("index.ts.md")).sort()
  rmSync(to, { recursive: true, force: true })
  const lines = pages.map((file) => {
    const text = page(file, readFileSync(path.join(modules, file), "utf8"))
    const target = `${moduleOf(file)}.md`
    mkdirSync(path.dirname(path.join(to, target)), { recursive: true })
    const staged = readFileSync(path.join(scratch, "src", file.replace(/\.md$/, "")), "utf8")
    const body = `${linked(file, text, existsSync)}\n`
    writeFileSync(path.join(to, target), body + mark(staged, body))
    return `| [\`${moduleOf(file)}\`](${target}) | ${summary(text).replaceAll("|", "\\|")} |`
  })
  const index = [
    "# Reference",
    "Every module with its types, options and functions, made from the docstrings.",
    ["| module | |", "| --- | --- |", ...lines].join("\n")
  ]
  writeFileSync(path.join(to, "README.md"), `${index.join("\n\n")}\n`)
  console.log(`${pages.length} modules`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
