/**
 * What the proofs share: a folder with a login, a cloud on loopback, and programs to be hurt.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, Layer } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { bundle } from "../bundle.ts"

export interface Stage {
  readonly folder: string
  readonly file: string
  readonly cloud: LocalCloud.Service
  readonly url: string
  /** The program, as one file of JavaScript. */
  readonly program: string
}

/** What came of a proof: a line for each thing that was seen, and each that should not have been. */
export interface Outcome {
  readonly seen: ReadonlyArray<string>
  readonly faults: ReadonlyArray<string>
}

export interface Proof {
  readonly name: string
  readonly needsMounts: boolean
  readonly run: (stage: Stage) => Promise<Outcome>
}

const { defaults } = LocalCloud

/** A refresh token that the cloud knows. */
export const refreshToken = (index: number): string => `example-refresh-token-${index}`

/** Each use of a login renews it, since no session is worth being taken over. */
const world = {
  oauth: {
    ...defaults.world.oauth,
    refreshTokens: Array.from({ length: 20 }, (_, index) => refreshToken(index)),
    accessTokenLifetime: "20 minutes",
    exchangeLifetime: "50 seconds"
  }
} as const

const Cloud = LocalCloud.layerServer({ world }).pipe(
  Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" }))
)

export const writeLogin = (file: string, fields: Readonly<Record<string, unknown>> = {}): void => {
  const profile = { name: "login", mode: "OAuth", oauth_refresh_token: refreshToken(0), note: "ü", ...fields }
  writeFileSync(file, JSON.stringify({ current: "login", profiles: [profile] }, null, 2), { mode: 0o600 })
}

type Fields = Readonly<Record<string, unknown>>

/** The profile of a file, which has to be JSON. */
export const readLogin = (file: string): Fields =>
  (JSON.parse(readFileSync(file, "utf8")) as { readonly profiles: readonly [Fields] }).profiles[0]

const makeFolder = (): string => mkdtempSync(join(tmpdir(), "proof-of-logins-"))

const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true })

const source = fileURLToPath(new URL("./program.ts", import.meta.url))

let bundled: Promise<string> | undefined = undefined

export const onStage = (run: (stage: Stage) => Promise<Outcome>): Promise<Outcome> =>
  Effect.runPromise(
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const program = yield* Effect.promise(() => bundled ??= bundle(source))
      const folder = makeFolder()
      const file = join(folder, "config.json")
      writeLogin(file)
      return yield* Effect.ensuring(
        Effect.promise(() => run({ folder, file, cloud, program, url: cloud.url ?? "" })),
        Effect.sync(() => removeFolder(folder))
      )
    }).pipe(Effect.provide(Cloud))
  )

export interface End {
  readonly code: number | null
  readonly lines: ReadonlyArray<string>
}

export interface Program {
  readonly kill: (signal: NodeJS.Signals) => void
  /** Resolves when it is about to use the login. */
  readonly ready: Promise<void>
  readonly end: Promise<End>
}

export interface Use {
  readonly name: string
  readonly times?: number
  /** Milliseconds by which its wall clock jumps. */
  readonly jump?: number
  readonly file?: string
  /** A command that runs the program. */
  readonly within?: ReadonlyArray<string>
}

export const start = (stage: Stage, { file = stage.file, jump = 0, name, times = 1, within = [] }: Use): Program => {
  const args = [stage.program, file, stage.url, name, String(times), String(jump)]
  const child = spawn("env", [...within, process.execPath, ...args], { stdio: ["ignore", "pipe", "pipe"] })
  const lines: Array<string> = []
  const ready = new Promise<void>((resolve) => {
    createInterface(child.stdout).on("line", (line) => {
      lines.push(line)
      resolve()
    })
    child.on("close", () => resolve())
  })
  createInterface(child.stderr).on("line", (line) => lines.push(line))
  const end = new Promise<End>((resolve) => {
    child.on("close", (code) => resolve({ code, lines }))
  })
  return { ready, end, kill: (signal) => void child.kill(signal) }
}

export const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

export const renewals = (stage: Stage) =>
  Effect.runPromise(
    Effect.map(stage.cloud.requests, (requests) =>
      requests.filter(({ operation }) =>
        operation === "token"
      ).map(({ form, headers, status }) => ({
        status,
        token: form["refresh_token"] ?? "",
        program: headers["x-program"] ?? ""
      })))
  )

/** What is wrong with the file afterwards, or with the next program: it has to renew the login without a person. */
export const afterwards = async (stage: Stage): Promise<ReadonlyArray<string>> => {
  // Without the session and the time of the access token, which a clock that jumped may have let seem valid for long.
  writeLogin(stage.file, { oauth_refresh_token: readLogin(stage.file)["oauth_refresh_token"] })
  const before = (await renewals(stage)).length
  const { code, lines } = await start(stage, { name: "next" }).end
  const [first] = (await renewals(stage)).slice(before)
  const remains = readdirSync(stage.folder).filter((name) => name !== "config.json")
  return [
    ...first?.status === 200 ? [] : ["the server does not accept the stored token"],
    ...code === 0 ? [] : [`the next program needs a person: ${lines.join(" ")}`],
    ...remains.length === 0 ? [] : [`left behind: ${remains.join(", ")}`]
  ]
}

/** Whether this process may mount file systems in a namespace of its own. */
export const canMount = (): boolean =>
  process.platform === "linux" &&
  spawnSync("unshare", ["-m", "sh", "-c", "mount -t tmpfs none /mnt"], { stdio: "ignore" }).status === 0
