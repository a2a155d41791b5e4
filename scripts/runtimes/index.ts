/**
 * Runs the built packages of both editions on each runtime: `npm run runtimes`, or `npm run runtimes -- node20 bun` for
 * some of them. `--usual` takes those that each change is tested on, and `--built` does not build the packages.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Data, Effect, Exit, Layer } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import path from "node:path"
import * as child from "./child.ts"
import { type Edition, isBuilt, prepare } from "./editions.ts"
import { writeHome } from "./home.ts"
import { install, type Installed } from "./install.ts"
import { isOk, outcomes, report, type Row } from "./report.ts"
import { configOfWorkerd, type Runtime, runtimes, workerdConfig } from "./runtimes.ts"
import { type Servers, start as startServers } from "./servers.ts"

const words = process.argv.slice(2)
const names = words.filter((word) => !word.startsWith("--"))
const chosen = runtimes.filter(({ isUsual, name }) =>
  names.length > 0 ? names.includes(name) : !words.includes("--usual") || isUsual
)
const editions = [...new Set(chosen.flatMap(({ editions }) => editions))]

const unknown = names.filter((name) => runtimes.every((runtime) => runtime.name !== name))
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(", ")}; the runtimes are ${runtimes.map(({ name }) => name).join(", ")}`)
  process.exit(1)
}

class BuildFailed extends Data.TaggedError("BuildFailed")<{ readonly message: string }> {}

const scratch = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(path.join(tmpdir(), "runtimes-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const build = ({ name, script }: Edition) =>
  Effect.async<void, BuildFailed>((resume) => {
    const npm = spawn("npm", ["run", script], { stdio: "inherit", shell: process.platform === "win32" })
    npm.on("close", (code) => resume(code === 0 ? Effect.void : new BuildFailed({ message: `${name} does not build` })))
    return Effect.sync(() => npm.kill())
  })

const ready = (edition: Edition, scratch: string) =>
  Effect.gen(function*() {
    if (!words.includes("--built") || !isBuilt(edition)) yield* build(edition)
    const folder = path.join(scratch, edition.name.replace(" ", "-"))
    yield* Effect.sync(() => mkdirSync(folder))
    // Seconds. If it went on after the folder is removed, it would make it again.
    yield* Effect.uninterruptible(Effect.tryPromise(() => prepare(folder, edition)))
    return [edition, folder] as const
  })

const { accessKeyId, accessKeySecret } = LocalCloud.defaults

interface Start {
  readonly runtime: Runtime
  readonly installed: Installed
  readonly edition: Edition
  readonly folder: string
  readonly servers: Servers
}

const start = ({ edition, folder, installed: { program, version }, runtime, servers }: Start) =>
  Effect.gen(function*() {
    const { url = "" } = yield* LocalCloud.LocalCloud
    const certificate = path.join(folder, "trusted.pem")
    writeFileSync(certificate, servers.certificate)
    const home = path.join(folder, `home-of-${runtime.name}`)
    writeHome(home)
    const variables = {
      ...servers.variables,
      LOCAL_CLOUD: url,
      ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret
    }
    if (runtime.args.includes(configOfWorkerd)) {
      writeFileSync(path.join(folder, configOfWorkerd), workerdConfig(variables))
    }
    const output = yield* child.run({
      program,
      args: runtime.args,
      folder,
      variables: {
        ...variables,
        HOME: home,
        USERPROFILE: home,
        NODE_EXTRA_CA_CERTS: certificate,
        DENO_CERT: certificate,
        DENO_NO_UPDATE_CHECK: "1",
        DO_NOT_TRACK: "1"
      }
    })
    return {
      runtime: runtime.title,
      version,
      edition: edition.name,
      outcomes: outcomes(output, runtime.programs)
    } satisfies Row
  })

const main = Effect.gen(function*() {
  const folder = yield* scratch
  const servers = yield* startServers
  const folders = new Map(yield* Effect.forEach(editions, (edition) => ready(edition, folder)))
  const found = yield* Effect.forEach(
    chosen,
    (runtime) =>
      Effect.map(
        Effect.tryPromise((signal) => install(runtime.name, signal)),
        (installed) => ({ runtime, installed })
      ),
    { concurrency: 2 }
  )
  const starts = found.flatMap(({ installed, runtime }) =>
    installed === undefined
      ? []
      : runtime.editions.map((edition) => ({
        runtime,
        installed,
        edition,
        servers,
        folder: folders.get(edition) ?? ""
      }))
  )
  const rows = yield* Effect.forEach(starts, start, { concurrency: 2 })
  yield* Console.log(report(rows))
  for (const { installed, runtime } of found) {
    if (installed === undefined) {
      yield* Console.log(`${runtime.name}: skipped, no package has it for ${process.platform}-${process.arch}`)
    }
  }
  if (rows.length === 0) yield* Console.error("no runtime ran")
  if (rows.length === 0 || !rows.every(isOk)) process.exitCode = 1
})

const cloud = LocalCloud.layerServer().pipe(
  Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" }))
)

// Both the terminal and the parent process send the signal. The second one must not end the cleaning.
process.on("SIGINT", () => {})

main.pipe(
  Effect.scoped,
  Effect.provide(cloud),
  // An interrupted run is no success.
  NodeRuntime.runMain({ teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : 1) })
)
