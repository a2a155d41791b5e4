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
        assert.strictEqual(millis, most - 10)
        assert.strictEqual(yield* steps, "token role")
        // The minute starts when the detection has failed.
        yield* TestClock.adjust(most - 10 + 60_000 - 10_000 - 1)
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
      assert.strictEqual(millis, 120)
      assert.strictEqual(yield* steps, "token")
    }).pipe(Effect.provide(guess({}, { variables: { ALIBABA_CLOUD_IMDSV1_DISABLED: "true" } }))))

  it.effect("ends in time also where answers begin and never end", () =>
    Effect.gen(function*() {
      const dripping = fakeHttp(() =>
        Effect.succeed({ body: Stream.repeatEffect(Effect.delay(Effect.succeed(new Uint8Array([97])), "50 millis")) })
      )
      for (const [files, most] of [[{}, 250], [{ sys_vendor: "Alibaba Cloud" }, 2000]] as const) {
        const layer = EcsRamRole.layerEnv.pipe(
          Layer.provide([firmware(files), dripping]),
          Layer.provide(variables())
        )
        const { millis, value } = yield* elapsed(Effect.provide(failure, layer), "1 minute")
        assert.strictEqual(
          value.message,
          "ecs_ram_role: not configured (no metadata service, so probably not an ECS or ECI instance: " +
            `100.100.100.200: no whole answer within ${most} ms)`
        )
        assert.strictEqual(millis, most)
      }
    }))

  it.effect("takes an answer without an end for none", () =>
    Effect.gen(function*() {
      yield* fault({ service: "imds", kind: "endless", ...always })
      const { value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(
        value.message,
        "ecs_ram_role: not configured (no metadata service, so probably not an ECS or ECI instance: the body is over 1 MiB)"
      )
    }).pipe(Effect.provide(guess({}))))

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
      assert.strictEqual(yield* steps, "token role role", "its next request is repeated")
    }).pipe(Effect.provide(guess({}))))

  it.effect("is over with the token: the next request has the full time limits", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "role", kind: "silent", ...always })
      assert.strictEqual((yield* elapsed(failure, "3 seconds")).millis, 2000)
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

  const page = { service: "imds", kind: "malformed", ...always } as const
  const status = (status: number) => ({ service: "imds", kind: "status", status, ...always }) as const
  const named = { variables: { ALIBABA_CLOUD_ECS_METADATA: instanceRole } }
  const hint = "1. in Kubernetes, enable RRSA; 2. allow this machine to reach 100.100.100.200"

  // On a laptop, the network of a hotel or a proxy of a company answers for every address.
  for (
    const [name, entry, seen] of [
      ["a login page", page, "status 200, an HTML page"],
      ["another text", { ...page, body: "Welcome, guest" }, "status 200"],
      ["nothing", { ...page, body: "" }, "status 200"],
      ["a redirect", { service: "imds", kind: "redirect", location: "http://login.example/", ...always }, "status 302"],
      ["403", status(403), "status 403"],
      ["404", status(404), "status 404"]
    ] as ReadonlyArray<readonly [string, LocalCloud.Fault, string]>
  ) {
    it.effect(`finds no metadata service where something else answers with ${name}`, () =>
      Effect.gen(function*() {
        yield* fault(entry)
        const error = yield* failure
        assert.strictEqual(
          error.message,
          `ecs_ram_role: not configured (100.100.100.200 answers with ${seen}: it is not the metadata service, or it refuses this machine)`
        )
        yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.clearFaults)
        yield* get
      }).pipe(Effect.provide(guess({}))))

    it.effect(`takes ${name} for the service of an instance where the firmware says so, or nothing does`, () =>
      Effect.gen(function*() {
        for (const files of [{ sys_vendor: "Alibaba Cloud\n" }, undefined]) {
          const error = yield* Effect.provide(Effect.zipRight(fault(entry), failure), guess(files))
          assert.notInclude(error.message, "something else: ")
          assert.isTrue(error._tag !== "CredentialsNotConfigured" || error.hint !== undefined)
        }
      }))
  }

  for (
    const [name, entry] of [
      ["429", status(429)],
      ["503 and Retry-After", { ...status(503), headers: { "retry-after": "20" } }]
    ] as ReadonlyArray<readonly [string, LocalCloud.Fault]>
  ) {
    it.effect(`does not wait where something else throttles with ${name}`, () =>
      Effect.gen(function*() {
        yield* fault(entry)
        const { millis, value } = yield* elapsed(failure)
        assert.strictEqual(value._tag, "CredentialsNotConfigured")
        assert.isAtMost(millis, 250)
      }).pipe(Effect.provide(guess({}))))

    it.effect(`waits where the service of an instance throttles with ${name}`, () =>
      Effect.gen(function*() {
        yield* fault(entry)
        const { millis } = yield* elapsed(failure)
        assert.isAbove(millis, 20_000)
      }).pipe(Effect.provide(guess({ sys_vendor: "Alibaba Cloud\n" }))))
  }

  for (
    const [name, entry, tag] of [
      ["a page", { ...page, operation: "role" }, "CredentialsMalformed"],
      ["403", { ...status(403), operation: "role" }, "CredentialsRejected"],
      ["500", { ...status(500), operation: "role" }, "CredentialsUnavailable"]
    ] as ReadonlyArray<readonly [string, LocalCloud.Fault, string]>
  ) {
    it.effect(`is over with a token: a role list that is ${name} is then ${tag}`, () =>
      Effect.gen(function*() {
        yield* fault(entry)
        const { value } = yield* elapsed(failure, "10 seconds")
        assert.strictEqual(value._tag, tag)
        assert.notInclude(value.message, hint)
      }).pipe(Effect.provide(guess({}))))
  }

  it.effect("is over with a token: an instance without a role says so", () =>
    Effect.gen(function*() {
      yield* fault({ ...status(404), operation: "role" })
      assert.include((yield* failure).message, "the instance has no RAM role")
    }).pipe(Effect.provide(guess({}))))

  it.effect("takes an answer that asks for a token for that of the service", () =>
    Effect.gen(function*() {
      yield* fault({ ...status(404), operation: "token" })
      yield* fault({ ...status(401), operation: "role" })
      assert.strictEqual(
        (yield* failure).message,
        "ecs_ram_role: rejected\n  server: 100.100.100.200: status 401"
      )
    }).pipe(Effect.provide(guess({}))))

  for (
    const [name, entry, tag] of [
      ["a login page", page, "CredentialsMalformed"],
      ["403", status(403), "CredentialsRejected"]
    ] as ReadonlyArray<readonly [string, LocalCloud.Fault, string]>
  ) {
    it.effect(`is not done for a named role, or with layer(): ${name} is ${tag}, with a way out`, () =>
      Effect.gen(function*() {
        for (const layer of [guess({}, named), overCloud(EcsRamRole.layer().pipe(Layer.provide(firmware({}))))]) {
          const error = yield* Effect.provide(Effect.zipRight(fault(entry), failure), layer)
          assert.strictEqual(error._tag, tag)
          assert.strictEqual("hint" in error && error.hint, hint)
        }
      }))
  }

  it.effect("blames the variable or the option that names the role", () =>
    Effect.gen(function*() {
      const hintOf = (entry: LocalCloud.Fault) =>
        Effect.map(
          Effect.zipRight(fault(entry), elapsed(failure, "10 seconds")),
          ({ value }) => "hint" in value ? value.hint : undefined
        )
      const silence = { service: "imds", kind: "silent", ...always } as const
      const missing = { ...status(404), operation: "credential" } as const
      for (
        const [layer, unreachable, unattached] of [
          [
            guess({}, named),
            "Unset ALIBABA_CLOUD_ECS_METADATA if this machine is not an ECS instance",
            `Correct or unset ALIBABA_CLOUD_ECS_METADATA, or attach the role ${instanceRole} to the instance`
          ],
          [
            instanceSource({ roleName: instanceRole }),
            "Use another source if this machine is not an ECS instance",
            `Attach the role ${instanceRole} to the instance, or name the attached one`
          ]
        ] as const
      ) {
        assert.strictEqual(yield* Effect.provide(hintOf(silence), layer), unreachable)
        assert.strictEqual(yield* Effect.provide(hintOf(missing), layer), unattached)
      }
    }))

  it.effect("blames the variable that disables IMDSv1", () =>
    Effect.gen(function*() {
      yield* fault({ ...status(404), operation: "token" })
      const error = yield* failure
      assert.strictEqual(
        "hint" in error && error.hint,
        "Enable IMDSv2 for the instance, or unset ALIBABA_CLOUD_IMDSV1_DISABLED"
      )
    }).pipe(Effect.provide(
      guess({ sys_vendor: "Alibaba Cloud\n" }, { variables: { ALIBABA_CLOUD_IMDSV1_DISABLED: "true" } })
    )))

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
