import { HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigError, ConfigProvider, Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import { CredentialError, CredentialProvider, KmsSecret, SignedHttpClient } from "effect-alicloud-credentials"
import { LocalCloud, TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { always, cloud, defaults, fault, role, user } from "../support/cloud.ts"
import { idOf } from "../support/credentials.ts"
import { quiet } from "../support/logs.ts"
import { scripted } from "../support/network.ts"
import { get } from "../support/provider.ts"
import { execute } from "../support/signedHttp.ts"
import { recordedSpans } from "../support/spans.ts"
import { noVariables } from "../support/variables.ts"

const options = { secretName: defaults.secretName, region: "cn-hangzhou", refresh: { jitter: 0 } } as const

const kmsOverCloud = <A, E, R>(
  base: Layer.Layer<CredentialProvider.CredentialProvider | A, E, R>,
  more: Partial<KmsSecret.KmsSecretOptions> = {},
  world: Partial<LocalCloud.World> = {}
) =>
  Layer.mergeAll(
    KmsSecret.layer({ ...options, ...more }).pipe(Layer.provide(base)),
    quiet
  ).pipe(Layer.provideMerge(LocalCloud.layer({ world })), Layer.provide(noVariables))

const keyId = Effect.map(get, idOf)

const asked = Effect.flatMap(cloud, (cloud) => cloud.count({ operation: "GetSecretValue" }))

const worldWithSecret = (secret: Partial<LocalCloud.Secret>): Partial<LocalCloud.World> => ({
  secrets: defaults.world.secrets.map((entry) => ({ ...entry, ...secret }))
})

describe("a KMS secret", () => {
  it.effect("provides its key pair, read with the credentials of the source", () =>
    Effect.gen(function*() {
      const provider = yield* CredentialProvider.CredentialProvider
      assert.strictEqual(provider.name, "kms_secret/ram_role_arn/static_ak")
      const credentials = yield* get
      assert(credentials._tag === "AccessKey")
      assert.strictEqual(credentials.provider, "kms_secret/ram_role_arn/static_ak")
      assert.strictEqual(credentials.accessKeyId, defaults.managedKeyId)
      assert.strictEqual(Redacted.value(credentials.accessKeySecret), defaults.managedKeySecret)
      const requests = yield* (yield* cloud).requests
      const request = requests[requests.length - 1]!
      assert.strictEqual(`${request.method} ${request.host}${request.path}`, "POST kms.cn-hangzhou.aliyuncs.com/")
      assert.deepStrictEqual(request.query, { SecretName: defaults.secretName })
      assert.strictEqual(request.headers["x-acs-version"], "2016-01-20")
      assert.match(request.accessKeyId!, /^STS\./)
    }).pipe(Effect.provide(kmsOverCloud(role))))

  const hosts: ReadonlyArray<readonly [Partial<KmsSecret.KmsSecretOptions>, string]> = [
    [{ region: "cn-beijing", vpc: true }, "kms-vpc.cn-beijing.aliyuncs.com"],
    [{ endpoint: "https://kst-1.cryptoservice.kms.aliyuncs.com/" }, "kst-1.cryptoservice.kms.aliyuncs.com"]
  ]
  for (const [more, host] of hosts) {
    it.effect(`is requested from ${host}`, () =>
      Effect.gen(function*() {
        yield* get
        assert.strictEqual((yield* (yield* cloud).requests)[0]?.host, host)
      }).pipe(Effect.provide(kmsOverCloud(user, more))))
  }

  it.effect("is read once for all concurrent callers, and cached for an hour", () =>
    Effect.gen(function*() {
      yield* Effect.all(Array.from({ length: 50 }, () => get), { concurrency: "unbounded" })
      yield* TestClock.adjust("59 minutes")
      yield* get
      assert.strictEqual(yield* asked, 1)
      yield* (yield* cloud).rotateSecret(defaults.secretName)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* keyId, defaults.managedKeyId)
      yield* TestClock.adjust("1 second")
      assert.notStrictEqual(yield* keyId, defaults.managedKeyId)
      assert.strictEqual(yield* asked, 2)
    }).pipe(Effect.provide(kmsOverCloud(user))))

  const intervals: ReadonlyArray<readonly ["10 minutes" | "7 days" | undefined, number]> = [
    ["10 minutes", 10],
    ["7 days", 60],
    [undefined, 60]
  ]
  for (const [rotationInterval, minutes] of intervals) {
    it.effect(`is cached for ${minutes} minutes with the rotation interval ${rotationInterval ?? "none"}`, () =>
      Effect.gen(function*() {
        yield* get
        yield* TestClock.adjust(`${minutes * 60 - 1} seconds`)
        yield* get
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(yield* asked, 1)
        yield* TestClock.adjust("1 seconds")
        yield* get
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(yield* asked, 2)
      }).pipe(Effect.provide(kmsOverCloud(user, {}, worldWithSecret({ rotationInterval })))))
  }

  it.effect("stays in use while renewing it fails", () =>
    Effect.gen(function*() {
      yield* get
      yield* fault({ kind: "status", status: 503, ...always })
      yield* TestClock.adjust("2 hours")
      yield* get
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* keyId, defaults.managedKeyId)
      assert.isAbove(yield* asked, 1)
    }).pipe(Effect.provide(kmsOverCloud(user))))

  it.effect("is read again when a service refuses the key, and the request succeeds", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      const request = HttpClientRequest.post("https://sts.aliyuncs.com", {
        headers: { "x-acs-action": "GetCallerIdentity", "x-acs-version": "2015-04-01" }
      })
      assert.strictEqual((yield* execute(request)).status, 200)
      yield* local.rotateSecret(defaults.secretName)
      yield* local.revoke(defaults.managedKeyId)
      const responses = yield* Effect.all(Array.from({ length: 20 }, () => execute(request)), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual([...new Set(responses.map((response) => response.status))], [200])
      assert.strictEqual(yield* asked, 2)
    }).pipe(Effect.provide(Layer.provideMerge(SignedHttpClient.layer(), kmsOverCloud(role)))))

  it.effect("renews the credentials of the source if KMS refuses them", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      const base = yield* Layer.build(role)
      const source = yield* Effect.provide(CredentialProvider.CredentialProvider, base)
      const session = yield* source.get
      assert(session._tag === "StsToken")
      yield* local.revoke(session.accessKeyId)
      const provider = yield* KmsSecret.make({ ...options, source })
      assert.strictEqual((yield* provider.get)._tag, "AccessKey")
      assert.strictEqual(yield* local.count({ operation: "AssumeRole" }), 2)
    }).pipe(Effect.scoped, Effect.provide(LocalCloud.layer()), Effect.provide([noVariables, quiet])))

  it.effect("can be configured with Config", () =>
    Effect.gen(function*() {
      const layer = KmsSecret.layerConfig({
        secretName: Config.string("SECRET"),
        region: Config.string("REGION")
      }).pipe(Layer.provide(user))
      const withVariables = (entries: Record<string, string>) =>
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(entries))))
      const program = Effect.provide(keyId, layer)
      assert.strictEqual(
        yield* withVariables({ SECRET: defaults.secretName, REGION: "cn-hangzhou" })(program),
        defaults.managedKeyId
      )
      const error = yield* Effect.flip(withVariables({ REGION: "r" })(program))
      assert.isTrue(ConfigError.isConfigError(error))
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("is fetched without a span for its request", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recordedSpans()
      yield* Effect.withTracer(Effect.provide(get, kmsOverCloud(user)), tracer)
      assert.deepStrictEqual(spans.map((span) => span.name), ["CredentialProvider.renew"])
    }))
})

