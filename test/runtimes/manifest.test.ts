import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { isForLibc, type Lock, type Manifest, partFor, pinOf } from "../../scripts/runtimes/manifest.ts"
import { runtimes } from "../../scripts/runtimes/runtimes.ts"

const root = new URL("../..", import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), "utf8")
const manifest = JSON.parse(read("scripts/runtimes/package.json")) as Manifest
const lock = JSON.parse(read("scripts/runtimes/package-lock.json")) as Lock
const document = read("docs/runtimes.md")

describe("the packages of the runtimes", () => {
  it("have an exact version and a checksum each", () => {
    for (const [name, from] of Object.entries(manifest.optionalDependencies)) {
      assert.match(from, /^npm:.+@\d+\.\d+\.\d+$/)
      const [, runtime = "", machine = ""] = /^([a-z]+\d*)-(.+)$/.exec(name) ?? []
      assert.strictEqual(pinOf(manifest, runtime, machine)?.version, from.slice(from.lastIndexOf("@") + 1))
      assert.property(lock.packages[`node_modules/${name}`], "integrity")
    }
  })

  it("exist for the machines that tests run on", () => {
    for (const { name } of runtimes) assert.isDefined(pinOf(manifest, name, "linux-x64"), name)
    assert.isUndefined(pinOf(manifest, "bun", "sunos-x64"))
  })

  it("are for one library of C, or for each", () => {
    const packages = { "node_modules/a": { libc: ["glibc"] }, "node_modules/b": {} }
    const fits = (name: string, libc: string) => isForLibc({ lockfileVersion: 3, packages }, name, libc)
    assert.deepStrictEqual([fits("a", "glibc"), fits("a", "musl"), fits("b", "musl")], [true, false, true])
  })

  it("are installed one by one, as the lock has them", () => {
    const name = "bun-linux-x64"
    const own = { name: "runtime", private: true, optionalDependencies: { [name]: "npm:@oven/bun-linux-x64@1.0.0" } }
    const package_ = { version: "1.0.0", integrity: "sha512-" }
    const part = partFor(
      name,
      { optionalDependencies: { ...own.optionalDependencies, other: "npm:other@1.0.0" } },
      { lockfileVersion: 3, packages: { "": {}, "node_modules/other": {}, [`node_modules/${name}`]: package_ } }
    )
    assert.deepStrictEqual(part.manifest, own)
    assert.deepStrictEqual(part.lock, {
      name: "runtime",
      lockfileVersion: 3,
      requires: true,
      packages: { "": own, [`node_modules/${name}`]: package_ }
    })
  })
})

describe("docs/runtimes.md", () => {
  it("has the versions that are tested", () => {
    for (const { name, title } of runtimes) {
      const { version } = pinOf(manifest, name, "linux-x64") ?? {}
      const row = document.split("\n").find((line) => line.startsWith(`| ${title} |`))
      assert.include(row, String(version))
    }
  })

  it("has the permissions of Deno with which it is tested", () => {
    const deno = runtimes.find(({ name }) => name === "deno")
    for (const permission of deno?.args.filter((word) => word.startsWith("--allow-")) ?? []) {
      assert.include(document, permission.replace(/=.*/, ""))
    }
  })
})
