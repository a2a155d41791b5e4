import { Error as PlatformError, FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream, TestClock } from "effect"
import { type CredentialProvider, EcsRamRole } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { elapsed } from "../support/clock.ts"
import { always, clearRequests, count, fault, overCloud, type Setup } from "../support/cloud.ts"
import { instanceRole, instanceSource, steps } from "../support/ecsRamRole.ts"
import { fakeHttp } from "../support/network.ts"
import { failure, get } from "../support/provider.ts"
import { type Texts, variables } from "../support/variables.ts"

describe("the guess that this is an instance", () => {
  const silent = fault({ service: "imds", kind: "silent", ...always })

  /** What the firmware says, by the last part of its path. */
  const firmware = (files: Texts): Layer.Layer<FileSystem.FileSystem> =>
    FileSystem.layerNoop({
      readFileString: (path) => {
        const text = files[path.replace("/sys/class/dmi/id/", "")]
        return text === undefined
          ? Effect.fail(
            new PlatformError.SystemError({
              module: "FileSystem",
              method: "readFileString",
              reason: "NotFound",
              pathOrDescriptor: path
            })
          )
          : Effect.succeed(text)
      }
    })

  const guess = (files?: Texts, setup?: Setup) =>
    overCloud(
      files === undefined ? EcsRamRole.layerEnv : EcsRamRole.layerEnv.pipe(Layer.provide(firmware(files))),
      setup
    )

  for (
    const [name, files, most] of [
      ["no file system", undefined, 2000],
      ["a file system without any firmware", {}, 250],
      ["firmware of another vendor", { sys_vendor: "Acme\n", product_name: "Server\n" }, 250],
      ["firmware of Alibaba Cloud", { sys_vendor: "Alibaba Cloud\n" }, 2000],
      ["a product of Alibaba Cloud", { sys_vendor: "QEMU\n", product_name: "Alibaba Cloud ECS\n" }, 2000]
    ] as ReadonlyArray<readonly [string, Texts | undefined, number]>
  ) {
    it.effect(`with ${name} ends within ${most} ms, and is remembered for a minute`, () =>
      Effect.gen(function*() {
        yield* silent
        const { millis, value } = yield* elapsed(failure, "10 seconds")
        assert.strictEqual(value._tag, "CredentialsNotConfigured")
        assert.include(value.message, "100.100.100.200")
        assert.strictEqual(millis, most)
        assert.strictEqual(yield* steps, "token role")
        // The minute counts from when the guess had failed.
        yield* TestClock.adjust(most + 60_000 - 10_000 - 1)
        assert.strictEqual((yield* elapsed(failure, 0)).millis, 0)
        assert.strictEqual(yield* count, 2)
        yield* TestClock.adjust("1 millis")
        yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.clearFaults)
        yield* get
      }).pipe(Effect.provide(guess(files))))

    it.effect(`with ${name} finds the service where there is one`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* elapsed(get, "10 seconds")).millis, 0)
        assert.strictEqual(yield* steps, "token role+ credential+")
      }).pipe(Effect.provide(guess(files))))
  }

  it.effect("ends at once where there is no route, with what the system calls it", () =>
    Effect.gen(function*() {
      yield* fault({ service: "imds", kind: "disconnect", ...always })
      const { millis, value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(value._tag, "CredentialsNotConfigured")
      assert.strictEqual(millis, 0)
      assert.strictEqual(yield* steps, "token role", "no retries")
      yield* failure
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(guess())))

  it.effect("without version 1 has one request to wait for", () =>
    Effect.gen(function*() {
      yield* silent
      const { millis } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(millis, 125)
      assert.strictEqual(yield* steps, "token")
    }).pipe(Effect.provide(guess({}, { variables: { ALIBABA_CLOUD_IMDSV1_DISABLED: "true" } }))))

  it.effect("ends in time also where answers begin and never end", () =>
    Effect.gen(function*() {
      const dripping = fakeHttp(() =>
        Effect.succeed({ body: Stream.repeatEffect(Effect.delay(Effect.succeed(new Uint8Array([97])), "20 millis")) })
      )
      for (const [files, most] of [[{}, 250], [{ sys_vendor: "Alibaba Cloud" }, 2000]] as const) {
        const layer = EcsRamRole.layerEnv.pipe(
          Layer.provide([firmware(files), dripping]),
          Layer.provide(variables())
        )
        const { millis, value } = yield* elapsed(Effect.provide(failure, layer), "1 minute")
        assert.strictEqual(value._tag, "CredentialsNotConfigured")
        assert.isAtMost(millis, most)
      }
    }))

  it.effect("holds also where only the token is silent, past a network hop too many", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "silent", ...always })
      yield* elapsed(get, "10 seconds")
      assert.strictEqual((yield* steps).split(" ")[1], "role")
    }).pipe(Effect.provide(guess({}))))

  it.effect("is over once the service was reached: then it is down, not absent, and nothing is remembered", () =>
    Effect.gen(function*() {
      yield* get
      yield* silent
      yield* clearRequests
      yield* TestClock.adjust("6 hours")
      yield* clearRequests
      const { millis, value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(value._tag, "CredentialsUnavailable")
      assert.strictEqual(millis, 2000)
      yield* elapsed(failure, "10 seconds")
      assert.strictEqual(yield* steps, "token token")
    }).pipe(Effect.provide(guess({}))))

  it.effect("is over too where the service answers with an error", () =>
    Effect.gen(function*() {
      yield* fault({ service: "imds", kind: "status", status: 500, ...always })
      const { value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(value._tag, "CredentialsUnavailable")
    }).pipe(Effect.provide(guess({}))))

  const asked: ReadonlyArray<
    readonly [string, Layer.Layer<CredentialProvider.CredentialProvider | LocalCloud.LocalCloud, unknown>, string]
  > = [
    ["layer()", overCloud(EcsRamRole.layer().pipe(Layer.provide(firmware({})))), "token role token role"],
    [
      "a role in ALIBABA_CLOUD_ECS_METADATA",
      overCloud(EcsRamRole.layerEnv.pipe(Layer.provide(firmware({}))), {
        variables: { ALIBABA_CLOUD_ECS_METADATA: instanceRole }
      }),
      "token credential token credential"
    ]
  ]
  for (const [name, layer, expected] of asked) {
    it.effect(`is no part of ${name}: Unavailable, after the full times, never remembered`, () =>
      Effect.gen(function*() {
        yield* silent
        for (let round = 0; round < 2; round++) {
          const { millis, value } = yield* elapsed(failure, "10 seconds")
          assert.strictEqual(value._tag, "CredentialsUnavailable")
          assert.strictEqual(millis, 4000)
        }
        assert.strictEqual(yield* steps, expected)
      }).pipe(Effect.provide(layer)))
  }

  it.effect("is no part of layer(): a connection that fails is tried once more", () =>
    Effect.gen(function*() {
      yield* fault({ service: "imds", kind: "disconnect", ...always })
      const { value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(value._tag, "CredentialsUnavailable")
      assert.strictEqual(yield* steps, "token token role role")
    }).pipe(Effect.provide(instanceSource())))

  it.effect("an empty ALIBABA_CLOUD_ECS_METADATA names no role", () =>
    Effect.gen(function*() {
      yield* get
      assert.strictEqual(yield* steps, "token role+ credential+")
    }).pipe(Effect.provide(guess({}, { variables: { ALIBABA_CLOUD_ECS_METADATA: "" } }))))

  it.effect("ALIBABA_CLOUD_ECS_METADATA names the role", () =>
    Effect.gen(function*() {
      yield* get
      assert.strictEqual(yield* steps, "token credential+")
    }).pipe(Effect.provide(guess({}, { variables: { ALIBABA_CLOUD_ECS_METADATA: instanceRole } }))))
})
