/**
 * Compares the public declarations of `dist` with the reports in `api`, which reviews read. With `--update` it writes
 * the reports. With `--names FOLDER` it compares the names that the edition in FOLDER exports with those of the reports.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { exportedNames, reportsOf } from "./report.ts"

const folder = "api"
const ending = ".api.md"

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>
}

/** The declaration files of the entry points, by the specifier that imports them. */
const entriesOf = ({ exports, name }: Manifest): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(exports).flatMap(([key, target]) =>
      typeof target === "string" ? [] : [[name + key.slice(1), target.types.replace("./dist/", "")] as const]
    )
  )

const entries = entriesOf(JSON.parse(readFileSync("package.json", "utf8")) as Manifest)

const readIn = (root: string) => {
  const texts = new Map<string, string | undefined>()
  return (file: string): string | undefined => {
    if (!texts.has(file)) {
      const from = path.join(root, file)
      texts.set(file, existsSync(from) ? readFileSync(from, "utf8") : undefined)
    }
    return texts.get(file)
  }
}

const write = (into: string, reports: ReadonlyMap<string, string>): void => {
  for (const [name, text] of reports) {
    const to = path.join(into, `${name}${ending}`)
    mkdirSync(path.dirname(to), { recursive: true })
    writeFileSync(to, text)
  }
}

const update = (reports: ReadonlyMap<string, string>): void => {
  rmSync(folder, { recursive: true, force: true })
  write(folder, reports)
  console.log(`${reports.size} reports written to ${folder}`)
}

const compare = (reports: ReadonlyMap<string, string>): void => {
  const built = mkdtempSync(path.join(tmpdir(), "api-"))
  try {
    write(path.join(built, folder), reports)
    const { status } = spawnSync(
      "git",
      ["diff", "--no-index", "--no-ext-diff", "--stat", "--patch", folder, path.join(built, folder)],
      { stdio: "inherit" }
    )
    if (status === 0) console.log(`${reports.size} reports in ${folder} show the public declarations`)
    else {
      console.error(`\nThe public declarations are not those of ${folder}. If the change is meant: npm run api`)
      process.exitCode = 1
    }
  } finally {
    rmSync(built, { recursive: true })
  }
}

const codeOf = (report: string): string => /```ts\n([\s\S]*)```/.exec(report)?.[1] ?? ""

const compareNames = (root: string): void => {
  const read = readIn(root)
  const files = (readdirSync(folder, { recursive: true }) as ReadonlyArray<string>)
    .filter((file) => file.endsWith(ending)).map((file) => file.replaceAll("\\", "/"))
  const differences = files.flatMap((file) => {
    const module = file.slice(0, -ending.length)
    const expected = exportedNames(codeOf(readFileSync(path.join(folder, file), "utf8")))
    const actual = exportedNames(read(`${module}.d.ts`) ?? "")
    return [
      ...expected.filter((name) => !actual.includes(name)).map((name) => `${module}: ${name} is missing`),
      ...actual.filter((name) => !expected.includes(name)).map((name) => `${module}: ${name} is only here`)
    ]
  })
  if (differences.length > 0) {
    console.error(differences.join("\n"))
    process.exitCode = 1
  } else console.log(`${files.length} modules export the names of ${folder}`)
}

const [option, root] = process.argv.slice(2)
if (option === "--names" && root !== undefined) compareNames(root)
else if (option === "--update") update(reportsOf(entries, readIn("dist")))
else compare(reportsOf(entries, readIn("dist")))
