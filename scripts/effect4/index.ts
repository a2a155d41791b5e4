/**
 * Writes the edition for Effect 4 to `v4/build`: the sources, the tests, the examples and the documents of the edition
 * for Effect 3, rewritten by the rules, and the files of `v4/` in place of those that differ in more than names.
 * Fails, with file and line, at a construct that no rule knows. With `RULES=1` it prints how often each rule was used.
 */
import { execFileSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import ts from "typescript"
import { manifestFor4 } from "./manifest.ts"
import { prose } from "./prose.ts"
import { rewrite, type Unknown } from "./rewrite.ts"
import { rules } from "./rules/index.ts"
import { fencesOf, replaceFences } from "./snippets.ts"

const root = process.cwd()
const target = path.join(root, "v4/build")

/** What is rewritten. The scripts of the repository stay with Effect 3. */
const inputs = [
  "src",
  "test",
  "examples",
  "bench",
  "scripts/bundle.ts",
  "scripts/demo.ts",
  "scripts/demo",
  "scripts/reference/stage.ts",
  "scripts/runtimes/programs",
  "scripts/table.ts",
  "docs",
  "conformance",
  "README.md",
  "AGENTS.md",
  "llms.txt",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "LICENSE"
]

const tracked = (...paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "--", ...paths], { encoding: "utf8" })
    .split("\n").filter((file) => file !== "" && existsSync(file))

/** The files of `v4/`, by their paths in the result. Those of `v4/root` belong to its root. */
const own = new Map(
  tracked("v4").flatMap((file): ReadonlyArray<readonly [string, string]> => {
    const [, to] = /^v4\/(?:root\/(.+)|(?:(?:src|test|examples|bench)\/.+))$/.exec(file) ?? []
    return to !== undefined
      ? [[to, file]]
      : /^v4\/(?:src|test|examples|bench)\//.test(file)
      ? [[file.slice("v4/".length), file]]
      : []
  })
)

const hits = new Map<string, number>()
const count = (rule: string): void => void hits.set(rule, (hits.get(rule) ?? 0) + 1)

const config = ts.getParsedCommandLineOfConfigFile(path.join(root, "tsconfig.json"), {}, {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: () => {}
})
if (config === undefined) throw new Error("tsconfig.json cannot be read")

/**
 * The command, which is one file for both editions, and tests of the repository: of the command, of the rewriting, whose
 * rules hold code of Effect 3 as data, of the settings of the lint, of releases, of the installation, of the runtimes, of
 * the translations, of the documents that have tests as sources, and of the clients that have an installation of their
 * own.
 */
const ofRepository = new RegExp(
  "^(?:src/command/|test/(?:(?:clients|command|effect4|install|mutation|release|runtimes|translations)/|" +
    "docs/(?:comparison|migration|tables)\\b|runtime/rooms\\.test\\.ts$|conformance/(?:document|jsonSchemas|schemas)\\b))"
)
const files = tracked(...inputs).filter((file) =>
  !own.has(file) && !ofRepository.test(file) && !file.startsWith("docs/api/")
)
const texts = new Map(
  files.filter((file) => /\.(?:ts|md)$/.test(file)).map((file) => [file, readFileSync(file, "utf8")])
)

/** The fences as files, which exist for the compiler only. The export turns one without imports into a module. */
const end = "\nexport {}\n"
const snippets = new Map(
  [...texts].flatMap(([file, text]) =>
    fencesOf(text).map(({ code }, index) =>
      [path.join(root, ".examples", `${file}.${index}.ts`), `${code}${end}`] as const
    )
  )
)

const host = ts.createCompilerHost(config.options)
const program = ts.createProgram(
  [...files.filter((file) => file.endsWith(".ts")).map((file) => path.join(root, file)), ...snippets.keys()],
  config.options,
  {
    ...host,
    fileExists: (file) => snippets.has(file) || host.fileExists(file),
    readFile: (file) => snippets.get(file) ?? host.readFile(file),
    getSourceFile: (file, options) => {
      const text = snippets.get(file)
      return text === undefined ? host.getSourceFile(file, options) : ts.createSourceFile(file, text, options)
    }
  }
)
const checker = program.getTypeChecker()
const unknown: Array<Unknown> = []

const rewritten = (name: string, fileName: string): string => {
  const source = program.getSourceFile(name)
  if (source === undefined) throw new Error(`${name} is not in the program`)
  const result = rewrite(source, { root, rules, checker, count, fileName, isLibrary: fileName.startsWith("src/") })
  unknown.push(...result.unknown)
  return result.text
}

rmSync(target, { recursive: true, force: true })
let touched = 0
let total = 0
for (const file of files) {
  const to = path.join(target, file)
  mkdirSync(path.dirname(to), { recursive: true })
  const text = texts.get(file)
  if (text === undefined) {
    cpSync(file, to)
    continue
  }
  const code = file.endsWith(".ts") ? rewritten(path.join(root, file), file) : text
  const fences = fencesOf(text).map((_, index) =>
    rewritten(path.join(root, ".examples", `${file}.${index}.ts`), ".examples/example.ts").replace(end, "")
  )
  const result = prose(file, replaceFences(code, fences))
  writeFileSync(to, result)
  const before = new Set(text.split("\n"))
  const after = result.split("\n")
  touched += after.filter((line) => !before.has(line)).length
  total += after.length
}
for (const [file, from] of own) {
  const to = path.join(target, file)
  mkdirSync(path.dirname(to), { recursive: true })
  cpSync(from, to)
}
const manifestOf = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Parameters<typeof manifestFor4>[0]
writeFileSync(
  path.join(target, "package.json"),
  `${JSON.stringify(manifestFor4(manifestOf("package.json"), manifestOf("v4/package.json")), undefined, 2)}\n`
)

if (process.env["RULES"] !== undefined) {
  for (const [rule, times] of [...hits].sort(([, a], [, b]) => b - a)) console.log(String(times).padStart(5), rule)
}
console.log(`${hits.size} rules used, ${touched} of ${total} lines written anew, ${own.size} files of v4/`)
for (const { file, line, why } of unknown) console.error(`${path.relative(root, file)}:${line}: ${why}`)
if (unknown.length > 0) {
  console.error(`\n${unknown.length} constructs that no rule of scripts/effect4 knows: see docs/effect-4.md`)
  process.exitCode = 1
}
