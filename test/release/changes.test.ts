import { assert, describe, it } from "@effect/vitest"
import {
  type Change,
  problemsOf,
  sectionIn,
  sectionOf,
  withLockedVersion,
  withSection,
  withVersion
} from "../../scripts/release/changes.ts"

const change = (id: string, type: string, summary: string, name = "a-package"): Change => ({
  id,
  summary,
  releases: [{ name, type }]
})

describe("a changeset", () => {
  it("is minor or patch", () => {
    assert.deepStrictEqual(
      problemsOf([change("one", "minor", "A."), change("two", "patch", "B.")], "a-package"),
      []
    )
  })

  it("is never major, since the first number of a version is the major of Effect", () => {
    const [problem, ...others] = problemsOf([change("big", "major", "A.")], "a-package")
    assert.deepStrictEqual(others, [])
    assert.match(problem ?? "", /^\.changeset\/big\.md: major is not possible.*Write minor/)
  })

  it("has the package, a release and a text", () => {
    assert.deepStrictEqual(
      problemsOf(
        [
          change("other", "minor", "A.", "b-package"),
          { id: "empty", summary: "A.", releases: [] },
          change("silent", "patch", " \n"),
          change("nothing", "none", "A.")
        ],
        "a-package"
      ),
      [
        ".changeset/other.md: b-package is not the package a-package",
        ".changeset/empty.md: no release: write \"a-package\": minor or patch",
        ".changeset/silent.md: the text is missing, which becomes the line of CHANGELOG.md",
        ".changeset/nothing.md: none is not minor or patch"
      ]
    )
  })
})

describe("the changelog", () => {
  const section = `## 3.2.0 and 4.2.0

- A feature,
  in two lines.
- Another feature.
- A fix:

  \`\`\`ts
  fixed()
  \`\`\``

  it("has a section for both editions: features, then fixes, each in the order of the file names", () => {
    assert.strictEqual(
      sectionOf("3.2.0", [
        change("a", "patch", "A fix:\n\n```ts\nfixed()\n```\n"),
        change("c", "minor", "Another feature."),
        change("b", "minor", "A feature,\nin two lines.")
      ]),
      section
    )
  })

  it("gets the section on top, and keeps what it has", () => {
    const before = "# Changes\n\n## 3.1.0 and 4.1.0\n\n- The first.\n"
    const after = withSection(before, section)
    assert.strictEqual(after, `# Changes\n\n${section}\n\n## 3.1.0 and 4.1.0\n\n- The first.\n`)
    assert.strictEqual(`## 3.2.0 and 4.2.0\n\n${sectionIn(after, "3.2.0")}`, section)
    assert.strictEqual(sectionIn(after, "3.1.0"), "- The first.")
    assert.throws(() => sectionIn(after, "3.3.0"), /no section "## 3\.3\.0 and 4\.3\.0"/)
  })
})

describe("the next version", () => {
  it("is also that of the header for servers", () => {
    const source = "/** The version. */\nexport const version = \"3.1.0\"\n\nexport const other = \"3.1.0\"\n"
    assert.strictEqual(
      withVersion(source, "3.2.0"),
      "/** The version. */\nexport const version = \"3.2.0\"\n\nexport const other = \"3.1.0\"\n"
    )
    assert.throws(() => withVersion("export const other = \"3.1.0\"", "3.2.0"), /not found/)
  })

  it("is that of the package in the lockfile, and of no other", () => {
    const lock = (version: string) =>
      `${
        JSON.stringify(
          {
            name: "a",
            version,
            lockfileVersion: 3,
            packages: { "": { name: "a", version }, "node_modules/b": { version: "3.1.0" } }
          },
          undefined,
          2
        )
      }\n`
    assert.strictEqual(withLockedVersion(lock("3.1.0"), "3.2.0"), lock("3.2.0"))
  })
})
