import { $OpenApiUtil } from "@alicloud/openapi-core"
import Core from "@alicloud/pop-core"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Redacted } from "effect"
import { AlicloudSdk, CredentialProvider, StaticCredentials } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { Credential, DescribeRegionsRequest, Ecs, GetSecretValueRequest, Kms, Sts } from "../fixtures/sdks.ts"
import { fakeDate } from "../support/clock.ts"
import { defaults } from "../support/cloud.ts"
import { assertRefusal, endpoint, rejection, RoleOnServer, sdkFailing } from "../support/sdk.ts"
import { CloudServer } from "../support/server.ts"

const config = (credential: AlicloudSdk.SdkCredential) =>
  Effect.map(
    endpoint,
    (endpoint) => new $OpenApiUtil.Config({ credential, endpoint, protocol: "HTTP", regionId: "cn-hangzhou" })
  )

const ecsOf = (credential: AlicloudSdk.SdkCredential) => Effect.map(config(credential), (config) => new Ecs(config))

const stsOf = (credential: AlicloudSdk.SdkCredential) => Effect.map(config(credential), (config) => new Sts(config))

const coreOf = (credential: AlicloudSdk.SdkCredential, opts: object = {}) =>
  Effect.map(LocalCloud.LocalCloud, ({ url }) =>
    new Core({
      endpoint: url,
      apiVersion: "2014-05-26",
      credentialsProvider: AlicloudSdk.popCore(credential),
      opts
    } as never))

const regions = (count: number) => ({ statusCode: 200, regions: count })

const regionsVia = (client: InstanceType<typeof Ecs>) => async () => {
  const { body, statusCode } = await client.describeRegions(new DescribeRegionsRequest({}))
  return { statusCode, regions: body?.regions?.region?.length ?? 0 }
}

const present = defaults.world.regions.length

describe("the official ECS client", () => {
  it.live("sends 1000 requests, 50 at a time, over three lifetimes of the key", () =>
    Effect.gen(function*() {
      const setDate = yield* fakeDate
      const start = yield* Clock.currentTimeMillis
      const cloud = yield* LocalCloud.LocalCloud
      const client = yield* ecsOf(yield* AlicloudSdk.make)
      const ask = regionsVia(client)
      const answers = yield* Effect.forEach(Array.from({ length: 20 }), (_, batch) =>
        Effect.gen(function*() {
          // Advances all clocks of the process, so that the last of the twenty rounds runs after three hours.
          if (batch > 0) setDate((yield* Clock.currentTimeMillis) + 9.5 * 60_000)
          return yield* Effect.all(Array.from({ length: 50 }, () => Effect.promise(ask)), { concurrency: "unbounded" })
        }))
      assert.isAtLeast((yield* Clock.currentTimeMillis) - start, 3 * 3_600_000)
      assert.strictEqual(answers.flat().length, 1000)
      for (const answer of answers.flat()) assert.deepStrictEqual(answer, regions(present))
      assert.strictEqual(yield* cloud.count({ operation: "DescribeRegions", status: 200 }), 1000)
      const renewals = yield* cloud.count({ operation: "AssumeRole" })
      assert.isAtLeast(renewals, 3)
      assert.isAtMost(renewals, 4)
    }).pipe(Effect.scoped, Effect.provide(RoleOnServer)))

  it.live("passes the error of a provider on unchanged", () =>
    Effect.gen(function*() {
      const client = yield* ecsOf(yield* sdkFailing)
      assertRefusal(yield* rejection(regionsVia(client)))
    }).pipe(Effect.provide(CloudServer)))

  it.live("reports the name of the provider", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const client = yield* ecsOf(yield* AlicloudSdk.make)
      yield* Effect.promise(regionsVia(client))
      const [request] = (yield* cloud.requests).filter((request) => request.operation === "DescribeRegions")
      assert.strictEqual(request?.headers["x-acs-credentials-provider"], "ram_role_arn/static_ak")
    }).pipe(Effect.provide(RoleOnServer)))
})

