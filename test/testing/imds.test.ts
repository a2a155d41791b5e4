import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { defaults } from "../support/cloud.ts"
import {
  assumeRole,
  code,
  credentialsOf,
  getUrl,
  metadata,
  putToken,
  rolesUrl,
  tokenHeader
} from "../support/cloudRequests.ts"

const { imds } = defaults.world
const credentialUrl = `${rolesUrl}${defaults.instanceRole}`

const layer = (changes: Partial<LocalCloud.Imds> = {}) => LocalCloud.layer({ world: { imds: { ...imds, ...changes } } })

describe("the metadata service", () => {
  it.effect("serves a token, the role and the session", () =>
    Effect.gen(function*() {
      const token = (yield* putToken("21600")).text
      const role = yield* getUrl(rolesUrl, { [tokenHeader]: token })
      assert.strictEqual(role.text, defaults.instanceRole)
      const reply = yield* getUrl(`${rolesUrl}${role.text}`, { [tokenHeader]: token })
      assert.hasAllKeys(reply.body, [
        "Code",
        "AccessKeyId",
        "AccessKeySecret",
        "SecurityToken",
        "Expiration",
        "LastUpdated"
      ])
      assert.strictEqual(reply.body["Code"], "Success")
      assert.strictEqual(reply.body["Expiration"], "1970-01-01T06:00:00Z")
      assert.strictEqual((yield* assumeRole({}, { key: credentialsOf(reply) })).status, 200, "the session works")
    }).pipe(Effect.provide(layer({ v1: false }))))

  for (const ttl of [undefined, "", "0", "21601", "6h", "-1"]) {
    it.effect(`rejects a token request with a ttl of ${ttl}`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* putToken(ttl)).status, 400)
      }).pipe(Effect.provide(layer())))
  }

  it.effect("accepts a token until it expires", () =>
    Effect.gen(function*() {
      const headers = { [tokenHeader]: (yield* putToken("60")).text }
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual((yield* getUrl(rolesUrl, headers)).status, 200)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* getUrl(rolesUrl, headers)).status, 401)
      assert.strictEqual((yield* getUrl(rolesUrl)).status, 200, "version 1 is allowed")
    }).pipe(Effect.provide(layer())))

  it.effect("rejects an unknown token, even if none is required", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* getUrl(rolesUrl, { [tokenHeader]: "made-up" })).status, 401)
      assert.strictEqual((yield* getUrl(credentialUrl, { [tokenHeader]: "made-up" })).status, 401)
    }).pipe(Effect.provide(layer())))

  it.effect("rejects requests without a token if hardened", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* getUrl(rolesUrl)).status, 401)
      assert.strictEqual((yield* getUrl(credentialUrl)).status, 401)
    }).pipe(Effect.provide(layer({ v1: false }))))

  it.effect("issues no tokens if version 2 is absent", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* putToken("60")).status, 404)
      assert.strictEqual((yield* getUrl(credentialUrl)).status, 200)
    }).pipe(Effect.provide(layer({ v2: "absent" }))))

  it.effect("does not respond to token requests if silent", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(putToken("60"))
      yield* TestClock.adjust("1 day")
      assert.isNull(fiber.unsafePoll())
      yield* Fiber.interrupt(fiber)
      assert.strictEqual((yield* getUrl(credentialUrl)).status, 200)
    }).pipe(Effect.provide(layer({ v2: "silent" }))))

  it.effect("knows only attached roles", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      assert.strictEqual((yield* getUrl(`${rolesUrl}other`)).status, 404)
      yield* cloud.update((world) => ({ ...world, imds: { ...imds, roles: [] } }))
      assert.strictEqual((yield* getUrl(rolesUrl)).status, 404)
      assert.strictEqual((yield* getUrl(credentialUrl)).status, 404)
      assert.strictEqual((yield* getUrl(`${metadata}/meta-data/instance-id`)).status, 404)
    }).pipe(Effect.provide(layer())))

  it.effect("lists roles line by line, and decodes names in the path", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* getUrl(rolesUrl)).text, "a role\nother")
      assert.strictEqual((yield* getUrl(`${rolesUrl}a%20role`)).status, 200)
      assert.strictEqual((yield* getUrl(`${rolesUrl}%zz`)).status, 404)
    }).pipe(Effect.provide(layer({ roles: ["a role", "other"] }))))

  it.effect("serves the same session until it is rotated", () =>
    Effect.gen(function*() {
      const ask = Effect.map(getUrl(credentialUrl), (reply) => credentialsOf(reply))
      const first = yield* ask
      yield* TestClock.adjust("329 minutes")
      assert.deepStrictEqual(yield* ask, first)
      yield* TestClock.adjust("1 minute")
      const second = yield* ask
      assert.notStrictEqual(second.accessKeyId, first.accessKeyId)
      assert.strictEqual(second.expiration, "1970-01-01T11:30:00Z")
      assert.strictEqual((yield* assumeRole({}, { key: first })).status, 200, "the first one still works")
    }).pipe(Effect.provide(layer())))

  it.effect("serves a new session after a rotation, and after the current one is revoked", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const ask = Effect.map(getUrl(credentialUrl), (reply) => credentialsOf(reply).accessKeyId)
      const first = yield* ask
      yield* cloud.rotateInstanceCredential
      const second = yield* ask
      assert.notStrictEqual(second, first)
      yield* cloud.revoke(second)
      assert.notStrictEqual(yield* ask, second)
    }).pipe(Effect.provide(layer())))

  it.effect("does not rotate short sessions at every request", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.setLifetime("imds", "10 minutes")
      const first = credentialsOf(yield* getUrl(credentialUrl))
      assert.strictEqual(first.expiration, "1970-01-01T00:10:00Z")
      assert.deepStrictEqual(credentialsOf(yield* getUrl(credentialUrl)), first)
    }).pipe(Effect.provide(layer())))

  it.effect("accepts GET for data and PUT for a token", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* getUrl(`${metadata}/api/token`)).status, 405)
    }).pipe(Effect.provide(layer())))
})

describe("the credentials URI", () => {
  const url = defaults.credentialsUri

  it.effect("serves a session that works", () =>
    Effect.gen(function*() {
      const reply = yield* getUrl(url)
      assert.hasAllKeys(reply.body, ["Code", "AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"])
      assert.strictEqual(code(reply), "200 Success")
      assert.strictEqual(reply.body["Expiration"], "1970-01-01T01:00:00Z")
      assert.strictEqual((yield* assumeRole({}, { key: credentialsOf(reply) })).status, 200)
    }).pipe(Effect.provide(layer())))

  it.effect("issues a new session each time, with the configured lifetime", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.setLifetime("uri", "20 minutes")
      const one = credentialsOf(yield* getUrl(url))
      const two = credentialsOf(yield* getUrl(`${url}?key=x`))
      assert.notStrictEqual(one.accessKeyId, two.accessKeyId)
      assert.strictEqual(two.expiration, "1970-01-01T00:20:00Z")
    }).pipe(Effect.provide(layer())))
})
