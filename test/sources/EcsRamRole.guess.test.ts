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

describe("detecting an instance", () => {
  const silent = fault({ service: "imds", kind: "silent", ...always })

  /** Firmware files, by the last part of their paths. */
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
    it.effect(`with ${name} fails within ${most} ms, and the failure is cached for a minute`, () =>
      Effect.gen(function*() {
        yield* silent
        const { millis, value } = yield* elapsed(failure, "10 seconds")
        assert.strictEqual(value._tag, "CredentialsNotConfigured")
        assert.include(value.message, "100.100.100.200")
        assert.strictEqual(millis, most)
        assert.strictEqual(yield* steps, "token role")
        // The minute starts when the detection has failed.
        yield* TestClock.adjust(most + 60_000 - 10_000 - 1)
        assert.strictEqual((yield* elapsed(failure, 0)).millis, 0)
        assert.strictEqual(yield* count, 2)
        yield* TestClock.adjust("1 millis")
        yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.clearFaults)
        yield* get
      }).pipe(Effect.provide(guess(files))))

    it.effect(`with ${name} finds the metadata service`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* elapsed(get, "10 seconds")).millis, 0)
        assert.strictEqual(yield* steps, "token role+ credential+")
      }).pipe(Effect.provide(guess(files))))
  }

  it.effect("fails at once without a route, with the code of the system", () =>
    Effect.gen(function*() {
      yield* fault({ service: "imds", kind: "disconnect", ...always })
      const { millis, value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(value._tag, "CredentialsNotConfigured")
      assert.strictEqual(millis, 0)
      assert.strictEqual(yield* steps, "token role", "no retries")
      yield* failure
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(guess())))

  it.effect("without IMDSv1 waits for one request", () =>
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

  it.effect("is over once the service has responded: later failures are Unavailable and not cached", () =>
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

  it.effect("is also over once the service has responded with an error", () =>
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
    it.effect(`is not done with ${name}: failures are Unavailable, take the full time limits, and are not cached`, () =>
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

  it.effect("is not done with layer(): a failed connection is retried", () =>
    Effect.gen(function*() {
      yield* fault({ service: "imds", kind: "disconnect", ...always })
      const { value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(value._tag, "CredentialsUnavailable")
      assert.strictEqual(yield* steps, "token token role role")
    }).pipe(Effect.provide(instanceSource())))

  it.effect("is done if ALIBABA_CLOUD_ECS_METADATA is empty", () =>
    Effect.gen(function*() {
      yield* get
      assert.strictEqual(yield* steps, "token role+ credential+")
    }).pipe(Effect.provide(guess({}, { variables: { ALIBABA_CLOUD_ECS_METADATA: "" } }))))

  it.effect("is not needed if ALIBABA_CLOUD_ECS_METADATA names the role", () =>
    Effect.gen(function*() {
      yield* get
      assert.strictEqual(yield* steps, "token credential+")
    }).pipe(Effect.provide(guess({}, { variables: { ALIBABA_CLOUD_ECS_METADATA: instanceRole } }))))
})