describe("the official STS client", () => {
  it.live("acts as the role, with the credential itself and with the official class around it", () =>
    Effect.gen(function*() {
      const credential = yield* AlicloudSdk.make
      for (const given of [credential, new Credential(null, credential)]) {
        const client = yield* stsOf(given as AlicloudSdk.SdkCredential)
        const { body } = yield* Effect.promise(() => client.getCallerIdentity())
        assert.strictEqual(body?.identityType, "AssumedRoleUser")
      }
    }).pipe(Effect.provide(RoleOnServer)))

  it.live("signs with an AccessKey, and sends a bearer token", () =>
    Effect.gen(function*() {
      const layers = [
        StaticCredentials.layerAccessKey({
          accessKeyId: defaults.accessKeyId,
          accessKeySecret: Redacted.make(defaults.accessKeySecret)
        }),
        StaticCredentials.layerBearerToken(Redacted.make(defaults.bearerToken))
      ]
      for (const layer of layers) {
        const client = yield* stsOf(yield* Effect.provide(AlicloudSdk.make, layer))
        const { body } = yield* Effect.promise(() => client.getCallerIdentity())
        assert.strictEqual(body?.identityType, "RAMUser")
      }
    }).pipe(Effect.provide(CloudServer)))

  it.live("passes the error of a provider on, even through the official class", () =>
    Effect.gen(function*() {
      const credential = yield* sdkFailing
      const client = yield* stsOf(new Credential(null, credential) as unknown as AlicloudSdk.SdkCredential)
      assertRefusal(yield* rejection(() => client.getCallerIdentity()))
    }).pipe(Effect.provide(CloudServer)))
})

describe("the KMS client, which reads id, secret and token one by one", () => {
  const kmsOf = (credential: AlicloudSdk.SdkCredential) =>
    Effect.map(endpoint, (endpoint) => new Kms({ credential, endpoint, protocol: "http" } as never))
  const secret = new GetSecretValueRequest({ secretName: defaults.secretName })

  it.live("sends valid requests, even while the role is renewed", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const provider = yield* CredentialProvider.CredentialProvider
      const client = yield* kmsOf(yield* AlicloudSdk.make)
      const ask = Effect.promise(() => client.getSecretValue(secret))
      const forget = Effect.flatMap(provider.get, provider.invalidate)
      const answers = yield* Effect.all(
        Array.from({ length: 60 }, (_, index) => index % 20 === 10 ? Effect.zipRight(forget, ask) : ask),
        { concurrency: 10 }
      )
      for (const answer of answers) assert.strictEqual(answer.secretName, defaults.secretName)
      // A second refusal within a second causes no renewal.
      assert.isAtLeast(yield* cloud.count({ operation: "AssumeRole" }), 2)
    }).pipe(Effect.provide(RoleOnServer)))

  it.live("passes the error of a provider on", () =>
    Effect.gen(function*() {
      const client = yield* kmsOf(yield* sdkFailing)
      assertRefusal(yield* rejection(() => client.getSecretValue(secret)))
    }).pipe(Effect.provide(CloudServer)))
})

describe("pop-core", () => {
  const ask = (core: Core) => () => core.request<{ Regions: object }>("DescribeRegions", {}, { method: "POST" })

  it.live("sends valid requests, with the new key after a renewal", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const provider = yield* CredentialProvider.CredentialProvider
      const core = yield* coreOf(yield* AlicloudSdk.make)
      assert.property(yield* Effect.promise(ask(core)), "Regions")
      yield* Effect.flatMap(provider.get, provider.invalidate)
      assert.property(yield* Effect.promise(ask(core)), "Regions")
      const keys = (yield* cloud.requests).filter(({ operation }) => operation === "DescribeRegions")
      assert.strictEqual(new Set(keys.map((request) => request.accessKeyId)).size, 2)
    }).pipe(Effect.provide(RoleOnServer)))

  it.live("passes the error of a provider on", () =>
    Effect.gen(function*() {
      assertRefusal(yield* rejection(ask(yield* coreOf(yield* sdkFailing))))
    }).pipe(Effect.provide(CloudServer)))
})
