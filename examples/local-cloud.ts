/**
 * A test against a local cloud that checks signatures, issues sessions and fails on demand, in memory or as a real
 * server.
 */
import { NodeHttpClient, NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Redacted } from "effect"
import { CallerIdentity, RamRoleArn, StaticCredentials } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { createServer } from "node:http"

// The cloud has this user, and two roles that the user may assume.
const { accessKeyId, accessKeySecret, roleArn } = LocalCloud.defaults

const Credentials = RamRoleArn.layer({ roleArn, roleSessionName: "test" }).pipe(
  Layer.provide(StaticCredentials.layerAccessKey({ accessKeyId, accessKeySecret: Redacted.make(accessKeySecret) }))
)

const test = Effect.gen(function*() {
  const cloud = yield* LocalCloud.LocalCloud
  yield* cloud.fault({ service: "sts", operation: "AssumeRole", kind: "status", status: 503 })
  const { arn } = yield* CallerIdentity.get()
  yield* Console.log(`${arn}, after ${yield* cloud.count({ operation: "AssumeRole" })} requests for a session`)
})

const InMemory = LocalCloud.layer()

// The library always calls STS by https at its real address. This client redirects such requests to the local server.
const OverHttp = LocalCloud.layerClient.pipe(
  Layer.provide(NodeHttpClient.layer),
  Layer.provideMerge(LocalCloud.layerServer()),
  Layer.provide(NodeHttpServer.layer(() => createServer(), { host: "127.0.0.1", port: 0 }))
)

Effect.forEach(
  [InMemory, OverHttp],
  (cloud) => Effect.provide(test, Layer.provideMerge(Credentials, cloud)),
  { discard: true }
).pipe(NodeRuntime.runMain)
