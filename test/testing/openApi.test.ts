import { HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { defaults } from "../support/cloud.ts"
import {
  acs3Call,
  type Acs3Options,
  assumeRole,
  code,
  credentialsOf,
  roleParams,
  rpc,
  send,
  userKey
} from "../support/cloudRequests.ts"

const ecsHost = { host: "ecs.cn-hangzhou.aliyuncs.com", version: "2014-05-26" } as const
const kmsHost = { host: "kms.cn-hangzhou.aliyuncs.com", version: "2016-01-20" } as const

const apiRefusals: ReadonlyArray<readonly [why: string, code: string, options: Acs3Options]> = [
  ["a wrong secret", "400 SignatureDoesNotMatch", { key: { ...userKey, accessKeySecret: "wrong" } }],
  ["an unknown key", "404 InvalidAccessKeyId.NotFound", { key: { ...userKey, accessKeyId: "LTAI5tNobody" } }],
  ["a header that was changed after signing", "400 SignatureDoesNotMatch", {
    tamper: { "x-acs-date": "1970-01-01T00:00:01Z" }
  }],
  ["a header that was added after signing", "400 IncompleteSignature", {
    tamper: { "x-acs-credentials-provider": "late" }
  }],
  ["a content type that was added after signing", "400 IncompleteSignature", {
    tamper: { "content-type": "text/plain" }
  }],
  ["a body that was changed after hashing", "400 InvalidContentSha256", {
    body: "a",
    contentType: "text/plain",
    tamperBody: "b"
  }],
  ["no body hash", "400 InvalidContentSha256", { headers: { "x-acs-content-sha256": "" } }],
  ["another algorithm", "400 IncompleteSignature", { tamper: { authorization: "ACS3-HMAC-SM3 Credential=a" } }],
  ["no date", "400 MissingTimestamp", { headers: { "x-acs-date": "" } }],
  ["a date that is too old", "400 InvalidTimeStamp.Expired", { headers: { "x-acs-date": "1969-12-31T23:44:59Z" } }],
  ["no nonce", "400 MissingSignatureNonce", { headers: { "x-acs-signature-nonce": "" } }],
  ["another version", "404 InvalidAction.NotFound", { headers: { "x-acs-version": "2000-01-01" } }]
]

describe("an operation signed with ACS3", () => {
  it.effect("accepts a query, a body and special characters", () =>
    Effect.gen(function*() {
      const reply = yield* acs3Call("GetCallerIdentity", {
        query: { Filter: "a b*~+中", Empty: "" },
        body: "{\"name\":\"桶-📦\"}",
        contentType: "application/json; charset=utf-8",
        headers: { "x-acs-credentials-provider": "default/env" }
      })
      assert.strictEqual(reply.status, 200, reply.text)
      assert.strictEqual(reply.body["IdentityType"], "RAMUser")
    }).pipe(Effect.provide(LocalCloud.layer())))

  for (const [why, expected, options] of apiRefusals) {
    it.effect(`rejects a request with ${why}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(code(yield* acs3Call("GetCallerIdentity", options)), expected)
      }).pipe(Effect.provide(LocalCloud.layer())))
  }

  it.effect("accepts a nonce only once", () =>
    Effect.gen(function*() {
      const options = { headers: { "x-acs-signature-nonce": "the-same" } }
      assert.strictEqual((yield* acs3Call("GetCallerIdentity", options)).status, 200)
      assert.strictEqual(code(yield* acs3Call("GetCallerIdentity", options)), "400 SignatureNonceUsed")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("includes the path in the signature", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* acs3Call("GetCallerIdentity", { path: "/a%20b/%E8%8A%82" })).status, 200)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("accepts a session with its token until it expires", () =>
    Effect.gen(function*() {
      const key = credentialsOf(yield* assumeRole())
      assert.strictEqual((yield* acs3Call("GetCallerIdentity", { key })).body["IdentityType"], "AssumedRoleUser")
      const without = { key, headers: { "x-acs-accesskey-id": "" } }
      assert.strictEqual(code(yield* acs3Call("GetCallerIdentity", without)), "400 Missingx-acs-accesskey-id")
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(code(yield* acs3Call("GetCallerIdentity", { key })), "400 InvalidSecurityToken.Expired")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("may be AssumeRole with a form", () =>
    Effect.gen(function*() {
      const body = new URLSearchParams(roleParams).toString()
      const reply = yield* acs3Call("AssumeRole", { body, contentType: "application/x-www-form-urlencoded" })
      assert.match(credentialsOf(reply).accessKeyId, /^STS\./)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("may be DescribeRegions", () =>
    Effect.gen(function*() {
      const reply = yield* acs3Call("DescribeRegions", ecsHost)
      const { Region } = reply.body["Regions"] as never as { readonly Region: ReadonlyArray<Record<string, string>> }
      assert.deepStrictEqual(Region.map((region) => region["RegionId"]), [...defaults.world.regions])
      assert.strictEqual(
        (yield* rpc("DescribeRegions", { host: ecsHost.host, common: { Version: ecsHost.version } })).status,
        200
      )
      const cloud = yield* LocalCloud.LocalCloud
      assert.strictEqual(yield* cloud.count({ service: "openapi", operation: "DescribeRegions" }), 2)
    }).pipe(Effect.provide(LocalCloud.layer())))
})

describe("a bearer token", () => {
  const call = (token: string) =>
    HttpClientRequest.post("https://ecs.aliyuncs.com/", {
      urlParams: { SignatureType: "BEARERTOKEN" },
      headers: { "x-acs-action": "DescribeRegions", "x-acs-version": ecsHost.version, "x-acs-bearer-token": token }
    }).pipe(send)

  it.effect("replaces a signature", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* call(defaults.bearerToken)).status, 200)
      assert.strictEqual(code(yield* call("other")), "401 InvalidBearerToken.NotFound")
    }).pipe(Effect.provide(LocalCloud.layer())))
})

describe("GetSecretValue", () => {
  const secret = (query = {}) =>
    acs3Call("GetSecretValue", { ...kmsHost, query: { SecretName: defaults.secretName, ...query } })

  it.effect("returns the key pair of the secret", () =>
    Effect.gen(function*() {
      const reply = yield* secret()
      assert.deepInclude(reply.body, {
        SecretName: defaults.secretName,
        SecretType: "RAMCredentials",
        VersionId: "v1",
        RotationInterval: "604800s"
      })
      const data = JSON.parse(reply.field("SecretData"))
      assert.deepStrictEqual(data, {
        AccessKeyId: defaults.managedKeyId,
        AccessKeySecret: defaults.managedKeySecret
      })
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("returns a new key after a rotation, and both work until the old one is revoked", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.rotateSecret(defaults.secretName)
      const reply = yield* secret()
      const data = JSON.parse(reply.field("SecretData"))
      const fresh = { accessKeyId: data.AccessKeyId, accessKeySecret: data.AccessKeySecret }
      const old = { accessKeyId: defaults.managedKeyId, accessKeySecret: defaults.managedKeySecret }
      assert.notStrictEqual(fresh.accessKeyId, old.accessKeyId)
      assert.notStrictEqual(reply.body["VersionId"], "v1")
      for (const key of [fresh, old]) {
        assert.match((yield* rpc("GetCallerIdentity", { key })).field("Arn"), /user\/local-managed$/)
      }
      yield* cloud.revoke(old.accessKeyId)
      assert.strictEqual(code(yield* rpc("GetCallerIdentity", { key: old })), "404 InvalidAccessKeyId.NotFound")
      assert.include(yield* cloud.issuedSecrets, fresh.accessKeySecret)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("rejects unknown names and versions", () =>
    Effect.gen(function*() {
      assert.strictEqual(code(yield* secret({ SecretName: "other" })), "404 Forbidden.ResourceNotFound")
      assert.strictEqual(code(yield* secret({ VersionId: "v0" })), "404 Forbidden.ResourceNotFound")
      assert.strictEqual((yield* secret({ VersionId: "v1" })).status, 200)
    }).pipe(Effect.provide(LocalCloud.layer())))
})
