import { assert, describe, it } from "@effect/vitest"
import { exportedNames, reportsOf } from "../../scripts/api/report.ts"

const files: Readonly<Record<string, string>> = {
  "index.d.ts": `/** A docstring. */\nexport * as Pair from "./Pair.ts";\n//# sourceMappingURL=index.d.ts.map\n`,
  "Pair.d.ts": [
    `import * as Effect from "effect/Effect";`,
    `import type { Side } from "./internal/side.ts";`,
    `import type { Unused } from "./internal/side.ts";`,
    "/** The second by name. */",
    "export declare const make: (side: Side) => Effect.Effect<Pair>;",
    "interface Hidden {",
    "    /** A field. */",
    "    readonly id: string;",
    "}",
    "/** The first by name. */",
    "export interface Pair extends Hidden {",
    "    readonly side: Side;",
    "}",
    "export declare function both(one: string): string;",
    "export declare function both(one: number): number;",
    "export {};",
    "//# sourceMappingURL=Pair.d.ts.map"
  ].join("\n"),
  "internal/side.d.ts": [
    `import * as Duration from "effect/Duration";`,
    `import type { Deep } from "./deep.ts";`,
    "/** Mentioned. */",
    `export type Side = "left" | Deep;`,
    "export declare const notMentioned: Duration.Duration;",
    "export interface Unused {",
    "}"
  ].join("\n"),
  "internal/deep.d.ts": "export interface Deep {\n    readonly depth: number;\n}\nexport interface Other {\n}\n",
  "internal/lost.d.ts": "export declare const lost: string;\n"
}

const entries = new Map([["a-package", "index.d.ts"]])
const reports = (changed: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(reportsOf(entries, (file) => ({ ...files, ...changed })[file]))

describe("the API report", () => {
  it("has the declarations of public modules, sorted, without docstrings, and with the imports that they use", () => {
    const { index, Pair } = reports()
    assert.strictEqual(index, "# a-package\n\n```ts\nexport * as Pair from \"./Pair.ts\";\n```\n")
    assert.strictEqual(
      Pair,
      `# Pair, exported by a barrel

\`\`\`ts
import * as Effect from "effect/Effect"
import { Side } from "./internal/side.ts"

interface Hidden {
    readonly id: string;
}

export interface Pair extends Hidden {
    readonly side: Side;
}

export declare function both(one: string): string;

export declare function both(one: number): number;

export declare const make: (side: Side) => Effect.Effect<Pair>;
\`\`\`
`
    )
  })

  it("has only those declarations of internal modules that public ones mention, directly or not", () => {
    const found = reports()
    assert.deepStrictEqual(Object.keys(found).sort(), ["Pair", "index", "internal/deep", "internal/side"])
    assert.strictEqual(
      found["internal/side"],
      "# internal/side, which cannot be imported\n\n```ts\nimport { Deep } from \"./deep.ts\"\n\n" +
        "export type Side = \"left\" | Deep;\n```\n"
    )
    assert.match(found["internal/deep"] ?? "", /Deep \{\n {4}readonly depth: number;\n\}/)
    assert.notMatch(found["internal/deep"] ?? "", /Other/)
  })

  it("changes in one line if a signature changes, and not at all if a declaration moves or its docstring changes", () => {
    const before = reports()
    const pair = files["Pair.d.ts"] ?? ""
    const renamed = reports({ "Pair.d.ts": pair.replace("(side: Side)", "(side?: Side)") })
    const linesOf = (text: string | undefined) => (text ?? "").split("\n")
    assert.deepStrictEqual(
      linesOf(renamed["Pair"]).filter((line, index) => line !== linesOf(before["Pair"])[index]),
      ["export declare const make: (side?: Side) => Effect.Effect<Pair>;"]
    )
    assert.deepStrictEqual({ ...renamed, Pair: before["Pair"] ?? "" }, before)

    const [make = ""] = /\/\*\* The second.*\n.*\n/.exec(pair) ?? []
    const moved = `${pair.replace(make, "")}\n${make.replace("second", "last")}`
    assert.notStrictEqual(moved, pair)
    assert.deepStrictEqual(reports({ "Pair.d.ts": moved }), before)
  })

  it("fails if an entry point is not built", () => {
    assert.throws(() => void reportsOf(new Map([["a-package", "missing.d.ts"]]), () => undefined), /missing\.d\.ts/)
  })

  it("finds the exported names of a module and of a barrel", () => {
    assert.deepStrictEqual(exportedNames(files["Pair.d.ts"] ?? ""), ["Pair", "both", "make"])
    assert.deepStrictEqual(exportedNames("export { a as b } from \"./x.ts\"; export * as C from \"./c.ts\""), [
      "C",
      "b"
    ])
  })
})
