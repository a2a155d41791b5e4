/**
 * The environment of this process, which programs and tests change while it runs: tests with variables of their own see
 * nothing of how it is read.
 */
import { Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import {
  type CredentialError,
  CredentialProvider,
  type Credentials,
  DefaultChain,
  Environment
} from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { execFileSync } from "node:child_process"
import process, { env } from "node:process"
import { fileURLToPath } from "node:url"
import { bundle } from "../../scripts/bundle.ts"
import { fakePrograms } from "../support/machine.ts"
import { memoryFiles } from "../support/memoryFiles.ts"

const names = ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"] as const

const set = (id: string | undefined): Effect.Effect<void> =>
  Effect.sync(() => {
    for (const name of names) {
      if (id === undefined) delete env[name]
      else env[name] = `${id} of ${name}`
    }
  })

const restored = Effect.acquireRelease(
  Effect.sync(() => names.map((name) => [name, env[name]] as const)),
  (before) =>
    Effect.sync(() => {
      for (const [name, value] of before) {
        if (value === undefined) delete env[name]
        else env[name] = value
      }
    })
)

const layers: Readonly<
  Record<string, Layer.Layer<CredentialProvider.CredentialProvider, CredentialError.CredentialError>>
> = {
  "Environment.layer": Environment.layer,
  "DefaultChain.layer": Layer.provide(
    DefaultChain.layer,
    Layer.mergeAll(memoryFiles({}).layer, Path.layer, LocalCloud.layer(), fakePrograms().layer)
  )
}

const secretOf = (credentials: Credentials.Credentials) =>
  credentials._tag === "AccessKey" ? Redacted.value(credentials.accessKeySecret) : undefined

describe("the environment of the process", () => {
  for (const [name, layer] of Object.entries(layers)) {
    it.scoped(`is read by ${name} as it is when the layer is built`, () =>
      Effect.gen(function*() {
        yield* restored
        const get = Effect.provide(CredentialProvider.get, Layer.fresh(layer))
        for (const id of ["first", "second"]) {
          yield* set(id)
          assert.strictEqual(secretOf(yield* get), `${id} of ALIBABA_CLOUD_ACCESS_KEY_SECRET`)
        }
        yield* set(undefined)
        assert.strictEqual((yield* Effect.flip(Environment.make))._tag, "CredentialsNotConfigured")
        yield* set("third")
        assert.strictEqual(secretOf(yield* get), "third of ALIBABA_CLOUD_ACCESS_KEY_SECRET")
      }))
  }

  it.live("is read after the library was imported, also by the Config of the program", () =>
    Effect.gen(function*() {
      const source = fileURLToPath(new URL("../fixtures/lateVariables.ts", import.meta.url))
      const output = yield* Effect.promise(async () =>
        execFileSync(process.execPath, [await bundle(source)], { encoding: "utf8" })
      )
      assert.deepStrictEqual(JSON.parse(output), {
        environment: "of the environment",
        configuration: "of the configuration",
        port: "8080"
      })
    }))
})
