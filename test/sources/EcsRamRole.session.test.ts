import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Layer, Option, TestClock } from "effect"
import { type Credentials, EcsRamRole } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { elapsed, settle } from "../support/clock.ts"
import { always, clearRequests, count, defaults, fault, overCloud, requests } from "../support/cloud.ts"
import { imds, instanceRole, instanceSource, steps } from "../support/ecsRamRole.ts"
import { logs } from "../support/logs.ts"
import { fakeHttp } from "../support/network.ts"
import { failure, get, getSession, renew } from "../support/provider.ts"
import { assertShowsNone, renderValue } from "../support/renderings.ts"
import { variables } from "../support/variables.ts"

describe("the role name", () => {
  const roleList = (list: string) => ({ operation: "role", kind: "malformed", body: list }) as const

  for (
    const [name, list] of [
      ["with surrounding white space", ` \n${instanceRole} \r\n`],
      ["at the start of a list", `${instanceRole}\nother-role\n`],
      ["at the start of a list with carriage returns", `${instanceRole}\r\nother-role\r\n`]
    ] as const
  ) {
    it.effect(`${name} is found`, () =>
      Effect.gen(function*() {
        yield* fault(roleList(list))
        yield* get
        assert.isTrue((yield* requests)[2]?.path.endsWith(`/${instanceRole}`))
      }).pipe(Effect.provide(instanceSource())))
  }

  for (const list of ["../../x", "a/b", "a?b=c", "{\"Code\": 1}", "x".repeat(65), "a b", "角色"]) {
    it.effect(`${JSON.stringify(list.slice(0, 20))} in the role list is rejected, and not requested`, () =>
      Effect.gen(function*() {
        yield* fault(roleList(list))
        const error = yield* failure
        assert.strictEqual(
          error.message,
          "ecs_ram_role: malformed answer (100.100.100.200: status 200, which does not begin with the name of a role)"
        )
        assertShowsNone(error, [list])
        assert.strictEqual(yield* steps, "token role+")
      }).pipe(Effect.provide(instanceSource())))
  }

  for (const list of ["", " \n"]) {
    it.effect(`is missing if the role list is ${JSON.stringify(list)}`, () =>
      Effect.gen(function*() {
        yield* fault(roleList(list))
        assert.strictEqual(
          (yield* failure).message,
          "ecs_ram_role: not configured (the instance has no RAM role)\n  fix: attach a RAM role to the instance"
        )
      }).pipe(Effect.provide(instanceSource())))
  }

  for (
    const [roleName, reason] of [
      ["\"web\"", "has quotes around it"],
      ["we\nb", "holds a line break or another control character"]
    ] as const
  ) {
    it.effect(`${JSON.stringify(roleName)} as an option is reported without a request`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* failure).message, `ecs_ram_role: misconfigured (roleName: ${reason})`)
        assert.strictEqual(yield* count, 0)
      }).pipe(Effect.provide(instanceSource({ roleName }))))
  }

  it.effect("as an option may have blanks around it", () =>
    Effect.gen(function*() {
      yield* get
      assert.strictEqual(yield* steps, "token credential+")
    }).pipe(Effect.provide(instanceSource({ roleName: ` ${instanceRole}\n` }))))

  for (
    const [roleName, path] of [
      ["a role", "a%20role"],
      ["a/b", "a%2Fb"],
      ["a?b=c#d", "a%3Fb%3Dc%23d"],
      ["角色", "%E8%A7%92%E8%89%B2"],
      ["\uD800", "%EF%BF%BD"]
    ] as const
  ) {
    it.effect(`${JSON.stringify(roleName)} as an option is encoded`, () =>
      Effect.gen(function*() {
        const error = yield* failure
        assert.strictEqual(error._tag === "CredentialsRejected" && error.status, 404)
        assert.strictEqual(error.hint, "Attach that role to the instance, or name the attached one")
        const request = (yield* requests)[1]
        assert.strictEqual(request?.path, `/latest/meta-data/ram/security-credentials/${path}`)
      }).pipe(Effect.provide(instanceSource({ roleName }))))
  }

  it.effect("of a role that is not attached is CredentialsRejected, with a hint", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(
        error.message,
        "ecs_ram_role: rejected (the role other-role)\n  server: 100.100.100.200: status 404\n" +
          "  fix: attach the role other-role to the instance, or name the attached one"
      )
      assert.strictEqual(yield* steps, "token credential+")
    }).pipe(Effect.provide(instanceSource({ roleName: "other-role" }))))

  it.effect("of a role that is not attached is not blamed where the service cannot answer now", () =>
    Effect.gen(function*() {
      const body = JSON.stringify({ Code: "ServiceUnavailable" })
      yield* fault({ operation: "credential", kind: "malformed", status: 404, body, ...always })
      const { value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(
        value.message,
        "ecs_ram_role: unavailable\n  server: 100.100.100.200: status 404, ServiceUnavailable"
      )
    }).pipe(Effect.provide(instanceSource({ roleName: "other-role" }))))

  it.effect("is looked up again at the next get if no role is attached", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsNotConfigured")
      assert.match(error.hint ?? "", /Attach/)
      yield* cloud.update((world) => ({ ...world, imds: defaults.world.imds }))
      yield* get
      assert.strictEqual(yield* steps, "token role+ role+ credential+")
    }).pipe(Effect.provide(instanceSource({}, imds({ roles: [] })))))

  it.effect("is looked up, without a warning, if the option is empty", () => {
    const { layer, lines } = logs()
    return Effect.gen(function*() {
      yield* get
      assert.strictEqual(yield* steps, "token role+ credential+")
      assert.deepStrictEqual(lines, [])
    }).pipe(Effect.provide(instanceSource({ roleName: "" }).pipe(Layer.provide(layer))))
  })

  it.effect("is not logged while it stays the same", () => {
    const { layer, lines } = logs()
    return Effect.gen(function*() {
      yield* get
      yield* renew
      assert.deepStrictEqual(lines, [])
    }).pipe(Effect.provide(instanceSource().pipe(Layer.provide(layer))))
  })

  it.effect("is logged once when it changes", () => {
    const { layer, lines } = logs()
    return Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* get
      assert.deepStrictEqual(lines, [])
      yield* cloud.update((world) => ({ ...world, imds: { ...world.imds, roles: ["other-role"] } }))
      yield* renew
      yield* renew
      assert.lengthOf(lines, 1)
      assert.match(lines[0] ?? "", new RegExp(`^WARN .*other-role in place of ${instanceRole}`))
    }).pipe(Effect.provide(instanceSource().pipe(Layer.provide(layer))))
  })
})

