/** Runs programs of documents as a reader does, in a process of their own. Their cloud is on this machine. */
import { Effect } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { createServer, type Server } from "node:https"
import type { AddressInfo } from "node:net"
import path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { type Certificate, certificateFor } from "./certificate.ts"

/** What a program finds on the machine that it runs on. */
export interface Machine {
  readonly variables?: Readonly<Record<string, string>>
  /** By their paths in the home folder, which is also the working folder. */
  readonly files?: Readonly<Record<string, string>>
  /** What hosts that are not part of the cloud answer, in JSON. */
  readonly answers?: Readonly<Record<string, string>>
}

export interface Result {
  readonly code: unknown
  readonly output: string
  readonly errors: string
}

const cloudHosts = ["*.aliyuncs.com", "*.cn-hangzhou.aliyuncs.com"] as const

const forwarding = (certificate: Certificate, port: number, answers: Readonly<Record<string, string>>): Server =>
  createServer(certificate, (incoming, response) => {
    const { headers, method, url } = incoming
    const answer = answers[headers.host ?? ""]
    if (answer !== undefined) return void response.writeHead(200, { "content-type": "application/json" }).end(answer)
    const outgoing = request({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    outgoing.on("error", () => response.destroy())
    incoming.pipe(outgoing)
  })

const listening = (server: Server) =>
  Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
    }),
    () =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )

const root = fileURLToPath(new URL("../..", import.meta.url))

// Inside of the project, so that the program finds its packages.
const scratch = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(path.join(root, ".programs-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const write = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}

/** A limit for programs that hang, in milliseconds. */
const limit = 60_000

const start = (args: ReadonlyArray<string>, folder: string, variables: Readonly<Record<string, string>>) =>
  Effect.async<Result>((resume) => {
    const preload = pathToFileURL(path.join(root, "test/fixtures/onlyLoopback.ts")).href
    const child = execFile(
      process.execPath,
      ["--import", "tsx", "--import", preload, ...args],
      { cwd: folder, env: variables, timeout: limit, killSignal: "SIGKILL" },
      (error, output, errors) =>
        resume(
          error?.killed === true
            ? Effect.die(new Error(`the program did not end within ${limit / 1000} seconds:\n${output}${errors}`))
            : Effect.succeed({ code: error === null ? 0 : error.code, output, errors })
        )
    )
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** Runs a program against the local cloud of the context. */
export const run = (program: string, machine: Machine) =>
  runFile(["program.mts"], { ...machine, files: { ...machine.files, "program.mts": program } })

/** The same with a file that is there already, and with arguments. */
export const runFile = (args: ReadonlyArray<string>, { answers = {}, files = {}, variables = {} }: Machine) =>
  Effect.gen(function*() {
    const { url = "" } = yield* LocalCloud.LocalCloud
    const plain = Number(new URL(url).port)
    const certificate = certificateFor("localhost", ...cloudHosts, ...Object.keys(answers))
    const secure = yield* listening(forwarding(certificate, plain, answers))
    const home = yield* scratch
    write(home, { ...files, "trusted.pem": certificate.cert })
    return yield* start(args, home, {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      USERPROFILE: home,
      LOCAL_HTTP_PORT: String(plain),
      LOCAL_HTTPS_PORT: String(secure),
      NODE_EXTRA_CA_CERTS: path.join(home, "trusted.pem"),
      TSX_TSCONFIG_PATH: path.join(root, "tsconfig.json"),
      ...variables
    })
  }).pipe(Effect.scoped)
