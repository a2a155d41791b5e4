/** A folder with the first program of README: installed by one line, compiled, and run. */
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import { Chunk, Data, Effect, Stream } from "effect"
import path from "node:path"
import { environment, type Manager, peerProblems } from "./managers.ts"

export class RowFailed extends Data.TaggedError("RowFailed")<{ readonly message: string }> {}

/** What the program prints with the credentials of `credentials`. */
const expected = "found by env"

// Nothing but the environment is asked: it comes first.
const credentials = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI0000000000000001",
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: "example",
  ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true"
}

export interface Project {
  readonly folder: string
  readonly manager: Manager
  readonly line: string
  readonly program: string
  readonly registry: string
  /** The folder with the commands. */
  readonly bin: string
  /** The Node.js on which the compiled programs run, one after the other. */
  readonly nodes: ReadonlyArray<string>
  /** Which of `configs` are compiled. */
  readonly configs: ReadonlyArray<keyof typeof configs>
  /** Every entry point of the library. */
  readonly entries: ReadonlyArray<string>
}

const typescript = path.resolve("node_modules/typescript")

const options = { target: "ES2022", strict: true, exactOptionalPropertyTypes: true, rootDir: "." }

/** How the programs are compiled. */
const configs = {
  // As an ES module and as a CommonJS module.
  nodenext: {
    compilerOptions: { ...options, module: "nodenext", outDir: "out", types: [], skipLibCheck: true },
    files: ["first.mts", "first.cts"]
  },
  bundler: {
    compilerOptions: {
      ...options,
      module: "preserve",
      moduleResolution: "bundler",
      noEmit: true,
      types: [],
      skipLibCheck: true
    },
    files: ["first.mts"]
  },
  // The declarations of every entry point, which name those of Node.js.
  declarations: {
    compilerOptions: {
      ...options,
      module: "nodenext",
      outDir: "out",
      skipLibCheck: false,
      typeRoots: [path.resolve("node_modules/@types")],
      types: ["node"]
    },
    files: ["entries.mts"]
  }
}

const run = (project: Project, line: string, variables: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function*() {
    const all = { ...environment(project), ...variables }
    const command = Command.make("sh", "-c", `exec 2>&1; ${line}`).pipe(
      Command.env(all, { extendEnv: false }),
      Command.workingDirectory(path.join(project.folder, "project"))
    )
    const child = yield* Command.start(command)
    const output = yield* Stream.runCollect(Stream.decodeText(child.stdout)).pipe(Effect.map(Chunk.join("")))
    const status = yield* child.exitCode
    if (status !== 0) return yield* new RowFailed({ message: `${line}\nends with exit code ${status}\n${output}` })
    return output
  }).pipe(
    Effect.scoped,
    Effect.timeoutFail({
      duration: "5 minutes",
      onTimeout: () => new RowFailed({ message: `${line}\ntakes more than 5 minutes` })
    })
  )

const write = ({ entries, folder, program }: Project) => {
  const texts = {
    "first.mts": program,
    "first.cts": program,
    "entries.mts": entries.map((entry, index) => `export * as entry${index} from "${entry}"\n`).join(""),
    ...Object.fromEntries(
      Object.entries(configs).map(([name, config]) => [`tsconfig.${name}.json`, JSON.stringify(config, undefined, 2)])
    )
  }
  return Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.forEach(
      Object.entries(texts),
      ([name, text]) => files.writeFileString(path.join(folder, "project", name), text),
      { discard: true }
    ))
}

const install = (project: Project) =>
  Effect.gen(function*() {
    const { line, manager } = project
    const files = yield* FileSystem.FileSystem
    yield* files.makeDirectory(path.join(project.folder, "project"), { recursive: true })
    if (manager.prepare !== undefined) yield* run(project, manager.prepare)
    const problems = peerProblems(yield* run(project, line))
    if (problems.length > 0) {
      return yield* new RowFailed({ message: `${line}\nreports peer dependencies:\n${problems.join("\n")}` })
    }
    if (manager.runner !== undefined) {
      const { version } = JSON.parse(yield* files.readFileString(path.join(typescript, "package.json"))) as {
        readonly version: string
      }
      yield* run(project, `${manager.runner} add --dev typescript@${version}`)
    }
  })

const compile = (project: Project) => {
  const { manager } = project
  const compiler = manager.runner === undefined
    ? `node ${JSON.stringify(path.join(typescript, "bin/tsc"))}`
    : `${manager.runner} tsc`
  return Effect.forEach(project.configs, (name) => run(project, `${compiler} -p tsconfig.${name}.json`), {
    discard: true
  })
}

const start = (project: Project) => {
  const { manager, nodes } = project
  // `require` of an ES module does not find the archives of Plug'n'Play before Node.js 22.
  const lines = manager.runner === undefined
    ? nodes.flatMap((node) => ["first.mjs", "first.cjs"].map((file) => `${JSON.stringify(node)} out/${file}`))
    : [`${manager.runner} node out/first.mjs`]
  const firsts = Effect.forEach(
    lines,
    (line) =>
      Effect.flatMap(run(project, line, credentials), (output) =>
        output.includes(expected)
          ? Effect.void
          : new RowFailed({ message: `${line}\ndoes not print "${expected}", but\n${output}` })),
    { discard: true }
  )
  const all = Effect.zipRight(firsts, startCommand(project))
  return project.configs.includes("declarations")
    ? Effect.zipRight(all, run(project, "node out/entries.mjs"))
    : all
}

/** The command of the package, as its manager installs it. */
const startCommand = (project: Project) => {
  const { runner } = project.manager
  const file = runner === undefined ? "node_modules/.bin/alicloud-credentials" : `${runner} alicloud-credentials`
  const line = `${file} explain --offline`
  return Effect.flatMap(run(project, line, credentials), (output) =>
    output.includes("env is used")
      ? Effect.void
      : new RowFailed({ message: `${line}\ndoes not print "env is used", but\n${output}` }))
}

/** Fails with the output of the first command that fails. */
export const check = (project: Project) =>
  install(project).pipe(
    Effect.zipRight(write(project)),
    Effect.zipRight(compile(project)),
    Effect.zipRight(start(project))
  )