describe("the variables of EcsRamRole", () => {
  const disabled = "ALIBABA_CLOUD_ECS_METADATA_DISABLED"
  const v1Disabled = "ALIBABA_CLOUD_IMDSV1_DISABLED"
  const noToken = imds({ v2: "absent" })

  for (const value of ["true", "True", " TRUE "]) {
    it.effect(`${disabled}=${JSON.stringify(value)} disables the source, without a request`, () =>
      Effect.gen(function*() {
        const setup = { variables: { [disabled]: value, ALIBABA_CLOUD_ECS_METADATA: instanceRole } }
        const error = yield* Effect.flip(Effect.scoped(Layer.build(overCloud(EcsRamRole.layerEnv, setup))))
        assert.strictEqual(error._tag, "CredentialsNotConfigured")
        assert.include(error.message, disabled)
        yield* Effect.gen(function*() {
          const error = yield* failure
          assert.strictEqual(error._tag, "CredentialsNotConfigured")
          assert.include(error.message, disabled)
          assert.strictEqual(yield* count, 0)
        }).pipe(Effect.provide(instanceSource({ roleName: instanceRole }, setup)))
      }))
  }

  for (const value of ["", "false", "1", "yes", "no"]) {
    it.effect(`${disabled}=${JSON.stringify(value)} does not disable the source`, () =>
      Effect.gen(function*() {
        yield* get
      }).pipe(Effect.provide(overCloud(EcsRamRole.layerEnv, { variables: { [disabled]: value } }))))
  }

  it.effect(`${v1Disabled} holds for layerEnv too`, () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* failure)._tag, "CredentialsRejected")
      assert.strictEqual(yield* steps, "token")
    }).pipe(Effect.provide(overCloud(EcsRamRole.layerEnv, { ...noToken, variables: { [v1Disabled]: "true" } }))))
})

