import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"

interface Row {
  readonly name: string
  readonly version: string
  readonly line: string
}

const codeIn = (cell: string | undefined): string => /`([^`]+)`/.exec(cell ?? "")?.[1] ?? ""

/** The rows of the table under a heading. */
const rowsUnder = (heading: string): ReadonlyArray<Row> => {
  const [, section = ""] = readFileSync("docs/clients.md", "utf8").split(`## ${heading}\n`)
  return section.split("\n## ")[0]?.split("\n").flatMap((line) => {
    const [, first, version = "", third] = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
    return first?.startsWith("`") ? [{ name: codeIn(first), version, line: codeIn(third) }] : []
  }) ?? []
}

const withoutBlanks = (text: string): string => text.replaceAll(/\s/g, "")

/** Tests that construct the real clients. */
const tests = ["test/sdk", "test/clients"].map((folder) =>
  readdirSync(folder).filter((file) => file.endsWith(".test.ts"))
    .map((file) => readFileSync(path.join(folder, file), "utf8")).join("\n")
).map(withoutBlanks)

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const versionOf = (name: string): string | undefined => {
  const [clients, root] = ["test/clients/package.json", "package.json"].map((file) =>
    JSON.parse(readFileSync(file, "utf8")) as Manifest
  )
  return clients?.dependencies[name] ?? root?.devDependencies?.[name]
}

const works = rowsUnder("Clients that work")

/** By an import, by `load<…>` or `loadModule<…>`, or by the two functions that load the package that they test. */
const isLoaded = (name: string): boolean =>
  ["from", ">(", "onPopCore("].some((start) =>
    [`"${name}"`, `"${name}/`].some((end) => tests.some((text) => text.includes(start + end)))
  )

describe("docs/clients.md", () => {
  it("has the version of each client that its tests install", () => {
    assert.isAbove(works.length, 0)
    for (const { name, version } of works) assert.strictEqual(version, versionOf(name), name)
  })

  it("shows lines that the tests have", () => {
    for (const { line, name } of works) {
      assert.notStrictEqual(line, "", name)
      assert.isTrue(tests.some((text) => text.includes(withoutBlanks(line))), `${name}: ${line}`)
      assert.isTrue(tests.some((text) => text.includes(`"${name}"`)), `${name} is not tested`)
      assert.isTrue(isLoaded(name), `no test loads ${name}`)
    }
  })

  it("has each client that is installed for the tests", () => {
    const { dependencies } = JSON.parse(readFileSync("test/clients/package.json", "utf8")) as Manifest
    assert.sameMembers(Object.keys(dependencies).filter((name) => works.every((row) => row.name !== name)), [])
  })

  it("says of the others why they do not work", () => {
    const others = rowsUnder("Clients that do not work")
    assert.isAbove(others.length, 0)
    for (const { name } of others) assert.isTrue(works.every((row) => row.name !== name), name)
  })
})
