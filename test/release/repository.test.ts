import { assert, describe, it } from "@effect/vitest"
import { fieldsOf, packedManifest, repositoryOf, requiredRepository } from "../../scripts/release/repository.ts"

const repository = { owner: "some-owner", name: "some.name" }
const fields = {
  repository: { type: "git", url: "git+https://github.com/some-owner/some.name.git" },
  homepage: "https://github.com/some-owner/some.name#readme",
  bugs: { url: "https://github.com/some-owner/some.name/issues" }
}

describe("the name of the repository", () => {
  it.each([
    "some-owner/some.name",
    "github:some-owner/some.name",
    "https://github.com/some-owner/some.name",
    "https://github.com/some-owner/some.name.git",
    "git+https://github.com/some-owner/some.name.git",
    "git+ssh://git@github.com/some-owner/some.name.git",
    "git@github.com:some-owner/some.name.git"
  ])("is read from %s", (text) => {
    assert.deepStrictEqual(repositoryOf(text, undefined), repository)
    assert.deepStrictEqual(repositoryOf({ type: "git", url: text }, undefined), repository)
    assert.deepStrictEqual(repositoryOf(undefined, text), repository)
  })

  it.each(["some.name", "https://example.com/some-owner/some.name", "", { url: 1 }, null, {}])(
    "is wrong in package.json as %j",
    (field) => {
      assert.throws(() => repositoryOf(field, undefined), /repository in package\.json .* Write it as owner\/name/)
    }
  )

  it("is not needed to pack", () => {
    assert.isUndefined(repositoryOf(undefined, undefined))
    assert.isUndefined(repositoryOf(undefined, ""))
  })

  it("is needed to publish, with a message that says where it comes from", () => {
    assert.throws(
      () => requiredRepository(undefined, undefined),
      /unknown.*GITHUB_REPOSITORY.*repository of package\.json/
    )
    assert.deepStrictEqual(requiredRepository(undefined, "some-owner/some.name"), repository)
    assert.deepStrictEqual(requiredRepository("some-owner/some.name", undefined), repository)
    assert.deepStrictEqual(requiredRepository("some-owner/some.name", "some-owner/some.name"), repository)
  })

  it("has to be that of the workflow that publishes, but not of one that only packs", () => {
    assert.throws(
      () => requiredRepository("some-owner/some.name", "a-fork/some.name"),
      /is some-owner\/some\.name, but/
    )
    assert.deepStrictEqual(repositoryOf("some-owner/some.name", "a-fork/some.name"), repository)
  })
})

describe("the packed manifest", () => {
  const manifest = {
    name: "a",
    version: "3.1.0",
    exports: { ".": "./a.js" },
    scripts: { prepack: "build" },
    devDependencies: { b: "1" },
    overrides: { b: "1" }
  }

  it("has repository, homepage and bugs from the one name", () => {
    assert.deepStrictEqual(fieldsOf(repository), fields)
    assert.deepStrictEqual(packedManifest({ ...manifest, repository: "some-owner/some.name" }, repository), {
      name: "a",
      version: "3.1.0",
      exports: { ".": "./a.js" },
      ...fields
    })
  })

  it("has none of them without a name", () => {
    assert.deepStrictEqual(packedManifest(manifest, undefined), {
      name: "a",
      version: "3.1.0",
      exports: { ".": "./a.js" }
    })
  })
})
