import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Option, Redacted, TestClock } from "effect"
import { CredentialProvider, Credentials, RamRoleArn, StaticCredentials } from "effect-alicloud-credentials"
import { LocalCloud, TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { elapsed } from "../support/clock.ts"
import { always, count, defaults, fault, overCloud, user } from "../support/cloud.ts"
import { failure, get, getSession, renew } from "../support/provider.ts"
import { otherRoleArn, roleArn, roleSource } from "../support/ramRoleArn.ts"

describe("role chaining", () => {
  const thirdRoleArn = `acs:ram::${defaults.accountId}:role/third-role`
  const trusted = (arn: string, by: string) => ({ arn, trusted: [by], maxSession: "12 hours" }) as const
  const world = {
    roles: [
      trusted(roleArn, `acs:ram::${defaults.accountId}:user/local-user`),
      trusted(otherRoleArn, roleArn),
      trusted(thirdRoleArn, otherRoleArn)
    ]
  }
  const three = RamRoleArn.layer({ roleArn: thirdRoleArn, duration: "15 minutes", refresh: { jitter: 0 } }).pipe(
    Layer.provide(RamRoleArn.layer({ roleArn: otherRoleArn, duration: "30 minutes", refresh: { jitter: 0 } })),
    Layer.provide(RamRoleArn.layer({ roleArn, refresh: { jitter: 0 } })),
    Layer.provide(user)
  )

  it.effect("assumes each role with the session of the role below", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const session = yield* getSession
      assert.strictEqual(session.provider, "ram_role_arn/ram_role_arn/ram_role_arn/static_ak")
      const all = yield* cloud.requests
      assert.deepStrictEqual(all.map(({ form }) => form["RoleArn"]), [roleArn, otherRoleArn, thirdRoleArn])
      assert.deepStrictEqual(all.map(({ headers }) => headers["x-acs-credentials-provider"]), [
        "static_ak",
        "ram_role_arn/static_ak",
        "ram_role_arn/ram_role_arn/static_ak"
      ])
      assert.deepStrictEqual(all.map(({ form }) => "SecurityToken" in form), [false, true, true])
      assert.strictEqual(all[0]?.accessKeyId, defaults.accessKeyId)
      assert.strictEqual(new Set(all.map(({ accessKeyId }) => accessKeyId)).size, 3)
    }).pipe(Effect.provide(overCloud(three, { world }))))

  it.effect("renews only the expired session", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* get
      yield* cloud.clearRequests
      yield* TestClock.adjust("16 minutes")
      yield* get
      assert.deepStrictEqual((yield* cloud.requests).map(({ form }) => form["RoleArn"]), [thirdRoleArn])
    }).pipe(Effect.provide(overCloud(three, { world }))))

  it.effect("fails with the error of the refused role", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 403, code: "NoPermission", skip: 1 })
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.provider, "ram_role_arn/ram_role_arn/static_ak")
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(overCloud(three, { world }))))

  it.effect("replaces a revoked session below once, and retries", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* get
      const inner = (yield* cloud.requests)[2]?.accessKeyId ?? ""
      yield* cloud.revoke(inner)
      yield* cloud.clearRequests
      const session = yield* Effect.flatMap(renew, () => getSession)
      assert.match(session.accessKeyId, /^STS\./)
      const all = yield* cloud.requests
      assert.deepStrictEqual(all.map(({ code, form }) => [form["RoleArn"], code]), [
        [thirdRoleArn, "InvalidSecurityToken.Expired"],
        [otherRoleArn, undefined],
        [thirdRoleArn, undefined]
      ])
      assert.notStrictEqual(all[2]?.accessKeyId, inner)
    }).pipe(Effect.provide(overCloud(three, { world }))))
})

describe("a source that STS refuses", () => {
  const wrongKey = (id: string) =>
    Credentials.AccessKey({ provider: "mine", accessKeyId: id, accessKeySecret: Redacted.make("wrong-secret-word") })

  it.effect("is asked once more, and STS is not asked again if the key is the same", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.code, "InvalidAccessKeyId.NotFound")
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(roleSource({}, {}, StaticCredentials.layer(wrongKey("LTAI5tNobody"))))))

  it.effect("with another refused key is an error after two requests", () => {
    let asked = 0
    const refused: Array<string> = []
    const base = Layer.succeed(CredentialProvider.CredentialProvider, {
      name: "mine",
      get: Effect.sync(() => wrongKey(`LTAI5tNobody${++asked}`)),
      invalidate: (credentials: Credentials.Credentials) =>
        Effect.sync(() => {
          if (credentials._tag === "AccessKey") refused.push(credentials.accessKeyId)
        })
    })
    return Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.code, "InvalidAccessKeyId.NotFound")
      assert.deepStrictEqual(refused, ["LTAI5tNobody1"])
      assert.strictEqual(asked, 2)
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(roleSource({}, {}, base)))
  })

  for (const code of ["NoPermission", "SignatureDoesNotMatch", "EntityNotExist.Role", "InvalidParameter"]) {
    it.effect(`is not invalidated for ${code}`, () =>
      Effect.gen(function*() {
        const control = yield* TestCredentialProvider.TestCredentialProvider
        yield* fault({ kind: "status", status: 403, code, ...always })
        yield* failure
        assert.deepStrictEqual(yield* control.invalidated, [])
        assert.strictEqual(yield* control.gets, 1)
        assert.strictEqual(yield* count, 1)
      }).pipe(Effect.provide(
        overCloud(RamRoleArn.layer({ roleArn }), {}).pipe(Layer.provideMerge(TestCredentialProvider.layer()))
      )))
  }

  it.effect("is invalidated with the credentials that were refused", () =>
    Effect.gen(function*() {
      const control = yield* TestCredentialProvider.TestCredentialProvider
      yield* failure
      assert.deepStrictEqual(yield* control.invalidated, [TestCredentialProvider.stsToken()])
      assert.strictEqual(yield* control.gets, 2)
    }).pipe(Effect.provide(
      overCloud(RamRoleArn.layer({ roleArn }), {}).pipe(Layer.provideMerge(TestCredentialProvider.layer()))
    )))
})

describe("callers of one provider", () => {
  it.effect("share one request, which an interrupted caller does not cancel", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "delay", delay: "1 second" })
      const impatient = Effect.timeoutOption(get, "100 millis")
      const { value } = yield* elapsed(Effect.all([impatient, get, get, impatient], { concurrency: "unbounded" }))
      assert.isTrue(Option.isNone(value[0]) && Option.isNone(value[3]))
      assert.strictEqual(value[1], value[2])
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(roleSource())))

  it.effect("are interrupted when the scope of the provider closes", () =>
    Effect.gen(function*() {
      const provider = yield* CredentialProvider.CredentialProvider.pipe(Effect.provide(roleSource()))
      assert.isTrue(Exit.isInterrupted(yield* Effect.exit(provider.get)))
    }))
})
