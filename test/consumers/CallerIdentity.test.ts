import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Exit, Layer, Option, Redacted } from "effect"
import { CallerIdentity, CredentialProvider, StaticCredentials } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { cloud, defaults, fault, role, user } from "../support/cloud.ts"
import { scripted } from "../support/network.ts"
import { noVariables } from "../support/variables.ts"

const besideCloud = <A, E, R>(credentials: Layer.Layer<CredentialProvider.CredentialProvider | A, E, R>) =>
  credentials.pipe(Layer.provideMerge(LocalCloud.layer()), Layer.provideMerge(noVariables))

const accountKey = StaticCredentials.layerAccessKey({
  accessKeyId: "LTAIAccount",
  accessKeySecret: Redacted.make("account-secret")
})

describe("the caller identity", () => {
  it.effect("is that of a RAM user", () =>
    Effect.gen(function*() {
      const identity = yield* CallerIdentity.get()
      assert.strictEqual(identity.identityType, "RAMUser")
      assert.strictEqual(identity.accountId, defaults.accountId)
      assert.strictEqual(identity.arn, `acs:ram::${defaults.accountId}:user/local-user`)
      assert.strictEqual(Option.getOrUndefined(identity.userId), identity.principalId)
      assert.isTrue(Option.isNone(identity.roleId))
      assert.match(identity.requestId, /^[0-9A-F-]{36}$/)
      const [request] = yield* (yield* cloud).requests
      assert.strictEqual(request?.host, "sts.aliyuncs.com")
    }).pipe(Effect.provide(besideCloud(user))))

  it.effect("is that of a role", () =>
    Effect.gen(function*() {
      const identity = yield* CallerIdentity.get()
      assert.strictEqual(identity.identityType, "AssumedRoleUser")
      assert.match(identity.arn, /:assumed-role\/local-role\//)
      assert.strictEqual(Option.getOrThrow(identity.roleId), identity.principalId.split(":")[0])
      assert.isTrue(Option.isNone(identity.userId))
    }).pipe(Effect.provide(besideCloud(role))))

  it.effect("is that of an account", () =>
    Effect.gen(function*() {
      yield* (yield* cloud).update((world) => ({
        ...world,
        accessKeys: [{ id: "LTAIAccount", secret: "account-secret", accountId: "77" }]
      }))
      const identity = yield* CallerIdentity.get()
      assert.strictEqual(identity.identityType, "Account")
      assert.strictEqual(identity.accountId, "77")
    }).pipe(Effect.provide(besideCloud(accountKey))))

  const hosts: ReadonlyArray<readonly [CallerIdentity.Options, Readonly<Record<string, string>>, string]> = [
    [{ sts: { region: "cn-beijing", vpc: true } }, {}, "sts-vpc.cn-beijing.aliyuncs.com"],
    [{ sts: { endpoint: "https://sts.eu-central-1.aliyuncs.com/" } }, {}, "sts.eu-central-1.aliyuncs.com"],
    [{}, { ALIBABA_CLOUD_STS_REGION: "cn-shenzhen" }, "sts.cn-shenzhen.aliyuncs.com"],
    [{}, { ALIBABA_CLOUD_STS_ENDPOINT: "sts.me-east-1.aliyuncs.com" }, "sts.me-east-1.aliyuncs.com"]
  ]
  for (const [options, variables, host] of hosts) {
    it.effect(`is requested from ${host}`, () =>
      Effect.gen(function*() {
        yield* CallerIdentity.get(options).pipe(
          Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))
        )
        assert.strictEqual((yield* (yield* cloud).requests)[0]?.host, host)
      }).pipe(Effect.provide(besideCloud(user))))
  }

  it.effect("treats an empty id as absent", () =>
    Effect.gen(function*() {
      const { layer } = scripted(() =>
        Response.json({
          IdentityType: "RAMUser",
          AccountId: "1",
          Arn: "a",
          PrincipalId: "2",
          UserId: "2",
          RoleId: "",
          RequestId: "R"
        })
      )
      const identity = yield* Effect.provide(CallerIdentity.get(), [layer, user, noVariables])
      assert.isTrue(Option.isNone(identity.roleId))
    }))

  it.effect("fails for an invalid endpoint", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(CallerIdentity.get({ sts: { endpoint: "not a host" } }))
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
    }).pipe(Effect.provide(besideCloud(user))))
})

describe("CallerIdentity.guard", () => {
  const built = <E, R>(layer: Layer.Layer<never, E, R>) => Effect.scoped(Effect.exit(Layer.build(layer)))

  it.effect("accepts the expected account, or any of several", () =>
    Effect.gen(function*() {
      assert.isTrue(Exit.isSuccess(yield* built(CallerIdentity.guard({ accountId: defaults.accountId }))))
      assert.isTrue(Exit.isSuccess(yield* built(CallerIdentity.guard({ accountId: ["1", defaults.accountId] }))))
    }).pipe(Effect.provide(besideCloud(role))))

  it.effect("fails to build for another account, and names both", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(Layer.build(CallerIdentity.guard({ accountId: ["1", "2"] }))))
      assert(error._tag === "UnexpectedIdentity")
      assert.deepStrictEqual(error.expected, ["1", "2"])
      assert.strictEqual(error.actual.accountId, defaults.accountId)
      assert.strictEqual(
        error.message,
        `static_ak: the credentials belong to account ${defaults.accountId} ` +
          `(acs:ram::${defaults.accountId}:user/local-user), expected 1 or 2`
      )
    }).pipe(Effect.provide(besideCloud(user))))

  it.effect("fails if the identity cannot be determined", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 503 })
      const error = yield* Effect.flip(
        Effect.scoped(Layer.build(CallerIdentity.guard({ accountId: defaults.accountId })))
      )
      assert.strictEqual(error._tag, "OpenApiError")
    }).pipe(Effect.provide(besideCloud(user))))

  it.effect("provides the credentials only if the account is expected", () =>
    Effect.gen(function*() {
      const guarded = (accountId: string) => CallerIdentity.guard({ accountId }).pipe(Layer.provideMerge(user))
      const credentials = yield* Effect.provide(CredentialProvider.get, guarded(defaults.accountId))
      assert.strictEqual(credentials._tag, "AccessKey")
      const error = yield* Effect.flip(Effect.provide(CredentialProvider.get, guarded("1")))
      assert.strictEqual(error._tag, "UnexpectedIdentity")
    }).pipe(Effect.provide(besideCloud(user))))
})
