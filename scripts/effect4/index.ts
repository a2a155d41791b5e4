/**
 * Writes the edition for Effect 4 to `v4/build`: the sources, the tests, the examples and the documents of the edition
 * for Effect 3, rewritten by the rules, and the files of `v4/` in place of those that differ in more than names.
 * Fails, with file and line, at a construct that no rule knows.
 */
import { execFileSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import path from "node:path"
import ts from "typescript"
import { rewrite, type Rewritten, type Unknown } from "./rewrite.ts"
import { rules } from "./rules/index.ts"

const root = process.cwd()
const target = path.join(root, "v4/build")
const folders = ["src", "test", "examples", "bench", "scripts/table.ts"]

const tracked = (...paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...paths], { encoding: "utf8" })
    .split("\n").filter((file) => file !== "" && existsSync(file))

/** The files of `v4/` that stand for one of the edition for Effect 3, or for nothing there. */
const own = tracked("v4").filter((file) => /^v4\/(?:src|test|examples|bench|scripts)\//.test(file))
  .map((file) => file.slice("v4/".length))

const hits = new Map<string, number>()
const count = (rule: string): void => void hits.set(rule, (hits.get(rule) ?? 0) + 1)

const config = ts.getParsedCommandLineOfConfigFile(path.join(root, "tsconfig.json"), {}, {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: () => {}
})
if (config === undefined) throw new Error("tsconfig.json cannot be read")

const only = process.argv.slice(2)
const files = tracked(...folders).filter((file) => !own.includes(file))
const program = ts.createProgram(files.filter((file) => file.endsWith(".ts")), config.options)
const checker = program.getTypeChecker()

if (only.length === 0) rmSync(target, { recursive: true, force: true })
const unknown: Array<Unknown> = []
let touched = 0
let total = 0
for (const file of files) {
  if (only.length > 0 && !only.some((path) => file.startsWith(path))) continue
  const to = path.join(target, file)
  mkdirSync(path.dirname(to), { recursive: true })
  const source = program.getSourceFile(path.join(root, file)) ?? program.getSourceFile(file)
  if (source === undefined) {
    cpSync(file, to)
    continue
  }
  const result: Rewritten = rewrite(source, { root, rules, checker, count, fileName: file })
  unknown.push(...result.unknown)
  writeFileSync(to, result.text)
  const before = new Set(source.text.split("\n"))
  const after = result.text.split("\n")
  touched += after.filter((line) => !before.has(line)).length
  total += after.length
}
for (const file of own) {
  const to = path.join(target, file)
  mkdirSync(path.dirname(to), { recursive: true })
  cpSync(path.join("v4", file), to)
}
if (process.env["RULES"] !== undefined) {
  for (const [rule, times] of [...hits].sort(([, a], [, b]) => b - a)) console.log(String(times).padStart(5), rule)
}
console.log(`${hits.size} rules used, ${touched} of ${total} lines written anew, ${own.length} files of v4/`)
for (const { file, line, why } of unknown) console.error(`${path.relative(root, file)}:${line}: ${why}`)
if (unknown.length > 0) {
  console.error(`\n${unknown.length} constructs that no rule of scripts/effect4 knows`)
  process.exitCode = 1
}
void readFileSync
void symlinkSync
