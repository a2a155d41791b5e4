/** A program of another runtime: with a time limit, and never left running. */
import { Effect } from "effect"
import { spawn } from "node:child_process"

export interface Run {
  readonly program: string
  readonly args: ReadonlyArray<string>
  readonly folder: string
  readonly variables: Readonly<Record<string, string>>
}

export interface Output {
  /** Null if it was killed. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

// Nothing else of this environment: it may have a proxy, or credentials.
const kept = ["PATH", "SystemRoot", "TEMP", "TMP", "TMPDIR"]

const environment = (variables: Readonly<Record<string, string>>): Record<string, string> => ({
  ...Object.fromEntries(kept.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })),
  ...variables
})

export const run = ({ args, folder, program, variables }: Run): Effect.Effect<Output> =>
  Effect.async<Output>((resume) => {
    const child = spawn(program, args, {
      cwd: folder,
      env: environment(variables),
      stdio: ["ignore", "pipe", "pipe"],
      killSignal: "SIGKILL",
      timeout: 60_000
    })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text) => stdout += text)
    child.stderr.setEncoding("utf8").on("data", (text) => stderr += text)
    child.on("error", (error) => resume(Effect.succeed({ code: null, stdout, stderr: error.message })))
    child.on("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })
