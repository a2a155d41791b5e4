/**
 * Packs both editions, installs them with each package manager by the lines of README, then compiles and runs its first
 * program. Also installs the oldest versions that the peer dependencies allow.
 *
 *     npm run check:install                  versions of other packages up to a fixed date
 *     npm run check:install -- --latest      all versions of other packages
 *     npm run check:install -- --built       packs `dist` and `v4/build` as they are
 *     npm run check:install -- --tarballs F  takes the tarballs in the folder F
 *     npm run check:install -- --only bun    package managers whose name begins with "bun"
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import { Cause, Clock, Console, Data, Effect, Either, Exit } from "effect"
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { parseArgs } from "node:util"
import { newerNode } from "../effect4/node.ts"
import { table } from "../table.ts"
import { commands, install, isPresent, type Manager, managers } from "./managers.ts"
import { check, type Project } from "./project.ts"
import { type Edition, editions, firstProgram, floorLine, installLine } from "./readme.ts"
import { type Packed, serve } from "./registry.ts"

/** The newest versions of other packages, unless `--latest` is given. To be moved from time to time. */
const date = "2026-11-25T00:00:00Z"

class Failed extends Data.TaggedError("Failed")<{ readonly message: string }> {}

const { values } = parseArgs({
  options: {
    latest: { type: "boolean", default: false },
    built: { type: "boolean", default: false },
    tarballs: { type: "string" },
    only: { type: "string", default: "" }
  }
})

/** The folder with both tarballs. */
const pack = (): string => {
  if (values.tarballs !== undefined) return values.tarballs
  const words = ["run", "--silent", "pack:all", ...values.built ? ["--", "--built"] : []]
  execFileSync("npm", words, { stdio: ["ignore", "ignore", "inherit"], shell: process.platform === "win32" })
  return "tarballs"
}

const packedOf = (file: string): Packed => {
  const manifest = JSON.parse(
    execFileSync("tar", ["-xzOf", file, "package/package.json"], { encoding: "utf8" })
  ) as Packed["manifest"]
  return { tag: manifest.publishConfig.tag, manifest, tarball: readFileSync(file) }
}

const readPacked = (folder: string): ReadonlyArray<Packed> =>
  readdirSync(folder).filter((file) => file.endsWith(".tgz")).map((file) => packedOf(path.join(folder, file)))

interface Row {
  readonly name: string
  readonly edition: Edition
  readonly manager: Manager
  readonly line: string
  readonly configs: Project["configs"]
  readonly entries: Project["entries"]
}

const rowsOf = (readme: string, packed: ReadonlyArray<Packed>): ReadonlyArray<Row> =>
  editions.flatMap((edition): ReadonlyArray<Row> => {
    const manifest = packed.find(({ manifest }) => manifest.version.startsWith(`${edition}.`))?.manifest
    if (manifest === undefined) throw new Error(`no tarball of the edition for Effect ${edition}`)
    const entries = Object.keys(manifest.exports)
      .filter((entry) => entry !== "./package.json")
      .map((entry) => `${manifest.name}${entry.slice(1)}`)
    const rows = managers.map((manager): Row => ({
      name: manager.name,
      edition,
      manager,
      line: installLine(readme, manager.inReadme, edition),
      configs: manager.name === "npm" ? ["nodenext", "bundler", "declarations"] : ["nodenext"],
      entries
    }))
    const floors = rows.slice(0, 1).map((row): Row => ({
      ...row,
      name: `${row.name}, floors`,
      line: floorLine(row.line, manifest.peerDependencies),
      configs: ["nodenext", "declarations"]
    }))
    return [...rows, ...floors].filter(({ name }) => name.startsWith(values.only))
  })

interface Result {
  readonly row: Row
  readonly seconds: number
  readonly problem: string | undefined
}

const program = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const root = yield* files.makeTempDirectoryScoped({ prefix: "install-" })
  const readme = yield* files.readFileString("README.md")
  yield* Effect.sync(install)
  const packed = yield* Effect.sync(() => readPacked(pack()))
  const upstream = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim()
  const { address } = yield* serve({ upstream, date: values.latest ? undefined : date, packed })
  const nodes = { "3": process.execPath, "4": newerNode }
  const bins = { "3": commands(`${root}/bin3`, nodes["3"]), "4": commands(`${root}/bin4`, nodes["4"]) }

  const result = (row: Row, index: number) =>
    Effect.gen(function*() {
      const start = yield* Clock.currentTimeMillis
      const folder = `${root}/${index}`
      const outcome = yield* check({
        folder,
        ...row,
        program: firstProgram(readme),
        registry: address,
        bin: bins[row.edition],
        nodes: row.manager.name === "npm" ? [...new Set([nodes[row.edition], newerNode])] : [nodes[row.edition]]
      }).pipe(Effect.either)
      yield* files.remove(folder, { recursive: true, force: true })
      const seconds = ((yield* Clock.currentTimeMillis) - start) / 1000
      const problem = Either.isLeft(outcome) ? outcome.left.message : undefined
      yield* Console.log(`${problem === undefined ? "ok" : "FAILED"} in ${seconds.toFixed(1)} s: ${row.line}`)
      return { row, seconds, problem }
    })

  const rows = rowsOf(readme, packed)
  const [present, missing] = [
    rows.filter(({ manager }) => isPresent(manager)),
    rows.filter(({ manager }) => !isPresent(manager))
  ]
  const results: ReadonlyArray<Result> = yield* Effect.forEach(present, result, { concurrency: 2 })
  const failed = results.filter(({ problem }) => problem !== undefined)
  for (const { problem, row } of failed) yield* Console.error(`\n${row.name}, Effect ${row.edition}: ${problem}`)
  yield* Console.log("")
  yield* Console.log(table(["package manager", "Effect", "seconds", "result"], [
    ...results.map(({ problem, row, seconds }) => [
      row.name,
      row.edition,
      seconds.toFixed(1),
      problem === undefined ? "ok" : "FAILED"
    ]),
    ...missing.map(({ edition, name }) => [name, edition, "", "skipped: no program for this system"])
  ]))
  if (results.length === 0) return yield* new Failed({ message: `no package manager begins with "${values.only}"` })
  if (failed.length > 0) {
    return yield* new Failed({ message: `${failed.length} of ${results.length} installations failed` })
  }
}).pipe(Effect.scoped)

program.pipe(
  Effect.provide(NodeContext.layer),
  Effect.tapErrorCause((cause) => {
    const error = Cause.squash(cause)
    return Console.error(error instanceof Error ? error.message : error)
  }),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    // An interrupted check has not passed.
    teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : 1)
  })
)
