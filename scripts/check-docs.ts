/**
 * Compiles every example of the docstrings and of the Markdown files of the working folder, as if a reader had pasted it
 * into a file.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import { Array as Arr, Console, Data, Effect, Order, Stream } from "effect"
import { fileURLToPath } from "node:url"

const folder = ".examples"

const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url))

const documents = ["README.md", "AGENTS.md", "CHANGELOG.md", "CONTRIBUTING.md", "examples/README.md"]

class DocsFailed extends Data.TaggedError("DocsFailed")<{ readonly message: string }> {}

/** A line of text with its number in the file. */
interface Line {
  readonly text: string
  readonly number: number
}

interface Example {
  readonly source: string
  /** The name of the file that is compiled. */
  readonly name: string
  readonly lines: ReadonlyArray<Line>
}

const numbered = (text: string): ReadonlyArray<Line> =>
  text.split(/\r?\n/).map((text, index) => ({ text, number: index + 1 }))

/** The lines of the docstrings, without the asterisks. Code between docstrings is left out: it may contain fences. */
const docstringLines = (text: string): ReadonlyArray<Line> => {
  let inside = false
  return numbered(text).flatMap((line) => {
    if (/^\s*\/\*\*/.test(line.text)) inside = true
    const was = inside
    if (line.text.includes("*/")) inside = false
    return was ? [{ ...line, text: line.text.replace(/^\s*\/?\*+ ?/, "").replace(/\s*\*\/\s*$/, "") }] : []
  })
}

const fences = (lines: ReadonlyArray<Line>): ReadonlyArray<ReadonlyArray<Line>> => {
  const found: Array<Array<Line>> = []
  let open: { readonly close: string; readonly indent: string; readonly into: Array<Line> | undefined } | undefined
  for (const line of lines) {
    const [, indent = "", ticks, info = ""] = /^(\s*)(`{3,})(.*)$/.exec(line.text) ?? []
    if (open !== undefined) {
      if (ticks !== undefined && ticks.length >= open.close.length && info.trim() === "") open = undefined
      else open.into?.push({ ...line, text: line.text.replace(new RegExp(`^${open.indent}`), "") })
    } else if (ticks !== undefined) {
      const into = /^(ts|typescript)\b/.test(info.trim()) ? [] : undefined
      if (into !== undefined) found.push(into)
      open = { close: ticks, indent, into }
    }
  }
  return found
}

const examplesOf = (source: string, text: string): ReadonlyArray<Example> =>
  fences(source.endsWith(".ts") ? docstringLines(text) : numbered(text)).map((lines, index) => ({
    source,
    lines,
    name: `${source.replace(/\.\w+$/, "").replaceAll("/", "-")}-${index + 1}.ts`
  }))

const sourceFiles = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const under = (root: string, ending: string) =>
    Effect.map(
      files.readDirectory(root, { recursive: true }),
      (paths) => paths.filter((path) => path.endsWith(ending)).map((path) => `${root}/${path}`).sort(Order.string)
    )
  const hasDocs = yield* files.exists("docs")
  return [
    ...(yield* Effect.filter(documents, (path) => files.exists(path))),
    // The reference is made from the docstrings.
    ...(hasDocs ? (yield* under("docs", ".md")).filter((path) => !path.startsWith("docs/api/")) : []),
    ...(yield* under("src", ".ts"))
  ]
})

// An example may declare names that it does not use. Otherwise it is checked as strictly as the library's code.
const tsconfig = JSON.stringify(
  {
    extends: "../tsconfig.json",
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: ["*.ts"]
  },
  undefined,
  2
)

const write = (examples: ReadonlyArray<Example>) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    yield* files.remove(folder, { recursive: true, force: true })
    yield* files.makeDirectory(folder)
    yield* files.writeFileString(`${folder}/tsconfig.json`, tsconfig)
    yield* Effect.forEach(examples, ({ lines, name }) =>
      // The export turns an example without imports into a module.
      files.writeFileString(`${folder}/${name}`, [...lines.map(({ text }) => text), "export {}", ""].join("\n")))
  })

/** The output of the compiler, and whether it found no error. */
const compile = Effect.gen(function*() {
  const compiler = Command.make("node", tsc, "-p", folder, "--pretty", "false")
  const run = yield* Command.start(Command.stderr(compiler, "inherit"))
  const [output, exitCode] = yield* Effect.all([Stream.mkString(Stream.decodeText(run.stdout)), run.exitCode], {
    concurrency: "unbounded"
  })
  return { output, passed: exitCode === 0 }
}).pipe(Effect.scoped)

/** The errors of the compiler, with the file and line of the example's source. */
const located = (output: string, examples: ReadonlyArray<Example>): string =>
  output.trimEnd().split("\n").map((line) => {
    const [, name, row, what] = /^(?:\.examples\/)?([^(\s]+)\((\d+),\d+\): (.*)$/.exec(line) ?? []
    const example = examples.find((example) => example.name === name)
    if (example === undefined) return line
    const at = example.lines[Number(row) - 1] ?? example.lines.at(-1)
    return `${example.source}:${at?.number ?? "?"}: ${what}\n    ${at?.text.trim() ?? ""}`
  }).join("\n")

const check = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const sources = yield* sourceFiles
  const examples = yield* Effect.map(
    Effect.forEach(sources, (path) => Effect.map(files.readFileString(path), (text) => examplesOf(path, text))),
    Arr.flatten
  )
  if (examples.length === 0) return yield* new DocsFailed({ message: `no examples in ${sources.length} files` })
  yield* write(examples)
  const { output, passed } = yield* compile
  if (!passed) return yield* new DocsFailed({ message: located(output, examples) })
  const documented = new Set(examples.map(({ source }) => source)).size
  yield* Console.log(`${examples.length} examples of ${documented} files compile`)
})

check.pipe(
  Effect.provide(NodeContext.layer),
  Effect.tapError((error) => Console.error(error.message)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
