/**
 * Several processes that share one session in a folder: the first one requests it, and the others read it. They use a
 * local cloud, so this runs without an account.
 */
import { NodeHttpClient, NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer, Redacted } from "effect"
import {
  CredentialProvider,
  Credentials,
  RamRoleArn,
  SessionStore,
  SharedSession,
  StaticCredentials
} from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const { accessKeyId, accessKeySecret, roleArn } = LocalCloud.defaults

const Role = Layer.unwrapEffect(Effect.map(Config.string("CLOUD"), LocalCloud.layerClientAt)).pipe(
  Layer.provide(NodeHttpClient.layer),
  (cloud) => Layer.provide(RamRoleArn.layer({ roleArn }), cloud),
  Layer.provide(StaticCredentials.layerAccessKey({ accessKeyId, accessKeySecret: Redacted.make(accessKeySecret) }))
)

const Store = Layer.unwrapEffect(
  Effect.map(Config.string("FOLDER"), (folder) => SessionStore.layerFolder({ folder }))
).pipe(Layer.provide(NodeCredentials.layerPlatform))

const worker = CredentialProvider.get.pipe(
  Effect.map(Credentials.match({
    AccessKey: (key) => key.accessKeyId,
    StsToken: (session) => session.accessKeyId,
    BearerToken: () => "none"
  })),
  Effect.flatMap(Console.log),
  Effect.provide(SharedSession.layer({ name: "example" }).pipe(Layer.provide([Role, Store])))
)

const runWorker = (variables: Readonly<Record<string, string>>) =>
  Effect.promise(() =>
    promisify(execFile)(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url)], {
      env: { ...process.env, ...variables }
    })
  )

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "sessions-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const parent = Effect.gen(function*() {
  const cloud = yield* LocalCloud.LocalCloud
  const variables = { CLOUD: cloud.url ?? "", FOLDER: join(yield* folder, "shared") }
  const outputs = yield* Effect.replicateEffect(runWorker(variables), 5, { concurrency: "unbounded" })
  const sessions = new Set(outputs.map(({ stdout }) => stdout))
  const requests = yield* cloud.count({ operation: "AssumeRole" })
  yield* Console.log(`5 processes, ${sessions.size} session, ${requests} request`)
}).pipe(
  Effect.scoped,
  Effect.provide(
    Layer.provide(
      LocalCloud.layerServer(),
      NodeHttpServer.layer(() => createServer(), { host: "127.0.0.1", port: 0 })
    )
  )
)

if (process.env["FOLDER"] === undefined) NodeRuntime.runMain(parent)
else NodeRuntime.runMain(worker)
