/** The rules of the codemod for Effect 4: each rewrites its example, and what no rule knows is an error. */
import { assert, describe, it } from "@effect/vitest"
import path from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { versionFor4 } from "../../scripts/effect4/manifest.ts"
import { rewrite } from "../../scripts/effect4/rewrite.ts"
import { rules } from "../../scripts/effect4/rules/index.ts"
import { fencesOf, replaceFences } from "../../scripts/effect4/snippets.ts"

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "")

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  skipLibCheck: true,
  types: []
}

/** The texts, each as a file of the library in Effect 4, and what no rule knows. */
const rewriteAll = (texts: ReadonlyArray<string>, isLibrary: (index: number) => boolean = () => true) => {
  const files = new Map(texts.map((text, index) => [path.join(root, `example-${index}.ts`), text]))
  const host = ts.createCompilerHost(options)
  const program = ts.createProgram([...files.keys()], options, {
    ...host,
    fileExists: (file) => files.has(file) || host.fileExists(file),
    readFile: (file) => files.get(file) ?? host.readFile(file),
    getSourceFile: (file, version) => {
      const text = files.get(file)
      return text === undefined ? host.getSourceFile(file, version) : ts.createSourceFile(file, text, version)
    }
  })
  return [...files.keys()].map((file, index) => {
    const source = program.getSourceFile(file)
    assert.isDefined(source)
    const used: Array<string> = []
    const result = rewrite(source as ts.SourceFile, {
      root,
      rules,
      checker: program.getTypeChecker(),
      count: (rule) => used.push(rule),
      fileName: "example.ts",
      isLibrary: isLibrary(index)
    })
    return { ...result, used }
  })
}

/** The lines of a text, whatever the order of its imports and the kind of them. */
const normal = (text: string): string =>
  text.split("\n").map((line) => line.replace(/^import type /, "import ").trim()).filter((line) => line !== "")
    .sort((a, b) => Number(b.startsWith("import")) - Number(a.startsWith("import")) || (a < b ? -1 : 1)).join("\n")

describe("a rule for Effect 4", () => {
  // The helpers of tests are for tests.
  const results = rewriteAll(
    rules.map(({ example }) => example.before),
    (index) => rules[index]?.example.after.includes("test/support") === false
  )

  for (const [index, { example, name, why }] of rules.entries()) {
    it(`${name}: ${why}`, () => {
      const result = results[index]
      assert.deepStrictEqual(result?.unknown, [])
      assert.include(result?.used ?? [], name)
      assert.strictEqual(normal(result?.text ?? ""), normal(example.after))
    })
  }
})

describe("the codemod", () => {
  it("names the file and the line of what no rule knows", () => {
    const [member, module] = rewriteAll([
      `import * as Effect from "effect/Effect"\n\nexport const x = Effect.bindAll`,
      `import * as STM from "effect/STM"\nexport const x = STM.void`
    ])
    assert.deepStrictEqual(member?.unknown.map(({ line }) => line), [3])
    assert.match(member?.unknown[0]?.why ?? "", /effect\/Effect of Effect 4 has no bindAll/)
    assert.deepStrictEqual(module?.unknown.map(({ line }) => line), [2])
  })

  it("leaves what only has the name of a member of Effect", () => {
    const text = `const Effect = { catchAll: (n: number) => n }\nexport const x = Effect.catchAll(1)`
    assert.strictEqual(rewriteAll([text])[0]?.text, text)
  })

  it("rewrites code in fences, also of docstrings, and keeps the text around it", () => {
    const text = "/**\n * Words.\n *\n * ```ts\n * one\n *\n * two\n * ```\n */\n"
    assert.deepStrictEqual(fencesOf(text).map(({ code }) => code), ["one\n\ntwo"])
    assert.strictEqual(replaceFences(text, ["three\n\nfour"]), text.replace("one", "three").replace("two", "four"))
  })

  it("gives both editions the same minor version", () => {
    assert.strictEqual(versionFor4("3.14.1"), "4.14.1")
    assert.throws(() => versionFor4("0.1.0"))
  })
})