describe("a KMS secret that cannot be read", () => {
  const failureInTime = <A, E, R>(
    layer: Layer.Layer<CredentialProvider.CredentialProvider | A, E, R>,
    before: Effect.Effect<unknown, never, LocalCloud.LocalCloud> = Effect.void
  ) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.flip(Effect.zipRight(before as Effect.Effect<void>, get)))
      yield* TestClock.adjust("2 minutes")
      return yield* Fiber.join(fiber)
    }).pipe(Effect.provide(layer))

  it.effect("because it does not exist is CredentialsRejected with a hint", () =>
    Effect.gen(function*() {
      const error = yield* failureInTime(kmsOverCloud(user, { secretName: "none" }))
      assert(error._tag === "CredentialsRejected")
      assert.strictEqual(error.code, "Forbidden.ResourceNotFound")
      assert.strictEqual(error.status, 404)
      assert.isDefined(error.requestId)
      assert.strictEqual(error.hint, "Check the name and the region of the secret")
      assert.strictEqual(error.provider, "kms_secret/static_ak")
    }))

  const faults: ReadonlyArray<readonly [LocalCloud.Fault, CredentialError.CredentialError["_tag"], number]> = [
    [{ kind: "status", status: 503, ...always }, "CredentialsUnavailable", 3],
    [{ kind: "status", status: 429, headers: { "retry-after": "300" }, times: Infinity }, "CredentialsUnavailable", 1],
    [{ kind: "status", status: 403, code: "Forbidden.NoPermission", ...always }, "CredentialsRejected", 1],
    [{ kind: "disconnect", ...always }, "CredentialsUnavailable", 3],
    [{ kind: "disconnect", at: "body", ...always }, "CredentialsUnavailable", 3],
    [{ kind: "silent", ...always }, "CredentialsUnavailable", 1],
    [{ kind: "drip", ...always }, "CredentialsUnavailable", 1],
    [{ kind: "malformed", ...always }, "CredentialsMalformed", 1],
    [{ kind: "missing", fields: ["SecretData"], ...always }, "CredentialsMalformed", 1],
    [{ kind: "endless", ...always }, "CredentialsMalformed", 1],
    [{ kind: "redirect", location: "https://a.example" }, "CredentialsRejected", 1]
  ]
  for (const [what, tag, requests] of faults) {
    it.effect(`because of ${JSON.stringify(what)} is ${tag} after ${requests} requests`, () =>
      Effect.gen(function*() {
        yield* fault(what)
        const provider = yield* Effect.fork(Effect.flip(get))
        yield* TestClock.adjust("2 minutes")
        assert.strictEqual((yield* Fiber.join(provider))._tag, tag)
        assert.strictEqual(yield* asked, requests)
      }).pipe(Effect.provide(kmsOverCloud(user))))
  }

  it.effect("because KMS throttles makes callers wait, without a second request in the same call", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 400, code: "Throttling.User" })
      const fiber = yield* Effect.fork(keyId)
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(yield* asked, 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* Fiber.join(fiber), defaults.managedKeyId)
      assert.strictEqual(yield* asked, 2)
    }).pipe(Effect.provide(kmsOverCloud(user))))

  it.effect("at the first attempt is read at the second", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "disconnect" })
      const fiber = yield* Effect.fork(keyId)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(fiber), defaults.managedKeyId)
    }).pipe(Effect.provide(kmsOverCloud(user))))

  it.effect("at the time limit reports how long it waited", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "silent" })
      const fiber = yield* Effect.fork(Effect.flip(get))
      yield* TestClock.adjust("3 seconds")
      assert.include((yield* Fiber.join(fiber)).message, "kms.cn-hangzhou.aliyuncs.com: no whole answer within 3000 ms")
    }).pipe(Effect.provide(kmsOverCloud(user, { timeout: "2 seconds", connectTimeout: "1 second" }))))

  const data: ReadonlyArray<readonly [string, string]> = [
    ["plain text", "SecretData is not JSON"],
    [
      "{\"AccessKeyId\":\"\",\"AccessKeySecret\":7}",
      "SecretData.AccessKeyId is empty; SecretData.AccessKeySecret is not text"
    ],
    ["{\"user\":\"a\"}", "SecretData.AccessKeyId is missing; SecretData.AccessKeySecret is missing"]
  ]
  for (const [value, issue] of data) {
    it.effect(`because it contains ${value} is CredentialsMalformed, and not shown`, () =>
      Effect.gen(function*() {
        const error = yield* failureInTime(kmsOverCloud(user, {}, worldWithSecret({ type: "Generic", data: value })))
        assert.strictEqual(error._tag, "CredentialsMalformed")
        assert.include(error.message, issue)
        assert.notInclude(error.message, value)
      }))
  }

  it.effect("is not a generic secret with a key pair, which is read", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* keyId, defaults.managedKeyId)
    }).pipe(Effect.provide(kmsOverCloud(user, {}, worldWithSecret({ type: "Generic" })))))

  const wrong: ReadonlyArray<readonly [Partial<KmsSecret.KmsSecretOptions>, RegExp]> = [
    [{ secretName: "" }, /secretName is empty/],
    [{ region: undefined }, /neither region nor endpoint/],
    [{ region: "cn hangzhou" }, /region is not a region id/],
    [{ endpoint: "https://a b" }, /endpoint is not a host name/]
  ]
  for (const [more, message] of wrong) {
    it.effect(`because of ${JSON.stringify(more)} is CredentialsMisconfigured, without a request`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(get)
        assert.strictEqual(error._tag, "CredentialsMisconfigured")
        assert.match(error.message, message)
        assert.strictEqual(yield* (yield* cloud).count(), 0)
      }).pipe(Effect.provide(kmsOverCloud(user, more as Partial<KmsSecret.KmsSecretOptions>))))
  }

  it.effect("because the source fails has the error of the source", () =>
    Effect.gen(function*() {
      const base = TestCredentialProvider.layerFailing(
        new CredentialError.CredentialsNotConfigured({ provider: "test", reason: "nothing" })
      )
      assert.strictEqual((yield* failureInTime(kmsOverCloud(base)))._tag, "CredentialsNotConfigured")
    }))

  it.effect("is not one with a null rotation interval, which is read", () =>
    Effect.gen(function*() {
      const { layer } = scripted(() =>
        Response.json({
          SecretData: JSON.stringify({ AccessKeyId: "a", AccessKeySecret: "b" }),
          RotationInterval: null
        })
      )
      const source = KmsSecret.layer(options).pipe(Layer.provide([user, layer]))
      assert.strictEqual(yield* Effect.provide(keyId, source), "a")
    }).pipe(Effect.provide(noVariables)))
})
