/**
 * docs/observability.md names every span, metric, label, attribute and log line of the library, and nothing else.
 */
import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import * as names from "../../src/internal/provider/names.ts"

const root = new URL("../..", import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), "utf8")
const document = read("docs/observability.md")

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "")

const sources = (readdirSync(new URL("src", root), { recursive: true }) as Array<string>)
  .filter((name) => name.endsWith(".ts") && !name.startsWith("testing"))
  .map((name) => ({ name: name.replaceAll("\\", "/"), text: withoutComments(read(`src/${name}`)) }))

const code = sources.map(({ text }) => text).join("\n")

const all = (text: string, pattern: RegExp): ReadonlyArray<string> =>
  [
    ...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ""))
  ].sort()

/** The modules that read files of the user, which name their spans and log lines. */
const fileModules = sources
  .filter(({ name }) => name.startsWith("internal/profile/"))
  .flatMap(({ text }) => all(text, /^\s*module: "(\w+)",$/gm))

/** The cells of the rows of a section. */
const rows = (section: string): ReadonlyArray<ReadonlyArray<string>> =>
  (document.split(`## ${section}\n`)[1]?.split("\n## ")[0] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| ---"))
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()))

const quoted = (cell: string | undefined): ReadonlyArray<string> => all(cell ?? "", /`([^`]+)`/g)

const firstCells = (section: string) => rows(section).flatMap(([cell]) => quoted(cell))

describe("the document on observability", () => {
  it("names every span", () => {
    assert.isNotEmpty(fileModules)
    const spans = all(code, /rootSpan\(["`]([^"`]+)["`]/g).flatMap((name) =>
      name.includes("${module}") ? fileModules.map((module) => name.replace("${module}", module)) : [name]
    )
    const documented = firstCells("Spans").filter((name) => /^[A-Z]\w+\.\w+$/.test(name))
    assert.deepStrictEqual([...documented].sort(), [...spans].sort())
    // Only these two make spans.
    const makers = sources.filter(({ text }) => /(?:with|use|make)Span(?:Scoped)?\(|Effect\.fn\(/.test(text))
    assert.deepStrictEqual(makers.map(({ name }) => name).sort(), [
      "internal/provider/telemetry.ts",
      "internal/signing/span.ts"
    ])
  })

  it("names every attribute of spans", () => {
    const attributes = [
      ...all(code, /span\.attribute\(\s*"([^"]+)"/g),
      ...all(code, /attributes: \{ "([^"]+)"/g),
      ...all(code, /describeHeaders\(span, "([^"]+)"/g).map((prefix) => `${prefix}.<name>`)
    ]
    assert.isAtLeast(attributes.length, 10)
    assert.deepStrictEqual(attributes.filter((name) => !document.includes(`\`${name}\``)), [])
  })

  it("names every metric and its labels", () => {
    const metrics = all(code, /Metric\.(?:counter|gauge|timer\w*|histogram|summary|frequency)\(\s*"([^"]+)"/g)
    assert.lengthOf(metrics, 5)
    assert.deepStrictEqual([...firstCells("Metrics")].sort(), metrics)
    const labels = [
      ...all(code, /Metric\.tagged\([^"()]*"(\w+)"/g),
      ...all(code, /Metric\.tagged\(\w+, "(\w+)"/g),
      // Of Effect 4.
      ...all(code, /Metric\.withAttributes\([^"()]*"(\w+)"/g)
    ]
    assert.includeMembers(labels, ["provider", "outcome", "unit"])
    const documented = rows("Metrics").flatMap(([, , cell]) => quoted(cell))
    assert.deepStrictEqual(labels.filter((label) => !documented.includes(label)), [])
  })

  it("names every value of the labels", () => {
    const [, tags = ""] = /const tags: [\s\S]*?\(\[([\s\S]*?)\]\)/.exec(read("src/internal/provider/labels.ts")) ?? []
    const values = [...names.sources, ...all(tags, /"(\w+)"/g), "custom", "success", "interrupted", "defect"]
    assert.isAtLeast(values.length, 20)
    assert.deepStrictEqual(values.filter((value) => !document.includes(`\`${value}\``)), [])
  })

  it("has the names of metrics in its alerts, with the suffixes of Prometheus", () => {
    const used = all(document, /\b(alicloud_credentials_\w+)/g)
    const known = firstCells("Metrics")
    const suffix = /(?:_total|_milliseconds_bucket)$/
    assert.deepStrictEqual(used.filter((name) => !known.includes(name.replace(suffix, ""))), [])
  })

  // The text of these lines is made elsewhere in the same room, or is the message of an error.
  const madeElsewhere: Readonly<Record<string, ReadonlyArray<string>>> = {
    "internal/wire/session.ts": ["the clocks of this machine and of the server differ"],
    "internal/login/store.ts": [
      "the login could not be stored, so that other programs may need a new one",
      "the session could not be stored for other programs"
    ],
    "internal/credentialChain.ts": ["the message of each link that failed"],
    "internal/profile/fileProvider.ts": ["unknown fields are ignored", "does not use", "and ignored"],
    "internal/throttling.ts": [
      "renewal failed; the cached credentials",
      "the server throttles, and nothing is cached"
    ],
    "internal/sharing/sharedSession.ts": [
      "the session is not shared with other processes",
      "a stored session is not valid or was encrypted with another key, and will be replaced"
    ],
    "CredentialConfig.ts": ["and ignored"]
  }

  /** The texts between the values of the templates and strings in a piece of code, as far as they can be recognized. */
  const fragments = (argument: string): ReadonlyArray<string> =>
    [...argument.replace(/\$\{[^{}]*\}/g, "\0").matchAll(/["`]([^"`]*)["`]/g)]
      .flatMap(([, text = ""]) => text.split(/\0|\$\{/))
      .map((text) => text.trim())
      .filter((text) => /[a-z]{2,} [a-z]{2,}/.test(text))

  const argumentAt = (text: string, start: number): string => {
    let depth = 1
    let end = start
    while (depth > 0 && end < text.length) {
      const character = text[end]
      depth += character === "(" ? 1 : character === ")" ? -1 : 0
      end += 1
    }
    return text.slice(start, end - 1)
  }

  const logCalls = sources.flatMap(({ name, text }) =>
    [...text.matchAll(/Effect\.log(\w*)\(/g)].map(({ 0: call, 1: level = "", index }) => ({
      name,
      level: level.toLowerCase(),
      argument: argumentAt(text, index + call.length)
    }))
  )

  it("has every log line, with its level", () => {
    assert.isAtLeast(logCalls.length, 14)
    const lines = rows("Log lines")
    for (const { argument, level, name } of logCalls) {
      const found = fragments(argument)
      const expected = found.length > 0 ? found : madeElsewhere[name] ?? [`the argument ${argument} of ${name}`]
      for (const text of expected) {
        const matching = lines.filter(([, , cell = ""]) => cell.includes(text))
        assert.isNotEmpty(matching, `${name}: ${text}`)
        if (level !== "withlevel") assert.isTrue(matching.some(([cell]) => cell === level), `${name}: ${level} ${text}`)
      }
    }
  })

  it("has no log line, module or annotation that does not exist", () => {
    const lines = rows("Log lines").slice(1)
    assert.isAtLeast(lines.length, 15)
    const flat = code.replace(/["`] \+\s*["`]/g, "")
    for (const [, module, line] of lines) {
      for (const text of quoted(line)) {
        const pieces = text.split("…").map((piece) => piece.trim()).filter((piece) => /[a-z]{2,} [a-z]/.test(piece))
        assert.isNotEmpty(pieces, text)
        for (const piece of pieces) assert.include(flat, piece.replace(/^[,:;] |:$/g, ""), text)
      }
      const known = [...all(code, /annotated\("(\w+)"/g), ...fileModules]
      for (const name of quoted(module)) assert.include(known, name)
    }
    assert.match(code, /annotateLogs\(effect, \{ package: "effect-alicloud-credentials", module, provider \}\)/)
  })
})
