import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, Fiber, FiberId, Layer, Metric, Redacted, Stream, TestClock } from "effect"
import { CredentialChanges, CredentialProvider, RoleSessions, StaticCredentials } from "effect-alicloud-credentials"
import { bodyFields } from "../conformance/wire.ts"
import { hour, settableClock } from "../support/clock.ts"
import { firstReadHangs } from "../support/hangingVariables.ts"
import { logs } from "../support/logs.ts"
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

const unbounded = { concurrency: "unbounded" } as const

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

  it.effect("warns of the requests that STS throttled, and not of all those that waited for that", () => {
    let isThrottling = true
    const { layer, requests } = sts(() =>
      Effect.succeed(isThrottling ? { status: 429, code: "Throttling.User", retryAfter: "20" } : {})
    )
    const log = logs()
    return Effect.gen(function*() {
      const all = yield* Effect.fork(Effect.forEach(tenants(60), idGot, { concurrency: "unbounded" }))
      yield* TestClock.adjust("19 seconds")
      isThrottling = false
      const throttled = requests.length
      yield* TestClock.adjust("70 seconds")
      yield* Fiber.join(all)
      assert.lengthOf(log.lines, throttled)
      assert.isTrue(log.lines.every((line) => line.startsWith("WARN the server throttles")))
    }).pipe(Effect.provide(Layer.provideMerge(over(layer), log.layer)))
  })

  it.effect("does not tell a caller which role was throttled", () => {
    const { layer } = sts(() => Effect.succeed({ status: 429, code: "Throttling.User", retryAfter: "200" }))
    return Effect.gen(function*() {
      yield* Effect.flip(idGot({ roleArn: roleArn("secret") }))
      const error = yield* Effect.flip(idGot({ roleArn: roleArn("other") }))
      assert.include(error.message, "requests for other roles were throttled, so none is sent for now")
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
      [{ capacity: NaN }, "capacity takes a whole number of at least 1 (found: NaN)"],
      [{ capacity: Infinity }, "capacity takes a whole number of at least 1 (found: Infinity)"],
      [{ concurrency: -1 }, "concurrency takes a whole number of at least 1 (found: -1)"],
      [{ idleTimeToLive: "0 seconds" }, "idleTimeToLive takes a time of more than zero (found: 0 ms)"],
      [{ idleTimeToLive: NaN }, "idleTimeToLive takes a time of more than zero"],
      [{ idleTimeToLive: "an hour" as "1 hour" }, "idleTimeToLive takes a time of more than zero"],
      [{ capacity: 0, concurrency: 0 }, "capacity takes a whole number of at least 1 (found: 0); concurrency takes"]
    ] as ReadonlyArray<readonly [RoleSessions.Options, string]>
  ) {
    it.effect(`fails every call with ${JSON.stringify(options)}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(idGot({ roleArn: roleArn(1) }))
        assert.strictEqual(error._tag, "CredentialsMisconfigured")
        assert.include(error.message, reason)
      }).pipe(Effect.provide(over(sts().layer, options))))
  }

  it.effect("is not stopped for longer than five minutes by a server that asks for days", () => {
    let isThrottling = true
    const { layer } = sts(() =>
      Effect.succeed(isThrottling ? { status: 429, code: "Throttling.User", retryAfter: "100000" } : {})
    )
    return Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(idGot({ roleArn: roleArn(1) })))._tag, "CredentialsUnavailable")
      isThrottling = false
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(yield* idGot({ roleArn: roleArn(2) }), "STS.tenant-2.2")
    }).pipe(Effect.provide(over(layer)))
  })

  it.effect("waits as long as STS asked although a later answer asks for less", () => {
    const { layer, requests } = sts((role) =>
      role.endsWith("-1")
        ? Effect.as(Effect.sleep("1 second"), { status: 429, code: "Throttling.User" })
        : Effect.succeed({ status: 429, code: "Throttling.User", retryAfter: "60" })
    )
    return Effect.gen(function*() {
      const both = yield* Effect.fork(Effect.forEach(tenants(2), (role) => Effect.exit(idGot(role)), unbounded))
      yield* TestClock.adjust("5 seconds")
      const third = yield* Effect.fork(Effect.exit(idGot({ roleArn: roleArn(3) })))
      yield* TestClock.adjust("54 seconds")
      assert.lengthOf(requests, 2)
      yield* Fiber.interrupt(both)
      yield* Fiber.interrupt(third)
    }).pipe(Effect.provide(over(layer)))
  })

  it.effect("counts no role after its scope closed, whatever is called then", () => {
    const { layer } = sts()
    return Effect.gen(function*() {
      const before = yield* pooled
      const sessions = yield* Effect.provide(
        Effect.zipLeft(RoleSessions.RoleSessions, Effect.forEach(tenants(3), idGot)),
        over(layer, { capacity: 3 })
      )
      for (const role of tenants(5)) yield* Effect.exit(sessions.get(role))
      yield* TestClock.adjust("2 hours")
      for (const role of tenants(5)) yield* Effect.exit(sessions.get(role))
      assert.strictEqual((yield* pooled) - before, 0)
    })
  })

  it.effect("lets nobody wait for the role of another that was dropped before it was made", () => {
    const { layer } = sts()
    return Effect.gen(function*() {
      const first = yield* Effect.fork(idGot({ roleArn: roleArn(1) }))
      yield* TestClock.adjust(0)
      yield* Fiber.interrupt(first)
      const second = yield* Effect.fork(idGot({ roleArn: roleArn(2) }))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.poll(second))._tag, "Some")
    }).pipe(Effect.provide(Layer.provideMerge(over(layer, { capacity: 1 }), firstReadHangs())))
  })

  it.effect("gives a role that was dropped a new session, also to those who hold its provider", () => {
    const { layer, requests } = sts()
    return Effect.gen(function*() {
      const sessions = yield* RoleSessions.RoleSessions
      const providers = tenants(3).map(sessions.provider)
      for (let round = 0; round < 3; round++) {
        const all = yield* Effect.forEach(providers, ({ get }) => Effect.all([get, get], unbounded), unbounded)
        for (const [tenant, [one, other]] of all.entries()) {
          assert.strictEqual(one, other)
          assert.include(one._tag === "StsToken" ? one.accessKeyId : "", `STS.tenant-${tenant}.`)
        }
      }
      assert.isAtLeast(requests.length, 7)
      assert.isAtMost(requests.length, 9)
    }).pipe(Effect.provide(over(layer, { capacity: 1 })))
  })

  it.scoped("keeps roles for another hour when the clock of the machine is set back", () => {
    const { layer, requests } = sts()
    return Effect.gen(function*() {
      const wall = yield* settableClock
      yield* wall.move(10 * hour)
      const idle = yield* evicted("idle")
      const pool = yield* wall.use(Layer.build(over(layer)))
      const use = (role: RoleSessions.Role) => wall.use(Effect.provide(idGot(role), pool))
      yield* Effect.forEach(tenants(5), use)
      yield* wall.move(-5 * hour)
      yield* use({ roleArn: roleArn("other") })
      yield* TestClock.adjust("59 minutes")
      yield* use({ roleArn: roleArn("another") })
      assert.strictEqual((yield* evicted("idle")) - idle, 0)
      yield* TestClock.adjust("1 minute")
      yield* use({ roleArn: roleArn("third") })
      assert.strictEqual((yield* evicted("idle")) - idle, 6)
      assert.lengthOf(requests, 8)
    })
  })

  it.effect("renews the sessions of many roles that came at the same moment at different times", () => {
    const { layer, requests } = sts()
    return Effect.gen(function*() {
      const all = tenants(100)
      yield* Effect.forEach(all, idGot, unbounded)
      let most = 0
      for (let minute = 0; minute < 50; minute++) {
        const before = requests.length
        yield* Effect.forEach(all, idGot, unbounded)
        yield* TestClock.adjust("1 minute")
        most = Math.max(most, requests.length - before)
      }
      assert.lengthOf(requests, 200)
      // 27 on average in a minute of the 3 minutes and 45 seconds.
      assert.isAtMost(most, 60)
    }).pipe(Effect.provide(over(layer)))
  })

  it.effect("takes a role as a database or JSON has it", () => {
    const forms: Array<Form> = []
    const { layer, requests } = sts((_, form) => Effect.sync(() => void forms.push(form)))
    const role = (fields: object) => fields as RoleSessions.Role
    class Tenant {
      private readonly id = 7
      get roleArn() {
        return roleArn(this.id)
      }
    }
    return Effect.gen(function*() {
      const row = role({
        roleArn: roleArn(7),
        roleSessionName: "",
        policy: null,
        externalId: undefined,
        duration: null
      })
      const ids = yield* Effect.forEach([row, role(new Tenant()), role({ roleArn: roleArn(7), id: 7 })], idGot)
      assert.deepStrictEqual(new Set(ids), new Set(["STS.tenant-7.1"]))
      yield* idGot(role({ roleArn: roleArn(7), externalId: 42 }))
      yield* idGot(role({ roleArn: roleArn(7), externalId: "42" }))
      assert.lengthOf(requests, 2)
      assert.strictEqual(forms[1]?.["ExternalId"], "42")
      const one = yield* idGot({ roleArn: roleArn(7), policy: "[\"\ud800\"]" })
      const other = yield* idGot({ roleArn: roleArn(7), policy: "[\"\ud801\"]" })
      assert.notStrictEqual(one, other)
    }).pipe(Effect.provide(over(layer)))
  })

  for (
    const [role, reason] of [
      [{}, "roleArn is not of the form acs:ram::<account>:role/<name>"],
      [{ roleArn: null }, "roleArn is not of the form acs:ram::<account>:role/<name>"],
      [{ roleArn: roleArn(1), duration: "an hour" }, "duration takes whole seconds, at least 900"],
      [{ roleArn: roleArn(1), duration: {} }, "duration takes whole seconds, at least 900"],
      [{ roleArn: roleArn(1), externalId: {} }, "externalId takes 2 to 1224 of"]
    ] as ReadonlyArray<readonly [object, string]>
  ) {
    it.effect(`fails with ${JSON.stringify(role)}`, () =>
      Effect.gen(function*() {
        for (let time = 0; time < 2; time++) {
          const error = yield* Effect.flip(idGot(role as RoleSessions.Role))
          assert.strictEqual(error._tag, "CredentialsMisconfigured")
          assert.include(error.message, reason)
        }
      }).pipe(Effect.provide(over(sts().layer))))
  }

  it.effect("keeps no role that is not valid, so that it takes the place of no other", () => {
    const { layer, requests } = sts()
    return Effect.gen(function*() {
      const before = yield* pooled
      yield* idGot({ roleArn: roleArn(1) })
      for (const account of [1, 2, 3]) yield* Effect.flip(idGot({ roleArn: `acs:ram::${account}:user/name` }))
      assert.strictEqual((yield* pooled) - before, 1)
      yield* idGot({ roleArn: roleArn(1) })
      assert.lengthOf(requests, 1)
    }).pipe(Effect.provide(over(layer, { capacity: 1 })))
  })

  it.effect("uses the role that it read at first, although the object changes later", () => {
    const { layer, requests } = sts()
    return Effect.gen(function*() {
      const role: { roleArn: string } = { roleArn: roleArn(1) }
      const provider = (yield* RoleSessions.RoleSessions).provider(role)
      yield* idGot(role)
      role.roleArn = roleArn(2)
      assert.strictEqual(yield* idGot(role), "STS.tenant-2.2")
      assert.strictEqual(yield* idGot({ roleArn: roleArn(1) }), "STS.tenant-1.1")
      yield* provider.get
      assert.lengthOf(requests, 2)
      let reads = 0
      const shifting = {
        get roleArn() {
          return roleArn(reads++ % 2 === 0 ? 1 : 2)
        }
      }
      for (let time = 0; time < 5; time++) assert.match(yield* idGot(shifting), /^STS\.tenant-[12]\.[12]$/)
      assert.lengthOf(requests, 2)
    }).pipe(Effect.provide(over(layer)))
  })
})
