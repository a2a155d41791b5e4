import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** One import in a file at the given path. */
interface Import {
  readonly file: string
  readonly statement: string
}

const imports = (folder: string, ...statements: ReadonlyArray<string>): ReadonlyArray<Import> =>
  statements.map((statement, index) => ({ file: `${folder}/file${index}.ts`, statement }))

const value = (from: string): string => `import * as Module from "${from}"\nexport default Module\n`
const type = (from: string): string => `import type * as Module from "${from}"\nexport default {} as typeof Module\n`

const below = "compat"
const ground = ["wire", "provider"]
const middle = ["sts", "imds", "login", "process", "files", "signing", "sdk", "server"]
const rooms = [below, ...ground, ...middle, "profile", "sharing", "diagnosis", "explain"]

const allowedIn = (room: string): ReadonlyArray<string> => {
  if (room === below) return [room]
  if (room === "profile") return [below, ...ground, ...middle, room]
  if (room === "sharing") return [below, ...ground, "files", room]
  if (room === "diagnosis") return [below, ...ground, "imds", "files", room]
  if (room === "explain") return [below, ...ground, "sts", "process", "diagnosis", room]
  return ground.includes(room) ? [below, room] : [below, ...ground, room]
}

const isLow = (room: string): boolean => room === below || ground.includes(room)

// Modules that know no source, and whose values every room may use.
const open = ["Credentials", "CredentialError", "RefreshPolicy", "RequestLimits"]

const closed = readdirSync(join(root, "src"))
  .filter((name) => name.endsWith(".ts"))
  .map((name) => name.slice(0, -3))
  .filter((name) => ![...open, "CredentialProvider", "index", "node"].includes(name))

const everywhere = ["node:fs", "effect", "@effect/platform", "@effect/platform-node"]
const rootFiles = ["source", "credentialChain", "variables"]

const refused: ReadonlyArray<Import> = [
  ...rooms.flatMap((room) => {
    const folder = `src/internal/${room}`
    const otherRooms = rooms.filter((other) => other !== room && !allowedIn(room).includes(other))
    const files = rootFiles.filter((file) => file !== "variables" || isLow(room))
    return imports(
      folder,
      ...everywhere.map(value),
      ...otherRooms.map((other) => value(`../${other}/file.ts`)),
      ...files.map((file) => value(`../${file}.ts`)),
      ...(room === "profile" ? [] : closed.map((name) => value(`../../${name}.ts`))),
      ...(["profile", "sdk", "explain"].includes(room) ? [] : [value("../../CredentialProvider.ts")])
    )
  }),
  ...[...everywhere, "./wire/http.ts", "./source.ts", "../CredentialProvider.ts"].map((from) => ({
    file: "src/internal/variables.ts",
    statement: value(from)
  })),
  ...imports("src/testing/internal/cloud", ...everywhere.map(value), value("../../../internal/wire/encode.ts")),
  ...imports("src", ...everywhere.map(value)),
  ...imports("test", value("effect/Effect"), value("@effect/platform/HttpClient"))
]

const accepted: ReadonlyArray<Import> = [
  ...rooms.flatMap((room) =>
    imports(
      `src/internal/${room}`,
      value("effect/Effect"),
      type("../../RamRoleArn.ts"),
      ...open.map((name) => value(`../../${name}.ts`)),
      ...allowedIn(room).filter((other) => other !== room).map((other) => value(`../${other}/file.ts`)),
      ...(isLow(room) ? [] : [value("../variables.ts")])
    )
  ),
  { file: "src/internal/variables.ts", statement: value("./compat/file.ts") },
  ...imports("src/testing/internal/cloud", value("../../../internal/compat/file.ts")),
  ...imports("src/internal/profile", value("../../RamRoleArn.ts"), value("../../CredentialProvider.ts")),
  ...imports("src/internal/sdk", value("../../CredentialProvider.ts")),
  ...imports("test", value("effect"), value("../src/internal/wire/encode.ts"))
]

/** The files that the linter reports. */
const reported = (files: ReadonlyArray<Import>): ReadonlySet<number> => {
  const folder = mkdtempSync(join(tmpdir(), "rooms-"))
  try {
    copyFileSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"))
    const found = new Set<number>()
    // Files with the same path are in separate trees, because some rules apply to one path.
    files.forEach(({ file, statement }, index) => {
      const path = join(folder, String(index), file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, statement)
      copyFileSync(join(root, ".oxlintrc.json"), join(folder, String(index), ".oxlintrc.json"))
    })
    const linter = join(root, "node_modules/oxlint/bin/oxlint")
    const { stdout } = spawnSync(process.execPath, [linter, "--format", "unix", "."], { cwd: folder, encoding: "utf8" })
    for (const line of stdout.split("\n")) {
      const index = /^(?:\.\/)?(\d+)\/.*no-restricted-imports/.exec(line)?.[1]
      if (index !== undefined) found.add(Number(index))
    }
    return found
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const describeAll = (files: ReadonlyArray<Import>): ReadonlyArray<string> =>
  files.map(({ file, statement }) => `${file}: ${statement.split("\n")[0]}`)

describe("the rooms of src", () => {
  it("may not import upward, across, from a barrel or from Node.js", () => {
    const found = reported(refused)
    assert.deepStrictEqual(describeAll(refused.filter((_, index) => !found.has(index))), [])
    assert.isAbove(refused.length, 100)
  })

  it("may import downward, and types of public modules", () => {
    const found = reported(accepted)
    assert.deepStrictEqual(describeAll(accepted.filter((_, index) => found.has(index))), [])
  })
})