describe("the session of an instance", () => {
  it.effect("of six hours is still cached at 5 h 44 min and renewed at 5 h 46 min", () =>
    Effect.gen(function*() {
      const first = yield* get
      yield* TestClock.adjust("344 minutes")
      assert.strictEqual(yield* get, first)
      assert.strictEqual(yield* count, 3)
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(yield* get, first, "in the background")
      yield* settle
      assert.strictEqual(yield* steps, "token role+ credential+ role+ credential+")
      const second = yield* getSession
      assert.notStrictEqual<Credentials.Credentials>(second, first)
      assert.strictEqual(Option.getOrThrow(second.expiration).epochMillis, (346 + 360) * 60_000)
    }).pipe(Effect.provide(instanceSource())))

  it.effect("that the service has not rotated yet is requested once a minute until it is replaced", () =>
    Effect.gen(function*() {
      const first = yield* get
      yield* clearRequests
      yield* TestClock.adjust("346 minutes")
      for (let second = 0; second < 180; second += 30) {
        assert.strictEqual(yield* get, first)
        yield* TestClock.adjust("30 seconds")
      }
      assert.strictEqual(yield* steps, "role+ credential+ role+ credential+ role+ credential+")
      yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.rotateInstanceCredential)
      yield* get
      yield* settle
      assert.notStrictEqual(yield* get, first)
    }).pipe(Effect.provide(instanceSource({}, imds({ rotateBefore: 0 })))))

  it.effect("stays in use while the service is down, until it expires", () =>
    Effect.gen(function*() {
      const first = yield* get
      yield* fault({ service: "imds", kind: "status", status: 500, ...always })
      yield* TestClock.adjust("359 minutes")
      assert.strictEqual(yield* get, first)
      yield* TestClock.adjust("1 minute")
      const { value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(value._tag, "CredentialsUnavailable")
    }).pipe(Effect.provide(instanceSource())))

  it.effect("that expired on arrival is CredentialsExpired", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(86_400_000)
      yield* fault({ operation: "credential", kind: "expired" })
      assert.strictEqual((yield* failure)._tag, "CredentialsExpired")
    }).pipe(Effect.provide(instanceSource())))

  it.effect("expires by the local clock if the clock of the instance differs", () =>
    Effect.gen(function*() {
      yield* fault({ service: "imds", kind: "skew", millis: 600_000, ...always })
      const session = yield* getSession
      assert.strictEqual(Option.getOrThrow(session.expiration).epochMillis, 21_600_000)
    }).pipe(Effect.provide(instanceSource())))

  it.effect("is fetched once for many callers", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "delay", delay: "100 millis" })
      const { value } = yield* elapsed(
        Effect.all(Array.from({ length: 100 }, () => get), { concurrency: "unbounded" }),
        "1 second"
      )
      assert.strictEqual(new Set(value).size, 1)
      assert.strictEqual(yield* count, 3)
    }).pipe(Effect.provide(instanceSource())))
})

describe("EcsRamRole", () => {
  it.effect("layerConfig reads its options from Config", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "status", status: 404 })
      assert.strictEqual((yield* failure)._tag, "CredentialsRejected")
      yield* get
      assert.strictEqual(yield* steps, "token token credential+")
    }).pipe(Effect.provide(overCloud(
      EcsRamRole.layerConfig({ roleName: Config.string("MY_ROLE"), disableImdsV1: Config.boolean("MY_V2_ONLY") }),
      { variables: { MY_ROLE: instanceRole, MY_V2_ONLY: "yes" } }
    ))))

  it.effect("layerConfig fails to build if an option is missing, and names it", () =>
    Effect.gen(function*() {
      const layer = EcsRamRole.layerConfig({ roleName: Config.string("MY_ROLE") })
      const error = yield* Effect.flip(Effect.scoped(Layer.build(overCloud(layer))))
      assert.include(renderValue(error), "MY_ROLE")
    }))

  it.effect("builds without a request", () => {
    const source = EcsRamRole.layerEnv.pipe(
      Layer.provide(fakeHttp(() => Effect.dieMessage("asked"))),
      Layer.provide(variables())
    )
    return Effect.asVoid(Effect.scoped(Layer.build(source)))
  })
})
