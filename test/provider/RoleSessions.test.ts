import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, FastCheck, Fiber, Layer, Metric, Redacted, TestClock } from "effect"
import { CredentialProvider, Credentials, RoleSessions, StaticCredentials } from "effect-alicloud-credentials"
import { idOf } from "../../src/internal/sts/roleId.ts"
import { bodyFields } from "../conformance/wire.ts"
import { type Answer, fakeHttp } from "../support/network.ts"

const user = StaticCredentials.layerAccessKey({
  accessKeyId: "LTAI5tExample01",
  accessKeySecret: Redacted.make("ExampleSecret01")
})

const roleArn = (tenant: number | string) => `acs:ram::1234567890123456:role/tenant-${tenant}`

/** An STS whose sessions have the name of their role and a number, and last for an hour. */
const sts = (before: (roleArn: string) => Effect.Effect<{ readonly status?: number } | void> = () => Effect.void) => {
  const requests: Array<string> = []
  const answer: Answer = (request) =>
    Effect.gen(function*() {
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
      const role = bodyFields(body).form["RoleArn"] ?? ""
      const number = requests.push(role)
      const refusal = yield* before(role)
      if (refusal?.status !== undefined) {
        return { status: refusal.status, body: JSON.stringify({ Code: "Throttling.User", Message: "Slow down." }) }
      }
      const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
      const session = {
        AccessKeyId: `STS.${role.split("/").at(-1)}.${number}`,
        AccessKeySecret: "RoleSecret",
        SecurityToken: `token-${number}`,
        Expiration: new Date(now + 3_600_000).toISOString()
      }
      return { body: JSON.stringify({ Credentials: session }) }
    })
  return { requests, layer: fakeHttp(answer) }
}

const over = (http: Layer.Layer<HttpClient.HttpClient>, options: RoleSessions.Options = {}) =>
  RoleSessions.layer(options).pipe(Layer.provide(user), Layer.provide(http))

const idGot = (role: RoleSessions.Role) =>
  Effect.map(
    RoleSessions.get(role),
    (credentials) => credentials._tag === "StsToken" ? credentials.accessKeyId : credentials._tag
  )

describe("RoleSessions", () => {
  it.effect("requests one session for each role, however many callers there are", () => {
    const { layer, requests } = sts()
    return Effect.gen(function*() {
      const tenants = Array.from({ length: 10_000 }, (_, tenant) => tenant)
      for (let round = 0; round < 100; round++) {
        const ids = yield* Effect.forEach(tenants, (tenant) => idGot({ roleArn: roleArn(tenant) }), {
          concurrency: 1000
        })
        if (round % 50 === 0) assert.isTrue(ids.every((id, tenant) => id.startsWith(`STS.tenant-${tenant}.`)))
      }
      assert.lengthOf(requests, 10_000)
    }).pipe(Effect.provide(over(layer)))
  })

  it.effect("keeps at most as many roles as its capacity, those that were used last", () => {
    const { layer, requests } = sts()
    return Effect.gen(function*() {
      for (const tenant of [1, 2, 1, 3]) yield* idGot({ roleArn: roleArn(tenant) })
      assert.lengthOf(requests, 3)
      yield* idGot({ roleArn: roleArn(1) })
      assert.lengthOf(requests, 3)
      yield* idGot({ roleArn: roleArn(2) })
      assert.lengthOf(requests, 4)
    }).pipe(Effect.provide(over(layer, { capacity: 2 })))
  })

  it.effect("drops no role that somebody waits for", () => {
    const open = Deferred.unsafeMake<void>(0 as never)
    const { layer } = sts((role) => role.endsWith("-1") ? Deferred.await(open) : Effect.void)
    return Effect.gen(function*() {
      const first = yield* Effect.fork(idGot({ roleArn: roleArn(1) }))
      yield* TestClock.adjust(0)
      yield* idGot({ roleArn: roleArn(2) })
      yield* idGot({ roleArn: roleArn(3) })
      yield* Deferred.succeed(open, undefined)
      assert.strictEqual(yield* Fiber.join(first), "STS.tenant-1.1")
    }).pipe(Effect.provide(over(layer, { capacity: 1 })))
  })
})
