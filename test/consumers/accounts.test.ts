/**
 * Two accounts in one program: each has its own tag, and no `CredentialProvider` is in the context of the program.
 */
import { $OpenApiUtil } from "@alicloud/openapi-core"
import { HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, Stream } from "effect"
import {
  AlicloudSdk,
  CallerIdentity,
  CredentialProvider,
  SignedHttpClient,
  StaticCredentials
} from "effect-alicloud-credentials"
import { Sts } from "../fixtures/sdks.ts"
import { cloud, defaults, requests, role } from "../support/cloud.ts"
import { quiet } from "../support/logs.ts"
import { endpoint } from "../support/sdk.ts"
import { CloudServer } from "../support/server.ts"
import { api, identity } from "../support/signedHttp.ts"
import { noVariables } from "../support/variables.ts"

class Source extends Context.Tag("test/Source")<Source, CredentialProvider.Service>() {}
class Target extends Context.Tag("test/Target")<Target, CredentialProvider.Service>() {}

const other = { id: "LTAIOther", secret: "other-secret", accountId: "77" }

const OtherUser = StaticCredentials.layerAccessKey({
  accessKeyId: other.id,
  accessKeySecret: Redacted.make(other.secret)
})

const Accounts = Layer.mergeAll(
  Layer.effect(Source, CredentialProvider.CredentialProvider).pipe(Layer.provide(role)),
  Layer.effect(Target, CredentialProvider.CredentialProvider).pipe(Layer.provide(OtherUser))
)

const Program = Accounts.pipe(
  Layer.provideMerge(CloudServer),
  Layer.provideMerge(noVariables),
  Layer.provideMerge(quiet)
)

const openAccount = Effect.flatMap(
  cloud,
  (local) => local.update((world) => ({ ...world, accessKeys: [...world.accessKeys, other] }))
)

const expected = { source: [defaults.accountId, "AssumedRoleUser"], target: [other.accountId, "Account"] }

describe("two accounts in one program", () => {
  it.live("have a client of the official SDK each", () =>
    Effect.gen(function*() {
      yield* openAccount
      const host = yield* endpoint
      const caller = (service: CredentialProvider.Service) =>
        Effect.gen(function*() {
          const credential = yield* AlicloudSdk.fromService(service)
          const client = new Sts(
            new $OpenApiUtil.Config({ credential, endpoint: host, protocol: "HTTP", regionId: "cn-hangzhou" })
          )
          const { body } = yield* Effect.promise(() => client.getCallerIdentity())
          return [body?.accountId, body?.identityType]
        })
      assert.deepStrictEqual(
        yield* Effect.all({ source: caller(yield* Source), target: caller(yield* Target) }, { concurrency: 2 }),
        expected
      )
    }).pipe(Effect.provide(Program)))

  it.live("have a signing client and an identity each", () =>
    Effect.gen(function*() {
      yield* openAccount
      const source = yield* SignedHttpClient.fromService(yield* Source)
      const target = yield* SignedHttpClient.fromService(yield* Target)
      const account = (client: SignedHttpClient.Service) =>
        Effect.flatMap(client.execute(identity), (response) => response.text)
      assert.include(yield* account(source), `"AccountId":"${defaults.accountId}"`)
      assert.include(yield* account(target), `"AccountId":"${other.accountId}"`)
      const caller = (service: CredentialProvider.Service) =>
        Effect.map(CallerIdentity.fromService(service), ({ accountId, identityType }) => [accountId, identityType])
      assert.deepStrictEqual({ source: yield* caller(yield* Source), target: yield* caller(yield* Target) }, expected)
    }).pipe(Effect.provide(Program)))

  it.live("renew only the session that was refused", () =>
    Effect.gen(function*() {
      yield* openAccount
      const local = yield* cloud
      const service = yield* Source
      const client = yield* SignedHttpClient.fromService(service)
      const before = yield* service.get
      assert(before._tag === "StsToken")
      yield* local.revoke(before.accessKeyId)
      assert.strictEqual((yield* client.execute(identity)).status, 200)
      assert.notStrictEqual(yield* service.get, before)
      assert.strictEqual(yield* local.count({ operation: "AssumeRole" }), 2)
    }).pipe(Effect.provide(Program)))

  it.live("take the options of a signing client and of an identity", () =>
    Effect.gen(function*() {
      const service = yield* Target
      const client = yield* SignedHttpClient.fromService(service, { maxBody: 1 })
      const error = yield* Effect.flip(
        client.execute(HttpClientRequest.bodyStream(api(), Stream.make(new Uint8Array(2))))
      )
      assert.strictEqual(error._tag, "SigningError")
      const refused = yield* Effect.flip(CallerIdentity.fromService(service, { sts: { region: "cn-beijing" } }))
      assert.strictEqual(refused._tag, "OpenApiError")
      assert.deepStrictEqual((yield* requests).map(({ host }) => host), ["sts.cn-beijing.aliyuncs.com"])
    }).pipe(Effect.provide(Program)))
})
