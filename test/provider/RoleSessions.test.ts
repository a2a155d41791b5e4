import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, FastCheck, Fiber, FiberId, Layer, Metric, Redacted, Stream, TestClock } from "effect"
import { CredentialChanges, CredentialProvider, RoleSessions, StaticCredentials } from "effect-alicloud-credentials"
import { idOf } from "../../src/internal/sts/roleId.ts"
import { bodyFields } from "../conformance/wire.ts"
import { type Answer, fakeHttp } from "../support/network.ts"

const user = StaticCredentials.layerAccessKey({
  accessKeyId: "LTAI5tExample01",
  accessKeySecret: Redacted.make("ExampleSecret01")
})

const roleArn = (tenant: number | string) => `acs:ram::1234567890123456:role/tenant-${tenant}`

interface Refusal {
  readonly status?: number
  readonly code?: string
  readonly retryAfter?: string
}

type Form = Readonly<Record<string, string>>

const httpDate = (millis: number): string => new Date(millis).toUTCString()

const instant = (millis: number): string => new Date(millis).toISOString()

/** An STS whose sessions have the name of their role and a number, and last for an hour. Its clock may be ahead. */
const sts = (
  before: (roleArn: string, form: Form) => Effect.Effect<Refusal | void> = () => Effect.void,
  ahead = 0
) => {
  const requests: Array<string> = []
  const answer: Answer = (request) =>
    Effect.gen(function*() {
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
      const { form } = bodyFields(body)
      const role = form["RoleArn"] ?? ""
      const number = requests.push(role)
      const now = ahead + (yield* Effect.clockWith((clock) => clock.currentTimeMillis))
      const headers = { date: httpDate(now) }
      const isLate = Math.abs(Date.parse(form["Timestamp"] ?? "") - now) > 900_000
      const { code, retryAfter, status } = isLate
        ? { status: 400, code: "InvalidTimeStamp.Expired" } as Refusal
        : (yield* before(role, form)) ?? {}
      if (code !== undefined) {
        return {
          status: status ?? 400,
          headers: retryAfter === undefined ? headers : { ...headers, "retry-after": retryAfter },
          body: JSON.stringify({ Code: code, Message: "refused" })
        }
      }
      const session = {
        AccessKeyId: `STS.${role.split("/").at(-1)}.${number}`,
        AccessKeySecret: "RoleSecret",
        SecurityToken: `token-${number}`,
        Expiration: instant(now + 3_600_000)
      }
      return { headers, body: JSON.stringify({ Credentials: session }) }
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

const tenants = (count: number) => Array.from({ length: count }, (_, tenant) => ({ roleArn: roleArn(tenant) }))

const evicted = (reason: string) =>
  Effect.map(
    Metric.value(
      Metric.tagged(
        Metric.counter("alicloud_credentials_evicted_sessions", {
          description: "Roles that pools of sessions have dropped, by reason",
          incremental: true
        }),
        "reason",
        reason
      )
    ),
    ({ count }) => count
  )

const pooled = Effect.map(
  Metric.value(
    Metric.counter("alicloud_credentials_pooled_sessions", { description: "Roles that pools of sessions have now" })
  ),
  ({ count }) => count
)

const anyRole: FastCheck.Arbitrary<RoleSessions.Role> = FastCheck.record({
  roleArn: FastCheck.string(),
  roleSessionName: FastCheck.option(FastCheck.string(), { nil: undefined }),
  policy: FastCheck.option(FastCheck.string(), { nil: undefined }),
  externalId: FastCheck.option(FastCheck.string(), { nil: undefined }),
  duration: FastCheck.option(FastCheck.nat(), { nil: undefined })
})

const fields = ["roleArn", "roleSessionName", "policy", "externalId", "duration"] as const

describe("RoleSessions", () => {
  it.effect("requests one session for each role, for all of its callers", () => {
    const { layer, requests } = sts()
    return Effect.gen(function*() {
      const all = tenants(200)
      const before = yield* pooled
      for (let round = 0; round < 50; round++) {
        const ids = yield* Effect.forEach([...all, ...all], idGot, { concurrency: "unbounded" })
        assert.isTrue(ids.every((id, index) => id.startsWith(`STS.tenant-${index % 200}.`)))
      }
      assert.lengthOf(requests, 200)
      assert.strictEqual((yield* pooled) - before, 200)
    }).pipe(Effect.provide(over(layer)))
  })

  it.effect("keeps at most as many roles as its capacity, those that were used last", () => {
    const { layer, requests } = sts()
    return Effect.gen(function*() {
      const before = yield* evicted("capacity")
      for (const tenant of [1, 2, 1, 3]) yield* idGot({ roleArn: roleArn(tenant) })
      assert.lengthOf(requests, 3)
      yield* idGot({ roleArn: roleArn(1) })
      assert.lengthOf(requests, 3)
      yield* idGot({ roleArn: roleArn(2) })
      assert.lengthOf(requests, 4)
      assert.strictEqual((yield* evicted("capacity")) - before, 2)
    }).pipe(Effect.provide(over(layer, { capacity: 2 })))
  })

  it.effect("drops the roles that nobody has used for an hour", () => {
    const { layer, requests } = sts()
    return Effect.gen(function*() {
      const [idle, size] = [yield* evicted("idle"), yield* pooled]
      yield* Effect.forEach(tenants(30), idGot)
      yield* TestClock.adjust("59 minutes")
      yield* idGot({ roleArn: roleArn(0) })
      yield* TestClock.adjust("1 minute")
      yield* idGot({ roleArn: roleArn("new") })
      assert.strictEqual((yield* evicted("idle")) - idle, 29)
      assert.strictEqual((yield* pooled) - size, 2)
      assert.isAtLeast(requests.length, 31)
    }).pipe(Effect.provide(over(layer)))
  })

  it.effect("ends with its scope: no role is counted, and no renewal runs", () => {
    const { layer } = sts()
    return Effect.gen(function*() {
      const before = yield* pooled
      yield* Effect.forEach(tenants(10), idGot).pipe(Effect.provide(over(layer)))
      assert.strictEqual((yield* pooled) - before, 0)
    })
  })

  it.effect("drops no role that somebody waits for", () => {
    const open = Deferred.unsafeMake<void>(FiberId.none)
    const { layer, requests } = sts((role) => role.endsWith("-1") ? Deferred.await(open) : Effect.void)
    return Effect.gen(function*() {
      const first = yield* Effect.fork(idGot({ roleArn: roleArn(1) }))
      yield* TestClock.adjust(0)
      yield* idGot({ roleArn: roleArn(2) })
      yield* idGot({ roleArn: roleArn(3) })
      yield* Deferred.succeed(open, undefined)
      assert.strictEqual(yield* Fiber.join(first), "STS.tenant-1.1")
      assert.lengthOf(requests, 3)
    }).pipe(Effect.provide(over(layer, { capacity: 1 })))
  })

  it.effect("gets the session for the others although the first caller was interrupted", () => {
    const open = Deferred.unsafeMake<void>(FiberId.none)
    const { layer, requests } = sts(() => Deferred.await(open))
    return Effect.gen(function*() {
      const role = { roleArn: roleArn(1) }
      const first = yield* Effect.fork(idGot(role))
      yield* TestClock.adjust(0)
      const second = yield* Effect.fork(idGot(role))
      yield* TestClock.adjust(0)
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(open, undefined)
      assert.strictEqual(yield* Fiber.join(second), "STS.tenant-1.1")
      assert.lengthOf(requests, 1)
    }).pipe(Effect.provide(over(layer)))
  })

  it.effect("sends each field of a role, and keeps roles apart that differ in one of them", () => {
    const forms: Array<Readonly<Record<string, string>>> = []
    const { layer } = sts((_, form) => Effect.sync(() => void forms.push(form)))
    const role = {
      roleArn: roleArn(1),
      roleSessionName: "one",
      policy: "{}",
      externalId: "aa",
      duration: "15 minutes"
    } as const
    return Effect.gen(function*() {
      const others: ReadonlyArray<RoleSessions.Role> = [
        role,
        { ...role, roleArn: roleArn(2) },
        { ...role, roleSessionName: "two" },
        { ...role, policy: "[]" },
        { ...role, externalId: "bb" },
        { ...role, duration: "20 minutes" }
      ]
      const ids = yield* Effect.forEach([...others, { ...role, duration: 900_000 }], idGot)
      assert.strictEqual(new Set(ids).size, 6)
      assert.strictEqual(ids[6], ids[0])
      assert.deepStrictEqual(forms.map((form) => form["RoleSessionName"]), ["one", "one", "two", "one", "one", "one"])
      assert.deepStrictEqual(forms.map((form) => form["Policy"]), ["{}", "{}", "{}", "[]", "{}", "{}"])
      assert.deepStrictEqual(forms.map((form) => form["ExternalId"]), ["aa", "aa", "aa", "aa", "bb", "aa"])
      assert.deepStrictEqual(forms.map((form) => form["DurationSeconds"]), ["900", "900", "900", "900", "900", "1200"])
    }).pipe(Effect.provide(over(layer)))
  })

  it.effect("takes nothing but the fields of a role from it", () => {
    const forms: Array<Form> = []
    const { layer } = sts((_, form) => Effect.sync(() => void forms.push(form)))
    return Effect.gen(function*() {
      const other = { name: "other", get: Effect.dieMessage("not this source"), invalidate: () => Effect.void }
      const role = { roleArn: roleArn(1), source: other, sts: { endpoint: "not a host" }, serverClock: undefined }
      assert.strictEqual(yield* idGot(role), "STS.tenant-1.1")
      assert.strictEqual(forms[0]?.["AccessKeyId"], "LTAI5tExample01")
    }).pipe(Effect.provide(over(layer)))
  })

  it("gives two roles one identity only if all their fields are the same", () => {
    FastCheck.assert(
      FastCheck.property(anyRole, anyRole, FastCheck.subarray([...fields]), (one, other, same) => {
        // Otherwise two random roles would hardly ever be alike.
        const mixed = { ...other, ...Object.fromEntries(same.map((field) => [field, one[field]])) }
        const isSame = fields.every((field) => (one[field] ?? "") === (mixed[field] ?? ""))
        assert.strictEqual(idOf(one) === idOf(mixed), isSame)
      }),
      { numRuns: 2000 }
    )
    FastCheck.assert(
      FastCheck.property(anyRole, FastCheck.nat(20), (role, at) => {
        // A character that moves from one field to the next.
        const text = `${role.roleArn}${role.roleSessionName ?? ""}`
        const moved = { ...role, roleArn: text.slice(0, at), roleSessionName: text.slice(at) }
        assert.strictEqual(idOf(role) === idOf(moved), role.roleArn === moved.roleArn)
      }),
      { numRuns: 2000 }
    )
  })

  it.effect("fails for one role, and serves the others", () => {
    const { layer } = sts((role) =>
      role.endsWith("-1") ? Effect.succeed({ status: 403, code: "NoPermission" }) : Effect.void
    )
    return Effect.gen(function*() {
      const error = yield* Effect.flip(idGot({ roleArn: roleArn(1) }))
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.strictEqual(yield* idGot({ roleArn: roleArn(2) }), "STS.tenant-2.2")
      const invalid = yield* Effect.flip(idGot({ roleArn: "tenant-3" }))
      assert.include(invalid.message, "is not of the form acs:ram::<account>:role/<name>")
    }).pipe(Effect.provide(over(layer)))
  })

  it.effect("sends no more requests at once than its concurrency", () => {
    let running = 0
    let most = 0
    const { layer } = sts(() =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          running += 1
          most = Math.max(most, running)
        }),
        () => Effect.sleep("1 second"),
        () => Effect.sync(() => running -= 1)
      )
    )
    return Effect.gen(function*() {
      const all = yield* Effect.fork(Effect.forEach(tenants(30), idGot, { concurrency: "unbounded" }))
      yield* TestClock.adjust("11 seconds")
      yield* Fiber.join(all)
      assert.strictEqual(most, 3)
    }).pipe(Effect.provide(over(layer, { concurrency: 3 })))
  })

  it.effect("sends nothing for any role while STS throttles, and serves all of them afterwards", () => {
    let isThrottling = true
    const { layer, requests } = sts(() =>
      Effect.succeed(isThrottling ? { status: 429, code: "Throttling.User", retryAfter: "20" } : {})
    )
    return Effect.gen(function*() {
      const all = yield* Effect.fork(Effect.forEach(tenants(60), idGot, { concurrency: "unbounded" }))
      yield* TestClock.adjust("19 seconds")
      assert.isAtMost(requests.length, 10, "those that were under way")
      isThrottling = false
      yield* TestClock.adjust("70 seconds")
      const ids = yield* Fiber.join(all)
      assert.strictEqual(new Set(ids).size, 60)
    }).pipe(Effect.provide(over(layer)))
  })

  it.effect("does not tell a caller which role was throttled", () => {
    const { layer } = sts(() => Effect.succeed({ status: 429, code: "Throttling.User", retryAfter: "200" }))
    return Effect.gen(function*() {
      yield* Effect.flip(idGot({ roleArn: roleArn("secret") }))
      const error = yield* Effect.flip(idGot({ roleArn: roleArn("other") }))
      assert.include(error.message, "STS throttles the requests for other roles, so none is sent for now")
      assert.notInclude(error.message, "secret")
      assert.strictEqual(error._tag === "CredentialsUnavailable" && error.code, "Throttling.User")
    }).pipe(Effect.provide(over(layer)))
  })

  it.effect("renews a session that a service refused", () => {
    const { layer, requests } = sts()
    return Effect.gen(function*() {
      const role = { roleArn: roleArn(1) }
      const sessions = yield* RoleSessions.RoleSessions
      const refused = yield* sessions.get(role)
      yield* sessions.invalidate(role, refused)
      assert.strictEqual(yield* idGot(role), "STS.tenant-1.2")
      yield* sessions.invalidate({ roleArn: roleArn("unknown") }, refused)
      assert.lengthOf(requests, 2)
    }).pipe(Effect.provide(over(layer)))
  })

  it.effect("has a provider of each role, with its health and its changes", () => {
    const { layer, requests } = sts()
    return Effect.gen(function*() {
      const role = { roleArn: roleArn(1) }
      const provider = (yield* RoleSessions.RoleSessions).provider(role)
      const before = yield* CredentialProvider.health(provider)
      assert.isFalse(before.isUsable)
      assert.lengthOf(requests, 0)
      const changes = yield* CredentialChanges.stream(provider).pipe(Stream.take(2), Stream.runCollect, Effect.fork)
      const first = yield* provider.get
      yield* TestClock.adjust(0)
      assert.isTrue((yield* CredentialProvider.health(provider)).isUsable)
      yield* provider.invalidate(first)
      const seen = yield* RoleSessions.get(role)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(
        Chunk.toReadonlyArray(yield* Fiber.join(changes)).map(({ accessKeyId }) => accessKeyId),
        ["STS.tenant-1.1", "STS.tenant-1.2"]
      )
      const got = yield* CredentialProvider.get.pipe(Effect.provide(RoleSessions.provider(role)))
      assert.strictEqual(got, seen)
    }).pipe(Effect.provide(over(layer)))
  })

  it.effect("learns the clock of STS once for all roles", () => {
    const { layer, requests } = sts(undefined, 3_600_000)
    return Effect.gen(function*() {
      yield* Effect.forEach(tenants(20), idGot)
      assert.lengthOf(requests, 21)
    }).pipe(Effect.provide(over(layer)))
  })

  for (
    const [options, reason] of [
      [{ capacity: 0 }, "capacity takes a whole number of at least 1 (found: 0)"],
      [{ concurrency: 1.5 }, "concurrency takes a whole number of at least 1 (found: 1.5)"],
      [{ idleTimeToLive: "0 seconds" }, "idleTimeToLive takes a time of more than zero (found: 0 ms)"]
    ] as ReadonlyArray<readonly [RoleSessions.Options, string]>
  ) {
    it.effect(`fails every call with ${JSON.stringify(options)}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(idGot({ roleArn: roleArn(1) }))
        assert.strictEqual(error._tag, "CredentialsMisconfigured")
        assert.include(error.message, reason)
      }).pipe(Effect.provide(over(sts().layer, options))))
  }
})
