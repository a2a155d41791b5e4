import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { formatInstant } from "../../src/testing/internal/wire/encode.ts"
import { defaults } from "../support/cloud.ts"
import {
  assumeRole,
  assumeRoleWithOidc,
  code,
  credentialsOf,
  type Key,
  rpc,
  type RpcOptions,
  userKey
} from "../support/cloudRequests.ts"
import type { Texts } from "../support/variables.ts"

const { roleArn } = defaults
const worldWithRole = (changes: Partial<LocalCloud.Role>): Partial<LocalCloud.World> => ({
  roles: [{ arn: roleArn, trusted: "all", maxSession: "1 hour", ...changes }]
})

type Case<Extra> = readonly [why: string, code: string, params: Texts, extra?: Extra]

const stsRefusals: ReadonlyArray<Case<RpcOptions>> = [
  ["an unknown key", "404 InvalidAccessKeyId.NotFound", {}, { key: { ...userKey, accessKeyId: "LTAI5tNobody" } }],
  ["a wrong secret", "400 SignatureDoesNotMatch", {}, { key: { ...userKey, accessKeySecret: "wrong" } }],
  ["a parameter that was changed after signing", "400 SignatureDoesNotMatch", {}, { tamper: { Format: "json" } }],
  ["no signature", "400 MissingSignature", {}, { tamper: { Signature: "" } }],
  ["no key", "400 MissingAccessKeyId", {}, { common: { AccessKeyId: "" } }],
  ["no timestamp", "400 MissingTimestamp", {}, { common: { Timestamp: "" } }],
  ["a timestamp with a fraction", "400 InvalidTimeStamp.Format", {}, {
    common: { Timestamp: "1970-01-01T00:00:00.000Z" }
  }],
  ["a timestamp that is too old", "400 InvalidTimeStamp.Expired", {}, {
    common: { Timestamp: "1969-12-31T23:44:59Z" }
  }],
  ["a timestamp in the future", "400 InvalidTimeStamp.Expired", {}, { common: { Timestamp: "1970-01-01T00:15:01Z" } }],
  ["no nonce", "400 MissingSignatureNonce", {}, { common: { SignatureNonce: "" } }],
  ["another signature method", "400 IncompleteSignature", {}, { common: { SignatureMethod: "HMAC-SHA256" } }],
  ["a token of no session", "400 InvalidSecurityToken.MismatchWithAccessKey", {}, {
    key: { ...userKey, securityToken: "CAIS" }
  }],
  ["no role", "400 MissingRoleArn", { RoleArn: "" }],
  ["a role that is not an ARN", "400 InvalidParameter.RoleArn", { RoleArn: "adminrole" }],
  ["a role that does not exist", "404 EntityNotExist.Role", { RoleArn: `${roleArn}-2` }],
  ["no session name", "400 MissingRoleSessionName", { RoleSessionName: "" }],
  ["a session name of one letter", "400 InvalidParameter.RoleSessionName", { RoleSessionName: "s" }],
  ["a session name with a space", "400 InvalidParameter.RoleSessionName", { RoleSessionName: "a b" }],
  ["a session name of 65 letters", "400 InvalidParameter.RoleSessionName", { RoleSessionName: "s".repeat(65) }],
  ["a duration that is too short", "400 InvalidParameter.DurationSeconds", { DurationSeconds: "899" }],
  ["a duration that is too long", "400 InvalidParameter.DurationSeconds", { DurationSeconds: "43201" }],
  ["a duration that is not a number", "400 InvalidParameter.DurationSeconds", { DurationSeconds: "1h" }],
  ["a policy that is not JSON", "400 InvalidParameter.PolicyGrammar", { Policy: "{" }],
  ["a policy that is not an object", "400 InvalidParameter.PolicyGrammar", { Policy: "[]" }],
  ["a policy that is too long", "400 InvalidParameter.PolicySize", { Policy: `"${"x".repeat(2048)}"` }],
  ["another action", "404 InvalidAction.NotFound", {}, { common: { Action: "AssumeNothing" } }]
]

