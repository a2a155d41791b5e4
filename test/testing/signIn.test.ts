import { HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { defaults } from "../support/cloud.ts"
import { assumeRole, credentialsOf, getUrl, type ReadReply, rpc, send } from "../support/cloudRequests.ts"
import type { Texts } from "../support/variables.ts"

const signInHost = new URL(defaults.cloudSsoSignInUrl).origin

const post = (url: string, headers: Texts = {}) => HttpClientRequest.post(url, { headers })

describe("CloudSSO", () => {
  const wanted = {
    AccountId: defaults.cloudSsoAccountId,
    AccessConfigurationId: defaults.cloudSsoAccessConfiguration
  }
  const exchange = (body: unknown = wanted, token: string = defaults.cloudSsoAccessToken) =>
    post(`${signInHost}/cloud-credentials`, { authorization: `Bearer ${token}` }).pipe(
      HttpClientRequest.bodyUnsafeJson(body),
      send
    )

  it.effect("issues a session that works", () =>
    Effect.gen(function*() {
      const reply = yield* exchange()
      assert.strictEqual(reply.status, 200)
      assert.hasAllKeys(reply.body, ["CloudCredential", "RequestId"])
      const key = credentialsOf(reply)
      assert.strictEqual(key.expiration, "1970-01-01T01:00:00Z")
      assert.strictEqual((yield* assumeRole({}, { key })).status, 200)
    }).pipe(Effect.provide(LocalCloud.layer())))

  const signInError = Effect.map((reply: ReadReply) => {
    assert.property(reply.body, "ErrorMessage")
    assert.property(reply.body, "RequestId")
    return `${reply.status} ${reply.field("ErrorCode")}`
  })

  it.effect("rejects other tokens, accounts, configurations and bodies", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* signInError(exchange(wanted, "other")), "401 InvalidAccessToken")
      for (const field of ["AccountId", "AccessConfigurationId"]) {
        const reply = yield* signInError(exchange({ ...wanted, [field]: "other" }))
        assert.strictEqual(reply, "403 NoPermission.AccessAssignment")
      }
      assert.strictEqual(yield* signInError(exchange(1)), "400 InvalidRequestBody")
      const authorization = `Bearer ${defaults.cloudSsoAccessToken}`
      const bare = post(`${signInHost}/cloud-credentials`, { authorization })
      assert.strictEqual(yield* signInError(send(bare)), "400 InvalidRequestBody", "no body")
      const text = HttpClientRequest.bodyText(bare, JSON.stringify(wanted), "text/plain")
      assert.strictEqual(yield* signInError(send(text)), "400 InvalidRequestBody", "not sent as JSON")
      assert.strictEqual((yield* getUrl(`${signInHost}/cloud-credentials`)).status, 405)
      assert.strictEqual((yield* getUrl(`${signInHost}/local/login`)).status, 404)
    }).pipe(Effect.provide(LocalCloud.layer())))
})

describe("OAuth", () => {
  const { CN, INTL } = defaults.oauthSites
  const refresh = (refreshToken: string = defaults.oauthRefreshToken, changes: Texts = {}, host: string = CN.host) =>
    post(`https://${host}/v1/token`).pipe(
      HttpClientRequest.bodyUrlParams({
        grant_type: "refresh_token",
        refresh_token: refreshToken,
        client_id: CN.clientId,
        ...changes
      }),
      send
    )
  const exchange = (token: string = defaults.oauthAccessToken) =>
    post(`https://${CN.host}/v1/exchange`, { authorization: `Bearer ${token}`, "content-type": "application/json" })
      .pipe(send)

  it.effect("rotates refresh tokens, and rejects a used one", () =>
    Effect.gen(function*() {
      const first = yield* refresh()
      assert.strictEqual(first.status, 200)
      assert.deepInclude(first.body, { expires_in: 3600, token_type: "Bearer" })
      const again = yield* refresh()
      assert.strictEqual(`${again.status} ${again.field("error")}`, "400 invalid_grant")
      assert.property(again.body, "error_description")
      const second = yield* refresh(first.field("refresh_token"))
      assert.strictEqual(second.status, 200)
      assert.notStrictEqual(second.body["refresh_token"], first.body["refresh_token"])
      assert.strictEqual((yield* refresh(first.field("refresh_token"))).body["error"], "invalid_grant")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("accepts each client id only at its site", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* refresh(undefined, {}, INTL.host)).body["error"], "invalid_client")
      assert.strictEqual((yield* refresh(undefined, { client_id: "1" })).body["error"], "invalid_client")
      assert.strictEqual((yield* refresh(undefined, { client_id: INTL.clientId }, INTL.host)).status, 200)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("rejects other tokens and grants", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* refresh("other")).body["error"], "invalid_grant")
      assert.strictEqual(
        (yield* refresh(undefined, { grant_type: "password" })).body["error"],
        "unsupported_grant_type"
      )
      assert.strictEqual((yield* getUrl(`https://${CN.host}/v1/token`)).status, 405)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("exchanges an access token until it expires", () =>
    Effect.gen(function*() {
      const token = (yield* refresh()).field("access_token")
      yield* TestClock.adjust("3599 seconds")
      const reply = yield* exchange(token)
      assert.hasAllKeys(reply.body, ["requestId", "accessKeyId", "accessKeySecret", "securityToken", "expiration"])
      assert.strictEqual(reply.body["expiration"], "1970-01-01T01:59:59Z")
      const key = {
        accessKeyId: reply.field("accessKeyId"),
        accessKeySecret: reply.field("accessKeySecret"),
        securityToken: reply.field("securityToken")
      }
      assert.strictEqual((yield* rpc("GetCallerIdentity", { key })).body["IdentityType"], "RAMUser")
      yield* TestClock.adjust("1 second")
      const late = yield* exchange(token)
      assert.strictEqual(`${late.status} ${late.field("error")}`, "401 expired_token")
      assert.strictEqual((yield* exchange()).status, 200, "the initial token does not expire")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("issues expired tokens if configured", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault({ service: "oauth", operation: "token", kind: "expired" })
      assert.strictEqual((yield* refresh()).body["expires_in"], 0)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("rejects other access tokens", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* exchange("other")).body["error"], "invalid_token")
      assert.strictEqual((yield* send(post(`https://${CN.host}/v1/exchange`))).body["error"], "invalid_token")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("responds in the other letter case if configured", () =>
    Effect.gen(function*() {
      const reply = yield* exchange()
      assert.hasAllKeys(reply.body, ["RequestId", "AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"])
    }).pipe(Effect.provide(LocalCloud.layer({ world: { oauth: { ...defaults.world.oauth, replyCase: "pascal" } } }))))
})
