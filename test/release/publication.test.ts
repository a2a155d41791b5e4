import { assert, describe, it } from "@effect/vitest"
import {
  editionsOf,
  missingFrom,
  problemsOf,
  publishCommand,
  publishedVersions,
  tokenVariables
} from "../../scripts/release/publication.ts"

const editions = editionsOf("a-package", "3.2.1")

describe("a publication", () => {
  it("has an edition for each major of Effect, with its dist-tag", () => {
    assert.deepStrictEqual(editions, [
      { version: "3.2.1", tag: "effect3", tarball: "tarballs/a-package-3.2.1.tgz" },
      { version: "4.2.1", tag: "latest", tarball: "tarballs/a-package-4.2.1.tgz" }
    ])
    assert.throws(() => editionsOf("a-package", "5.0.0"), /not a version of the edition for Effect 3/)
  })

  it("leaves out versions that exist", () => {
    const versions = (published: ReadonlyArray<string>) =>
      missingFrom(published, editions).map(({ version }) => version)
    assert.deepStrictEqual(versions([]), ["3.2.1", "4.2.1"])
    assert.deepStrictEqual(versions(["3.2.0", "4.2.0", "3.2.1"]), ["4.2.1"])
    assert.deepStrictEqual(versions(["3.2.1", "4.2.1"]), [])
    // The other edition has numbers of its own.
    assert.deepStrictEqual(versions(["3.2.1", "4.1.9"]), ["4.2.1"])
  })

  it("does not move a dist-tag backwards", () => {
    assert.throws(() => missingFrom(["3.2.1", "4.10.0"], editions), "4.10.0 is published, so 4.2.1 cannot be")
    assert.throws(() => missingFrom(["3.2.2"], editions), "3.2.2 is published, so 3.2.1 cannot be")
  })

  it("takes the versions from the answer of the registry", () => {
    assert.deepStrictEqual(publishedVersions({ status: 0, stdout: "[\"3.1.0\", \"4.1.0\"]" }), ["3.1.0", "4.1.0"])
    assert.deepStrictEqual(publishedVersions({ status: 0, stdout: "\"3.1.0\"\n" }), ["3.1.0"])
    assert.deepStrictEqual(publishedVersions({ status: 1, stdout: "{\"error\":{\"code\":\"E404\"}}" }), [])
  })

  it("stops if the registry does not answer, rather than taking this for a new package", () => {
    assert.throws(
      () => publishedVersions({ status: 1, stdout: "{\"error\":{\"code\":\"ECONNREFUSED\"}}" }),
      /ECONNREFUSED/
    )
    assert.throws(() => publishedVersions({ status: 1, stdout: "" }), /status 1/)
    assert.throws(() => publishedVersions({ status: null, stdout: "" }), /registry did not say/)
    assert.throws(() => publishedVersions({ status: 0, stdout: "" }), /registry did not say/)
  })

  it("has manifests of the right package, version, tag and repository", () => {
    const [of3, of4] = editions
    if (of3 === undefined || of4 === undefined) throw new Error("there are two editions")
    const repository = { owner: "some-owner", name: "some-name" }
    const manifest = {
      name: "a-package",
      version: "4.2.1",
      publishConfig: { tag: "latest" },
      repository: { type: "git", url: "git+https://github.com/some-owner/some-name.git" }
    }
    assert.deepStrictEqual(problemsOf(manifest, of4, "a-package", repository), [])
    assert.deepStrictEqual(problemsOf(manifest, of3, "a-package", repository), [
      "tarballs/a-package-3.2.1.tgz: version is \"4.2.1\", not \"3.2.1\"",
      "tarballs/a-package-3.2.1.tgz: publishConfig.tag is \"latest\", not \"effect3\""
    ])
    assert.deepStrictEqual(problemsOf({ ...manifest, repository: undefined }, of4, "b-package", repository), [
      "tarballs/a-package-4.2.1.tgz: name is \"a-package\", not \"b-package\"",
      "tarballs/a-package-4.2.1.tgz: repository.url is undefined, " +
      "not \"git+https://github.com/some-owner/some-name.git\""
    ])
  })

  it("has provenance, access and the tag, and sends nothing in a dry run", () => {
    assert.deepStrictEqual(editions.map((edition) => publishCommand(edition, false).join(" ")), [
      "publish ./tarballs/a-package-3.2.1.tgz --access public --tag effect3 --provenance",
      "publish ./tarballs/a-package-4.2.1.tgz --access public --tag latest --provenance"
    ])
    assert.deepStrictEqual(
      editions.map((edition) => publishCommand(edition, true).at(-1)),
      ["--dry-run", "--dry-run"]
    )
  })

  it("sends a token to its registry only, and none without one", () => {
    assert.deepStrictEqual(tokenVariables("https://registry.example.com", "some-token"), {
      "npm_config_//registry.example.com/:_authToken": "some-token"
    })
    assert.deepStrictEqual(tokenVariables("http://127.0.0.1:4873/npm/", "some-token"), {
      "npm_config_//127.0.0.1:4873/npm/:_authToken": "some-token"
    })
    assert.deepStrictEqual(tokenVariables("https://registry.example.com", ""), {})
    assert.deepStrictEqual(tokenVariables("https://registry.example.com", undefined), {})
  })
})
