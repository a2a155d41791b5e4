/** Documents of a registry, as they were at a date and without what no installation reads. */
import { assert, describe, it } from "@effect/vitest"
import { before, type Packument, slim, type Version } from "../../scripts/install/packument.ts"
import { compareVersions } from "../../scripts/versions.ts"

const version = (version: string, more: object = {}): Version => ({
  version,
  dist: { tarball: `https://registry.example.com/a/-/a-${version}.tgz`, integrity: `sha512-${version}` },
  ...more
})

const document: Packument = {
  name: "a",
  "dist-tags": { latest: "2.1.0", old: "1.10.0", next: "3.0.0-beta.1" },
  versions: Object.fromEntries(
    ["1.9.0", "1.10.0", "2.0.0", "2.1.0", "3.0.0-beta.1"].map((name) => [name, version(name)])
  ),
  time: {
    created: "2026-01-01T00:00:00Z",
    modified: "2026-06-01T00:00:00Z",
    "1.9.0": "2026-01-01T00:00:00Z",
    "1.10.0": "2026-05-01T00:00:00Z",
    "2.0.0": "2026-03-01T00:00:00Z",
    "2.1.0": "2026-04-02T00:00:00Z",
    "3.0.0-beta.1": "2026-05-01T00:00:00Z"
  }
}

describe("compareVersions", () => {
  it("compares numbers, and puts pre-releases before the release", () => {
    const versions = ["2.0.0", "1.10.0", "1.9.0", "2.0.0-beta.1", "10.0.0"]
    assert.deepStrictEqual(versions.sort(compareVersions), ["1.9.0", "1.10.0", "2.0.0-beta.1", "2.0.0", "10.0.0"])
  })
})

describe("before", () => {
  const old = before("2026-04-01T00:00:00Z", document)

  it("leaves out the versions that were published later, and their times", () => {
    assert.deepStrictEqual(Object.keys(old.versions), ["1.9.0", "2.0.0"])
    assert.deepStrictEqual(Object.keys(old.time ?? {}), ["created", "modified", "1.9.0", "2.0.0"])
  })

  it("moves a dist-tag to the newest release before it, and drops one without such a release", () => {
    assert.deepStrictEqual(old["dist-tags"], { latest: "2.0.0", old: "1.9.0", next: "2.0.0" })
    assert.deepStrictEqual(before("2026-02-01T00:00:00Z", document)["dist-tags"], {
      latest: "1.9.0",
      old: "1.9.0",
      next: "1.9.0"
    })
    assert.deepStrictEqual(before("2025-01-01T00:00:00Z", document)["dist-tags"], {})
  })

  it("keeps what was published at the date itself", () => {
    assert.deepStrictEqual(Object.keys(before("2026-03-01T00:00:00Z", document).versions), ["1.9.0", "2.0.0"])
  })

  it("keeps a document without times, and a version without a time", () => {
    const { time: _, ...timeless } = document
    assert.deepStrictEqual(before("2025-01-01T00:00:00Z", timeless), timeless)
    assert.deepStrictEqual(
      Object.keys(before("2025-01-01T00:00:00Z", { ...document, time: { "1.9.0": "2026-01-01T00:00:00Z" } }).versions),
      ["1.10.0", "2.0.0", "2.1.0", "3.0.0-beta.1"]
    )
  })
})

describe("slim", () => {
  const of = (more: object) =>
    slim({ ...document, versions: { "1.9.0": version("1.9.0", more) } }, ({ version }) => `http://127.0.0.1/${version}`)
      .versions["1.9.0"]

  it("keeps what an installation reads, and gives tarballs other addresses", () => {
    const peers = { peerDependencies: { effect: "^3.0.0" }, peerDependenciesMeta: { effect: { optional: true } } }
    assert.deepStrictEqual(of({ ...peers, devDependencies: { a: "1" }, readme: "text" }), {
      ...peers,
      version: "1.9.0",
      dist: { tarball: "http://127.0.0.1/1.9.0", integrity: "sha512-1.9.0" }
    })
  })

  it("says that a version has install scripts", () => {
    assert.deepInclude(of({ scripts: { postinstall: "node x" } }), { hasInstallScript: true })
    assert.notProperty(of({ scripts: { test: "node x" } }), "hasInstallScript")
  })

  it("keeps the tags and the times", () => {
    const result = slim(document, () => "")
    assert.deepStrictEqual(result["dist-tags"], document["dist-tags"])
    assert.deepStrictEqual(result.time, document.time)
  })
})
