import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import { userAgent } from "../../src/internal/wire/userAgent.ts"

const root = new URL("../..", import.meta.url)
const read = (file: string) => readFileSync(new URL(file, root), "utf8")

interface Manifest {
  readonly version: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}
const manifest = JSON.parse(read("package.json")) as Manifest
const folder = path.dirname(createRequire(import.meta.url).resolve("@noble/hashes/hmac.js"))
const dependency = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Manifest
const modules = readdirSync(new URL("src", root)).filter((name) => name.endsWith(".ts")).map((name) =>
  name.slice(0, -3)
)
const files = (readdirSync(new URL("src", root), { recursive: true }) as Array<string>)
  .filter((name) => name.endsWith(".ts"))
  .map((name) => name.replaceAll("\\", "/"))

describe("the package", () => {
  it("exports each public module by name, and nothing internal", () => {
    const exported = Object.keys(manifest.exports).filter((name) => name !== "./package.json").sort()
    const expected = [".", "./testing", ...modules.filter((name) => name !== "index").map((name) => `./${name}`)]
      .sort()
    assert.deepStrictEqual(exported, expected)
  })

  it("has every public module but the one for Node.js in its barrel", () => {
    const barrel = read("src/index.ts").split("\n").filter((line) => line.startsWith("export"))
    const expected = modules
      .filter((name) => name !== "index" && name !== "node")
      .sort()
      .map((name) => `export * as ${name} from "./${name}.ts"`)
    assert.deepStrictEqual(barrel, expected)
  })

  it("sends its version to servers", () => {
    assert.strictEqual(userAgent, `effect-alicloud-credentials/${manifest.version}`)
  })

  it("has an entry for its version in the changelog", () => {
    assert.match(read("CHANGELOG.md"), new RegExp(`^## .*\\b${manifest.version.replaceAll(".", "\\.")}\\b`, "m"))
  })

  it("has one dependency, in one version, which has none of its own", () => {
    assert.deepStrictEqual(manifest.dependencies, { "@noble/hashes": dependency.version })
    assert.deepStrictEqual(dependency.dependencies ?? {}, {})
  })

  it("runs nothing when it is installed, nor does its dependency", () => {
    const scripts = [manifest, dependency].flatMap((one) => Object.keys(one.scripts ?? {}))
    assert.deepStrictEqual(scripts.filter((name) => /^(?:pre|post)?install$/.test(name)), [])
  })

  it("uses no Node.js module, clock, randomness, console or environment outside its Node.js entry point and its command", () => {
    const forbidden =
      /from "node:|process\.|Buffer\.|Date\.now\(|new Date\(\)|Math\.random\(|console\.|\bfetch\(|setTimeout\(|setInterval\(/
    const offenders = files
      .filter((name) => name !== "node.ts" && !name.startsWith("command/"))
      .flatMap((name) =>
        read(`src/${name}`).split("\n").flatMap((line, index) =>
          forbidden.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line) ? [`${name}:${index + 1}: ${line.trim()}`] : []
        )
      )
    // The one exception: node:crypto, which is looked for at run time and is not needed.
    assert.deepStrictEqual(
      offenders.map((line) => line.replace(/:\d+:/, ":")),
      ["internal/wire/hash.ts: const crypto = process.getBuiltinModule(\"node:crypto\")"]
    )
  })

  it("lists every example in the documentation", () => {
    const listed = read("examples/README.md")
    const examples = readdirSync(new URL("examples", root)).filter((name) => name.endsWith(".ts"))
    assert.deepStrictEqual(examples.filter((name) => !listed.includes(`(${name})`)), [])
  })

  it("has an empty line after each module docstring, without which the compiler drops it", () => {
    const lost = modules
      .filter((name) => name !== "index")
      .filter((name) => !/^\/\*\*[\s\S]*?\*\/\n\n/.test(read(`src/${name}.ts`)))
    assert.deepStrictEqual(lost, [])
  })

  it("has a docstring at each module of its barrels", () => {
    const undocumented = ["src/index.ts", "src/testing/index.ts"].flatMap((barrel) =>
      [...read(barrel).matchAll(/(\*\/\n)?^export .*/gm)].flatMap(([line, doc]) => doc === undefined ? [line] : [])
    )
    assert.deepStrictEqual(undocumented, [])
  })

  it("has a docstring with an example at every public value", () => {
    const missing = modules.filter((name) => name !== "index").flatMap((name) => {
      const text = read(`src/${name}.ts`)
      const declarations = [
        ...text.matchAll(/(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?^export (?:const|function|class) (\w+)/gm)
      ]
      return declarations.flatMap(([, doc, value]) =>
        doc?.includes("@internal") ?
          [] :
          doc !== undefined && /@since/.test(doc) && /@category/.test(doc) &&
            (/@example/.test(doc) || /category (errors|type ids)/.test(doc))
          ? []
          : [`${name}.${value}`]
      )
    })
    assert.deepStrictEqual(missing, [])
  })
})
