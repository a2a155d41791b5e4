import { assert, describe, it } from "@effect/vitest"
import { anchorsOf, brokenLinks, linksOf } from "../../scripts/release/links.ts"

const targetsOf = (text: string) => linksOf(text).map(({ target }) => target)

describe("links of packed documents", () => {
  it("are found in text, images, references and HTML", () => {
    assert.deepStrictEqual(targetsOf("[a](a.md) and ![b](b.svg \"title\"), [c](<c.md>)"), ["a.md", "b.svg", "c.md"])
    assert.deepStrictEqual(targetsOf("[![Chart](docs/chart.svg)](docs/chart.md)"), ["docs/chart.svg", "docs/chart.md"])
    assert.deepStrictEqual(targetsOf("See [the guide][guide].\n\n[guide]: docs/guide.md"), ["docs/guide.md"])
    assert.deepStrictEqual(targetsOf("<a href=\"a.md\"><img src='b.svg'></a>"), ["a.md", "b.svg"])
    assert.deepStrictEqual(targetsOf("[`code`](a.md)"), ["a.md"])
    assert.deepStrictEqual(targetsOf("[two\nlines](a.md)"), ["a.md"])
  })

  it("are not looked for in code", () => {
    assert.deepStrictEqual(targetsOf("```ts\nlist[0](call)\n```\n\n`x[0](y)` and ``a ` [b](c)``"), [])
    assert.deepStrictEqual(linksOf("```ts\nlist[0](call)\n```\n[a](a.md)"), [{ target: "a.md", line: 4 }])
  })

  it("break if they lead to no file of the package, and the message has the file, the line and the link", () => {
    const files = new Map([
      ["README.md", "# One\n\n[a](docs/a.md)\n[bench](bench/warm.ts)\n[up](../other/README.md)\n[top](/docs/a.md)"],
      ["docs/a.md", "[src](../src/a.ts), [picture](a.svg), [folder](bench), [gone](gone.svg)"],
      ["docs/bench/warm.json", ""],
      ["docs/a.svg", ""],
      ["src/a.ts", "[not a document](nowhere.md)"]
    ])
    assert.deepStrictEqual(brokenLinks(files), [
      "README.md:4: bench/warm.ts is not in the package",
      "README.md:5: ../other/README.md leads out of the package",
      "README.md:6: /docs/a.md does not begin in the folder of the file",
      "docs/a.md:1: gone.svg is not in the package"
    ])
  })

  it("break if the heading is missing, in the same document or another", () => {
    const files = new Map([
      ["README.md", "# The title\n[a](#the-title) [b](#other) [c](docs/a.md#two-words) [d](docs/a.md#three)"],
      ["docs/a.md", "## Two words\n"]
    ])
    assert.deepStrictEqual(brokenLinks(files), [
      "README.md:2: #other has no heading for #other",
      "README.md:2: docs/a.md#three has no heading for #three"
    ])
  })

  it("may be addresses", () => {
    const files = new Map([["README.md", "[a](https://effect.website) [b](mailto:someone@example.com)"]])
    assert.deepStrictEqual(brokenLinks(files), [])
  })

  it("find headings by the anchors that pages have", () => {
    const text = "# `layer`, and [more](a.md)!\n## Effect 3 and Effect 4\n## Twice\n## Twice\n```sh\n# a comment\n```\n"
    assert.deepStrictEqual([...anchorsOf(text)], ["layer-and-more", "effect-3-and-effect-4", "twice", "twice-1"])
  })
})