describe("AssumeRole", () => {
  it.effect("issues a session for POST and for GET", () =>
    Effect.gen(function*() {
      for (const method of ["GET", "POST"] as const) {
        const reply = yield* assumeRole({ Policy: "{\"Statement\": [{\"Action\": [\"*\"]}]}" }, { method })
        assert.strictEqual(reply.status, 200, reply.text)
        const { accessKeyId, expiration, securityToken } = credentialsOf(reply)
        assert.match(accessKeyId, /^STS\./)
        assert.match(securityToken, /\+.*\/.*=/, "has characters that a client must encode")
        assert.strictEqual(expiration, "1970-01-01T01:00:00Z")
        assert.include(reply.text, `"Arn":"acs:ram::${defaults.accountId}:assumed-role/local-role/tester"`)
        assert.match(reply.field("RequestId"), /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/)
        assert.strictEqual(reply.headers["date"], "Thu, 01 Jan 1970 00:00:00 GMT")
      }
    }).pipe(Effect.provide(LocalCloud.layer())))

  for (const [why, expected, params, options] of stsRefusals) {
    it.effect(`rejects a request with ${why}`, () =>
      Effect.gen(function*() {
        const reply = yield* assumeRole(params, options)
        assert.strictEqual(code(reply), expected)
        assert.hasAllKeys(reply.body, ["RequestId", "HostId", "Code", "Message", "Recommend"])
        assert.strictEqual(reply.body["HostId"], "sts.aliyuncs.com")
      }).pipe(Effect.provide(LocalCloud.layer())))
  }

  it.effect("reports its string to sign at the end of the message for a wrong signature", () =>
    Effect.gen(function*() {
      const reply = yield* assumeRole({}, { key: { ...userKey, accessKeySecret: "wrong" } })
      assert.match(reply.field("Message"), /server string to sign is:POST&%2F&AccessKeyId%3DLTAI5t[^ ]*$/)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("accepts a timestamp that is up to 15 minutes off, in both directions", () =>
    Effect.gen(function*() {
      for (const Timestamp of ["1969-12-31T23:45:00Z", "1970-01-01T00:15:00Z"]) {
        assert.strictEqual((yield* assumeRole({}, { common: { Timestamp } })).status, 200)
      }
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("accepts a nonce only once", () =>
    Effect.gen(function*() {
      const options = { common: { SignatureNonce: "the-same" } }
      assert.strictEqual((yield* assumeRole({}, options)).status, 200)
      assert.strictEqual(code(yield* assumeRole({}, options)), "400 SignatureNonceUsed")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("responds in XML unless JSON is requested", () =>
    Effect.gen(function*() {
      const reply = yield* assumeRole({}, { common: { Format: "" } })
      assert.match(reply.text, /<AssumeRoleResponse>.*<AccessKeyId>STS\./)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("checks the trust policy of the role", () =>
    Effect.gen(function*() {
      const trusting = (trusted: LocalCloud.Role["trusted"]) =>
        Effect.map(assumeRole(), code).pipe(Effect.provide(LocalCloud.layer({ world: worldWithRole({ trusted }) })))
      const { accountId } = defaults
      assert.strictEqual(yield* trusting([]), "403 NoPermission")
      assert.strictEqual(yield* trusting([`acs:ram::${accountId}:user/other`]), "403 NoPermission")
      assert.strictEqual(yield* trusting([`acs:ram::${accountId}:user/local-user`]), "200 undefined")
      assert.strictEqual(yield* trusting([`acs:ram::${accountId}:root`]), "200 undefined")
    }))

  it.effect("requires the external id of the role", () =>
    Effect.gen(function*() {
      assert.strictEqual(code(yield* assumeRole()), "403 NoPermission")
      assert.strictEqual(code(yield* assumeRole({ ExternalId: "other" })), "403 NoPermission")
      assert.strictEqual((yield* assumeRole({ ExternalId: "a+b c" })).status, 200)
    }).pipe(Effect.provide(LocalCloud.layer({ world: worldWithRole({ externalId: "a+b c" }) }))))

  it.effect("rejects an account, and a disabled key", () =>
    Effect.gen(function*() {
      assert.strictEqual(code(yield* assumeRole()), "403 NoPermission")
      yield* LocalCloud.LocalCloud.pipe(
        Effect.flatMap((cloud) => cloud.update((world) => ({ ...world, accessKeys: [{ ...account, active: false }] })))
      )
      assert.strictEqual(code(yield* assumeRole()), "403 InvalidAccessKeyId.Inactive")
    }).pipe(Effect.provide(LocalCloud.layer({ world: { accessKeys: [account] } }))))

  it.effect("enforces the maximum session duration of the role", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.setMaxSession(roleArn, "30 minutes")
      assert.strictEqual(code(yield* assumeRole()), "400 InvalidParameter.DurationSeconds")
      assert.strictEqual((yield* assumeRole({ DurationSeconds: "1800" })).status, 200)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("issues sessions with the configured lifetime", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.setLifetime("sts", "10 seconds")
      assert.strictEqual(credentialsOf(yield* assumeRole()).expiration, "1970-01-01T00:00:10Z")
    }).pipe(Effect.provide(LocalCloud.layer())))
})

const account: LocalCloud.AccessKey = {
  id: defaults.accessKeyId,
  secret: defaults.accessKeySecret,
  accountId: defaults.accountId
}

describe("a session of the local cloud", () => {
  const chained = (key: Key, options?: RpcOptions) =>
    assumeRole({ RoleArn: defaults.otherRoleArn }, { key, ...options })

  it.effect("signs until it expires", () =>
    Effect.gen(function*() {
      const key = credentialsOf(yield* assumeRole({ DurationSeconds: "900" }))
      yield* TestClock.adjust("899 seconds")
      assert.strictEqual((yield* chained(key)).status, 200)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(code(yield* chained(key)), "400 InvalidSecurityToken.Expired")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("signs until it is revoked", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const key = credentialsOf(yield* assumeRole())
      yield* cloud.revoke(key.accessKeyId)
      assert.strictEqual(code(yield* chained(key)), "400 InvalidSecurityToken.Expired")
      yield* cloud.revoke(defaults.accessKeyId)
      assert.strictEqual(code(yield* assumeRole()), "404 InvalidAccessKeyId.NotFound")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("signs only with its own token", () =>
    Effect.gen(function*() {
      const one = credentialsOf(yield* assumeRole())
      const two = credentialsOf(yield* assumeRole())
      assert.notStrictEqual(one.accessKeyId, two.accessKeyId)
      const withToken = (securityToken: string) => Effect.map(chained({ ...one, securityToken }), code)
      assert.strictEqual(yield* withToken(""), "400 MissingSecurityToken")
      assert.strictEqual(yield* withToken("made-up"), "400 InvalidSecurityToken.Malformed")
      assert.strictEqual(yield* withToken(two.securityToken), "400 InvalidSecurityToken.MismatchWithAccessKey")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("counts as its role in a trust policy", () =>
    Effect.gen(function*() {
      const key = credentialsOf(yield* assumeRole())
      assert.strictEqual((yield* chained(key)).status, 200)
      const other = credentialsOf(
        yield* chained(userKey).pipe(
          Effect.zipRight(rpc("GetCallerIdentity", { key })),
          Effect.zipRight(assumeRole({ RoleArn: roleArn }))
        )
      )
      assert.isNotEmpty(other.accessKeyId)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("of a role that is not trusted is rejected", () =>
    Effect.gen(function*() {
      const key = credentialsOf(yield* assumeRole())
      assert.strictEqual(code(yield* chained(key)), "403 NoPermission")
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.update((world) => ({
        ...world,
        roles: world.roles.map((entry) => ({ ...entry, trusted: [roleArn, `acs:ram::${defaults.accountId}:user/x`] }))
      }))
      assert.strictEqual((yield* chained(key)).status, 200)
    }).pipe(
      Effect.provide(LocalCloud.layer({
        world: {
          roles: [
            { arn: roleArn, trusted: "all", maxSession: "1 hour" },
            { arn: defaults.otherRoleArn, trusted: [`acs:ram::${defaults.accountId}:user/x`], maxSession: "1 hour" }
          ]
        }
      }))
    ))
})

describe("AssumeRoleWithOIDC", () => {
  it.effect("issues a session without a signature", () =>
    Effect.gen(function*() {
      const reply = yield* assumeRoleWithOidc()
      assert.strictEqual(reply.status, 200, reply.text)
      assert.strictEqual(credentialsOf(reply).expiration, formatInstant(3_600_000))
      assert.property(reply.body, "OIDCTokenInfo")
    }).pipe(Effect.provide(LocalCloud.layer())))

  const cases: ReadonlyArray<Case<Texts>> = [
    ["a token in the query", "400 InvalidParameter.OIDCToken", {}, { OIDCToken: defaults.oidcToken }],
    ["no token", "400 MissingOIDCToken", { OIDCToken: "" }],
    ["a token that is too short", "400 InvalidParameter.OIDCToken", { OIDCToken: "abc" }],
    ["a token that is too long", "400 InvalidParameter.OIDCToken", { OIDCToken: "a".repeat(20_001) }],
    ["a token with a trailing newline", "401 AuthenticationFail.OIDCToken.Invalid", {
      OIDCToken: `${defaults.oidcToken}\n`
    }],
    ["an unknown provider", "404 EntityNotExist.OIDCProvider", { OIDCProviderArn: `${defaults.oidcProviderArn}2` }],
    ["an unknown role", "404 EntityNotExist.Role", { RoleArn: `${roleArn}2` }],
    ["a duration that is too short", "400 InvalidParameter.DurationSeconds", { DurationSeconds: "60" }]
  ]
  for (const [why, expected, params, query] of cases) {
    it.effect(`rejects a request with ${why}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(code(yield* assumeRoleWithOidc(params, query)), expected)
      }).pipe(Effect.provide(LocalCloud.layer())))
  }

  it.effect("requires that the role trusts the provider, and that a predicate accepts the token", () =>
    Effect.gen(function*() {
      assert.strictEqual(code(yield* assumeRoleWithOidc({ OIDCToken: "odd!" })), "403 AuthenticationFail.NoPermission")
      assert.strictEqual(
        code(yield* assumeRoleWithOidc({ OIDCToken: "even" })),
        "401 AuthenticationFail.OIDCToken.Invalid"
      )
    }).pipe(
      Effect.provide(LocalCloud.layer({
        world: {
          ...worldWithRole({ trusted: [] }),
          oidcProviders: [{ arn: defaults.oidcProviderArn, tokens: (token) => token.endsWith("!") }]
        }
      }))
    ))
})

describe("GetCallerIdentity", () => {
  it.effect("returns a user, or a role", () =>
    Effect.gen(function*() {
      const user = yield* rpc("GetCallerIdentity")
      assert.deepInclude(user.body, {
        AccountId: defaults.accountId,
        IdentityType: "RAMUser",
        Arn: `acs:ram::${defaults.accountId}:user/local-user`
      })
      assert.strictEqual(user.body["PrincipalId"], user.body["UserId"])
      const key = credentialsOf(yield* assumeRole())
      const session = yield* rpc("GetCallerIdentity", { key, method: "GET" })
      assert.deepInclude(session.body, {
        IdentityType: "AssumedRoleUser",
        Arn: `acs:ram::${defaults.accountId}:assumed-role/local-role/tester`
      })
      assert.strictEqual(session.body["PrincipalId"], `${session.field("RoleId")}:tester`)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("returns an account", () =>
    Effect.gen(function*() {
      const reply = yield* rpc("GetCallerIdentity")
      assert.deepInclude(reply.body, { IdentityType: "Account", PrincipalId: defaults.accountId })
    }).pipe(Effect.provide(LocalCloud.layer({ world: { accessKeys: [account] } }))))
})
