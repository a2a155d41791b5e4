import { $OpenApiUtil } from "@alicloud/openapi-core"
import { assert, describe, it, vi } from "@effect/vitest"
import { Config, Effect, Layer, Logger, Redacted } from "effect"
import { AlicloudSdk, CredentialError, CredentialProvider, Credentials, RamRoleArn } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { bundle } from "../../scripts/bundle.ts"
import { Sts } from "../fixtures/sdks.ts"
import { defaults, user } from "../support/cloud.ts"
import { accessKey } from "../support/credentials.ts"
import { logs } from "../support/logs.ts"
import { assertRefusal, endpoint, failingProvider, promisesOf, refusal, rejection } from "../support/sdk.ts"
import { CloudServer } from "../support/server.ts"
import { type Texts, variables } from "../support/variables.ts"

const provide = (service: CredentialProvider.Service) => Layer.succeed(CredentialProvider.CredentialProvider, service)

const closedError = (error: unknown) => {
  assert.instanceOf(error, CredentialError.CredentialsUnavailable)
  assert.strictEqual(error.code, "CredentialsUnavailable")
  assert.include(error.message, "closed")
}

describe("fromLayer", () => {
  it.live("serves an official client without an Effect program", () =>
    Effect.gen(function*() {
      const layer = RamRoleArn.layer({ roleArn: defaults.roleArn }).pipe(Layer.provide(user))
      const client = yield* Effect.context<Layer.Layer.Success<typeof CloudServer>>()
      const credential = AlicloudSdk.fromLayer(Layer.provide(layer, Layer.succeedContext(client)))
      const config = new $OpenApiUtil.Config({ credential, endpoint: yield* endpoint, protocol: "HTTP" })
      const { body } = yield* Effect.promise(() => new Sts(config).getCallerIdentity())
      assert.strictEqual(body?.identityType, "AssumedRoleUser")
      const cloud = yield* LocalCloud.LocalCloud
      yield* Effect.promise(() => Promise.all(Array.from({ length: 20 }, credential.getCredential)))
      assert.strictEqual(yield* cloud.count({ operation: "AssumeRole" }), 1)
      assert.strictEqual(credential.getType(), "sts")
      assert.strictEqual(credential.getProviderName(), "ram_role_arn/static_ak")
      yield* Effect.promise(credential.close)
    }).pipe(Effect.provide(CloudServer)))

  it.effect("builds the layer once, at the first call, even if that call is synchronous", () =>
    Effect.gen(function*() {
      let builds = 0
      const layer = Layer.effect(
        CredentialProvider.CredentialProvider,
        Effect.sync(() => {
          builds++
          return CredentialProvider.succeed(accessKey("a"))
        })
      )
      const credential = AlicloudSdk.fromLayer(layer)
      assert.strictEqual(builds, 0)
      assert.strictEqual(credential.getType(), "access_key")
      yield* Effect.promise(() => Promise.all([credential.getAccessKeyId(), credential.getCredential()]))
      assert.strictEqual(builds, 1)
      yield* Effect.promise(credential.close)
    }))

  it.effect("has the health of its provider, and does not build its layer for that", () =>
    Effect.gen(function*() {
      let built = 0
      const credential = AlicloudSdk.fromLayer(Layer.sync(CredentialProvider.CredentialProvider, () => {
        built += 1
        return CredentialProvider.succeed(accessKey("key", "mine"))
      }))
      const before = yield* Effect.promise(credential.health)
      assert.deepInclude(before, { provider: "alicloud_sdk", isUsable: false })
      assert.strictEqual(built, 0)
      yield* Effect.promise(credential.getCredential)
      assert.deepInclude(yield* Effect.promise(credential.health), { provider: "mine", isUsable: true })
      yield* Effect.promise(credential.close)
      closedError(yield* rejection(credential.health))
    }))

  it.effect("rejects every call after close, and releases the resources of the layer", () =>
    Effect.gen(function*() {
      let released = 0
      const layer = Layer.scoped(
        CredentialProvider.CredentialProvider,
        Effect.acquireRelease(
          Effect.succeed(CredentialProvider.succeed(accessKey("a"))),
          () => Effect.sync(() => released++)
        )
      )
      const credential = AlicloudSdk.fromLayer(layer)
      yield* Effect.promise(credential.getAccessKeyId)
      yield* Effect.promise(() => Promise.all([credential.close(), credential.close()]))
      assert.strictEqual(released, 1)
      for (
        const call of [
          ...promisesOf(credential),
          async () => credential.getType(),
          async () => credential.getBearerToken(),
          () => AlicloudSdk.aliOss(credential)
        ]
      ) closedError(yield* rejection(call))
    }))

  it.effect("interrupts pending calls on close", () =>
    Effect.gen(function*() {
      const endings: Array<string> = []
      const never = (name: string) => Effect.onInterrupt(Effect.never, () => Effect.sync(() => endings.push(name)))
      const ours = AlicloudSdk.fromLayer(CredentialProvider.layer({ name: "ours", fetch: never("ours") }))
      const theirs = AlicloudSdk.fromLayer(provide({ ...failingProvider, get: never("theirs") }))
      const building = AlicloudSdk.fromLayer(Layer.effect(CredentialProvider.CredentialProvider, never("building")))
      for (const credential of [ours, theirs, building]) {
        const waiting = rejection(credential.getCredential)
        const also = rejection(credential.getAccessKeyId)
        const errors = yield* Effect.all([waiting, also, Effect.promise(credential.close)], {
          concurrency: "unbounded"
        })
        closedError(errors[0])
        closedError(errors[1])
      }
      assert.includeMembers(endings, ["ours", "theirs"])
    }))

  it.effect("interrupts the fetch of a synchronous call on close", () =>
    Effect.gen(function*() {
      let interrupted = false
      const get = Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted = true))
      const credential = AlicloudSdk.fromLayer(provide({ ...failingProvider, get }))
      assert.strictEqual(credential.getType(), "sts")
      yield* Effect.promise(credential.close)
      assert.isTrue(interrupted)
    }))

  it.effect("rejects with the error of the provider itself", () =>
    Effect.gen(function*() {
      const credential = AlicloudSdk.fromLayer(provide(failingProvider))
      assert.strictEqual(yield* rejection(credential.getCredential), refusal)
      assertRefusal(yield* rejection(credential.getCredential))
      yield* Effect.promise(credential.close)
    }))

  it.effect("rejects the call if the layer fails to build, and builds it again at the next call", () =>
    Effect.gen(function*() {
      let builds = 0
      const layer = Layer.effect(
        CredentialProvider.CredentialProvider,
        // Both calls wait for the first build.
        Effect.zipRight(
          Effect.yieldNow(),
          Effect.suspend(() =>
            ++builds === 1 ? Effect.fail(refusal) : Effect.succeed(CredentialProvider.succeed(accessKey("a")))
          )
        )
      )
      const credential = AlicloudSdk.fromLayer(layer)
      const errors = yield* Effect.all([rejection(credential.getCredential), rejection(credential.getAccessKeyId)], {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(errors, [refusal, refusal])
      assert.strictEqual(yield* Effect.promise(credential.getAccessKeyId), "a")
      assert.strictEqual(builds, 2)
      yield* Effect.promise(credential.close)
    }))

  it.effect("converts a ConfigError to a CredentialError, without the value", () =>
    Effect.gen(function*() {
      const configured = (entries: Texts) =>
        AlicloudSdk.fromLayer(
          Layer.effect(CredentialProvider.CredentialProvider, Effect.as(Config.integer("SOME_NUMBER"), failingProvider))
            .pipe(
              Layer.provide(variables(entries))
            )
        )
      const missing = yield* rejection(configured({}).getCredential)
      assert.instanceOf(missing, CredentialError.CredentialsNotConfigured)
      assert.include(missing.message, "SOME_NUMBER")
      const wrong = yield* rejection(configured({ SOME_NUMBER: "hunter2" }).getCredential)
      assert.instanceOf(wrong, CredentialError.CredentialsMisconfigured)
      assert.notInclude(wrong.message, "hunter2")
    }))

  it.effect("prints nothing, and uses the logger of the layer", () =>
    Effect.gen(function*() {
      const printed = vi.spyOn(console, "log").mockImplementation(() => {})
      const { lines, logger } = logs()
      const chatty = CredentialProvider.layer({
        name: "chatty",
        fetch: Effect.zipRight(
          Effect.logWarning("something is odd"),
          Effect.succeed(Credentials.BearerToken({ provider: "chatty", bearerToken: Redacted.make("b") }))
        )
      })
      const recorder = Logger.add(logger)
      const silent = AlicloudSdk.fromLayer(chatty)
      const heard = AlicloudSdk.fromLayer(Layer.provide(chatty, recorder))
      yield* Effect.promise(() => Promise.all([silent.getCredential(), heard.getCredential()]))
      assert.strictEqual(printed.mock.calls.length, 0)
      assert.deepStrictEqual(lines, ["WARN something is odd"])
      yield* Effect.promise(() => Promise.all([silent.close(), heard.close()]))
      printed.mockRestore()
    }))

  it.live("does not keep the process alive", () =>
    Effect.gen(function*() {
      const source = fileURLToPath(new URL("../fixtures/openProgram.ts", import.meta.url))
      const program = yield* Effect.promise(() => bundle(source))
      const output = yield* Effect.async<string, Error>((resume) => {
        execFile(process.execPath, [program], { timeout: 100_000 }, (error, stdout) =>
          resume(error === null ? Effect.succeed(stdout) : Effect.fail(error)))
      })
      assert.strictEqual(output.trim(), "STS.Open")
    }))
})
