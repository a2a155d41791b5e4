/**
 * Credentials for a program in another language: it asks a secret address on this machine, as it would ask any
 * credentials URI, and gets sessions only.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Redacted } from "effect"
import { CredentialsServer } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"
import { spawn } from "node:child_process"

const Server = NodeCredentials.layerCredentialsServer().pipe(Layer.provide(NodeCredentials.layerStrict))

const [program = "python3", ...args] = process.argv.slice(2)

const run = (uri: string) =>
  Effect.async<number | null>((resume) => {
    // Variables of an AccessKey would come before the address.
    const env = { PATH: process.env["PATH"] ?? "", ALIBABA_CLOUD_CREDENTIALS_URI: uri, NO_PROXY: "127.0.0.1" }
    const child = spawn(program, args, { env, stdio: "inherit" })
    child.once("error", () => resume(Effect.succeed(127)))
    child.once("close", (code) => resume(Effect.succeed(code)))
    return Effect.sync(() => child.kill())
  })

const main = Effect.gen(function*() {
  const { uri } = yield* CredentialsServer.CredentialsServer
  const code = yield* run(Redacted.value(uri))
  yield* Console.error(`${program}: exit code ${code}`)
  yield* Effect.sync(() => {
    process.exitCode = code ?? 1
  })
})

main.pipe(Effect.provide(Server), NodeRuntime.runMain)
