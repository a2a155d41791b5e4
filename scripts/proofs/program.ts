/**
 * A program that uses the OAuth login of a profile, and renews it each time. What the proofs do to it is their affair.
 *
 * Arguments: the config file, the address of the local cloud, the name of the program, how many times, and by how many
 * milliseconds its wall clock jumps, to and fro, each 100 ms.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { Console, Effect, Layer } from "effect"
import { CliProfile } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { offsetClock } from "../../test/support/offsetClock.ts"

const [file = "", url = "", name = "", count = "1", jump = "0"] = process.argv.slice(2)

const Named = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, HttpClient.mapRequest(HttpClientRequest.setHeader("x-program", name)))
).pipe(
  Layer.provide(LocalCloud.layerClientAt(url)),
  Layer.provide(NodeHttpClient.layer)
)

const jumping = Effect.map(
  Effect.clock,
  (clock) => offsetClock(clock, () => Math.floor(performance.now() / 100) % 2 * Number(jump))
)

const program = Effect.gen(function*() {
  const provider = yield* CliProfile.make({ file, profile: "login" })
  yield* Console.log("ready")
  for (let index = 0; index < Number(count); index++) {
    const credentials = yield* provider.get
    yield* Console.log("renewed")
    yield* provider.invalidate(credentials)
  }
})

const failure = (error: { readonly _tag: string; readonly message: string }) =>
  Effect.sync(() => {
    // The proofs look at the last line.
    process.stdout.write(`${error._tag}: ${error.message.replaceAll(/\n\s*/g, "; ")}\n`)
    process.exitCode = 1
  })

Effect.flatMap(jumping, (clock) => Effect.withClock(Effect.catchAll(Effect.scoped(program), failure), clock)).pipe(
  Effect.provide([NodeContext.layer, Named]),
  NodeRuntime.runMain
)
