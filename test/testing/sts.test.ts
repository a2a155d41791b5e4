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
  ["unknown key", "404 InvalidAccessKeyId.NotFound", {}, { key: { ...userKey, accessKeyId: "LTAI5tNobody" } }],
  ["wrong secret", "400 SignatureDoesNotMatch", {}, { key: { ...userKey, accessKeySecret: "wrong" } }],
  ["parameter changed after signing", "400 SignatureDoesNotMatch", {}, { tamper: { Format: "json" } }],
  ["no signature", "400 MissingSignature", {}, { tamper: { Signature: "" } }],
  ["no key", "400 MissingAccessKeyId", {}, { common: { AccessKeyId: "" } }],
  ["no timestamp", "400 MissingTimestamp", {}, { common: { Timestamp: "" } }],
  ["timestamp with a fraction", "400 InvalidTimeStamp.Format", {}, {
    common: { Timestamp: "1970-01-01T00:00:00.000Z" }
  }],
  ["timestamp behind", "400 InvalidTimeStamp.Expired", {}, { common: { Timestamp: "1969-12-31T23:44:59Z" } }],
  ["timestamp ahead", "400 InvalidTimeStamp.Expired", {}, { common: { Timestamp: "1970-01-01T00:15:01Z" } }],
  ["no nonce", "400 MissingSignatureNonce", {}, { common: { SignatureNonce: "" } }],
  ["other method of signing", "400 IncompleteSignature", {}, { common: { SignatureMethod: "HMAC-SHA256" } }],
  ["token of nobody", "400 InvalidSecurityToken.MismatchWithAccessKey", {}, {
    key: { ...userKey, securityToken: "CAIS" }
  }],
  ["no role", "400 MissingRoleArn", { RoleArn: "" }],
  ["role that is no ARN", "400 InvalidParameter.RoleArn", { RoleArn: "adminrole" }],
  ["role that does not exist", "404 EntityNotExist.Role", { RoleArn: `${roleArn}-2` }],
  ["no session name", "400 MissingRoleSessionName", { RoleSessionName: "" }],
  ["session name of one letter", "400 InvalidParameter.RoleSessionName", { RoleSessionName: "s" }],
  ["session name with a space", "400 InvalidParameter.RoleSessionName", { RoleSessionName: "a b" }],
  ["session name of 65 letters", "400 InvalidParameter.RoleSessionName", { RoleSessionName: "s".repeat(65) }],
  ["session too short", "400 InvalidParameter.DurationSeconds", { DurationSeconds: "899" }],
  ["session too long", "400 InvalidParameter.DurationSeconds", { DurationSeconds: "43201" }],
  ["session that is no number", "400 InvalidParameter.DurationSeconds", { DurationSeconds: "1h" }],
  ["policy that is no JSON", "400 InvalidParameter.PolicyGrammar", { Policy: "{" }],
  ["policy that is no object", "400 InvalidParameter.PolicyGrammar", { Policy: "[]" }],
  ["policy too long", "400 InvalidParameter.PolicySize", { Policy: `"${"x".repeat(2048)}"` }],
  ["other action", "404 InvalidAction.NotFound", {}, { common: { Action: "AssumeNothing" } }]
]

describe("AssumeRole", () => {
  it.effect("answers a session, by POST and by GET", () =>
    Effect.gen(function*() {
      for (const method of ["GET", "POST"] as const) {
        const reply = yield* assumeRole({ Policy: "{\"Statement\": [{\"Action\": [\"*\"]}]}" }, { method })
        assert.strictEqual(reply.status, 200, reply.text)
        const { accessKeyId, expiration, securityToken } = credentialsOf(reply)
        assert.match(accessKeyId, /^STS\./)
        assert.match(securityToken, /\+.*\/.*=/, "has what a client must encode")
        assert.strictEqual(expiration, "1970-01-01T01:00:00Z")
        assert.include(reply.text, `"Arn":"acs:ram::${defaults.accountId}:assumed-role/local-role/tester"`)
        assert.match(reply.field("RequestId"), /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/)
        assert.strictEqual(reply.headers["date"], "Thu, 01 Jan 1970 00:00:00 GMT")
      }
    }).pipe(Effect.provide(LocalCloud.layer())))

  for (const [why, expected, params, options] of stsRefusals) {
    it.effect(`refuses: ${why}`, () =>
      Effect.gen(function*() {
        const reply = yield* assumeRole(params, options)
        assert.strictEqual(code(reply), expected)
        assert.hasAllKeys(reply.body, ["RequestId", "HostId", "Code", "Message", "Recommend"])
        assert.strictEqual(reply.body["HostId"], "sts.aliyuncs.com")
      }).pipe(Effect.provide(LocalCloud.layer())))
  }

  it.effect("ends the message of a wrong signature with its own string to sign", () =>
    Effect.gen(function*() {
      const reply = yield* assumeRole({}, { key: { ...userKey, accessKeySecret: "wrong" } })
      assert.match(reply.field("Message"), /server string to sign is:POST&%2F&AccessKeyId%3DLTAI5t[^ ]*$/)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("takes a timestamp that is 15 minutes off, either way", () =>
    Effect.gen(function*() {
      for (const Timestamp of ["1969-12-31T23:45:00Z", "1970-01-01T00:15:00Z"]) {
        assert.strictEqual((yield* assumeRole({}, { common: { Timestamp } })).status, 200)
      }
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("takes a nonce once", () =>
    Effect.gen(function*() {
      const options = { common: { SignatureNonce: "the-same" } }
      assert.strictEqual((yield* assumeRole({}, options)).status, 200)
      assert.strictEqual(code(yield* assumeRole({}, options)), "400 SignatureNonceUsed")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("answers XML unless JSON is asked for", () =>
    Effect.gen(function*() {
      const reply = yield* assumeRole({}, { common: { Format: "" } })
      assert.match(reply.text, /<AssumeRoleResponse>.*<AccessKeyId>STS\./)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("trusts whom the role trusts", () =>
    Effect.gen(function*() {
      const trusting = (trusted: LocalCloud.Role["trusted"]) =>
        Effect.map(assumeRole(), code).pipe(Effect.provide(LocalCloud.layer({ world: worldWithRole({ trusted }) })))
      const { accountId } = defaults
      assert.strictEqual(yield* trusting([]), "403 NoPermission")
      assert.strictEqual(yield* trusting([`acs:ram::${accountId}:user/other`]), "403 NoPermission")
      assert.strictEqual(yield* trusting([`acs:ram::${accountId}:user/local-user`]), "200 undefined")
      assert.strictEqual(yield* trusting([`acs:ram::${accountId}:root`]), "200 undefined")
    }))

  it.effect("wants the external id of the role", () =>
    Effect.gen(function*() {
      assert.strictEqual(code(yield* assumeRole()), "403 NoPermission")
      assert.strictEqual(code(yield* assumeRole({ ExternalId: "other" })), "403 NoPermission")
      assert.strictEqual((yield* assumeRole({ ExternalId: "a+b c" })).status, 200)
    }).pipe(Effect.provide(LocalCloud.layer({ world: worldWithRole({ externalId: "a+b c" }) }))))

  it.effect("refuses an account, and a key that is switched off", () =>
    Effect.gen(function*() {
      assert.strictEqual(code(yield* assumeRole()), "403 NoPermission")
      yield* LocalCloud.LocalCloud.pipe(
        Effect.flatMap((cloud) => cloud.update((world) => ({ ...world, accessKeys: [{ ...account, active: false }] })))
      )
      assert.strictEqual(code(yield* assumeRole()), "403 InvalidAccessKeyId.Inactive")
    }).pipe(Effect.provide(LocalCloud.layer({ world: { accessKeys: [account] } }))))

  it.effect("keeps to the longest session of the role", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.setMaxSession(roleArn, "30 minutes")
      assert.strictEqual(code(yield* assumeRole()), "400 InvalidParameter.DurationSeconds")
      assert.strictEqual((yield* assumeRole({ DurationSeconds: "1800" })).status, 200)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("gives sessions a lifetime of the test's choice", () =>
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

describe("sessions", () => {
  const chained = (key: Key, options?: RpcOptions) =>
    assumeRole({ RoleArn: defaults.otherRoleArn }, { key, ...options })

  it.effect("sign until they expire", () =>
    Effect.gen(function*() {
      const key = credentialsOf(yield* assumeRole({ DurationSeconds: "900" }))
      yield* TestClock.adjust("899 seconds")
      assert.strictEqual((yield* chained(key)).status, 200)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(code(yield* chained(key)), "400 InvalidSecurityToken.Expired")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("sign until they are revoked", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const key = credentialsOf(yield* assumeRole())
      yield* cloud.revoke(key.accessKeyId)
      assert.strictEqual(code(yield* chained(key)), "400 InvalidSecurityToken.Expired")
      yield* cloud.revoke(defaults.accessKeyId)
      assert.strictEqual(code(yield* assumeRole()), "404 InvalidAccessKeyId.NotFound")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("sign only with their own token", () =>
    Effect.gen(function*() {
      const one = credentialsOf(yield* assumeRole())
      const two = credentialsOf(yield* assumeRole())
      assert.notStrictEqual(one.accessKeyId, two.accessKeyId)
      const withToken = (securityToken: string) => Effect.map(chained({ ...one, securityToken }), code)
      assert.strictEqual(yield* withToken(""), "400 MissingSecurityToken")
      assert.strictEqual(yield* withToken("made-up"), "400 InvalidSecurityToken.Malformed")
      assert.strictEqual(yield* withToken(two.securityToken), "400 InvalidSecurityToken.MismatchWithAccessKey")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("count as their role where trust is asked", () =>
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

  it.effect("of a role that is not trusted are refused", () =>
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
  it.effect("answers a session without a signature", () =>
    Effect.gen(function*() {
      const reply = yield* assumeRoleWithOidc()
      assert.strictEqual(reply.status, 200, reply.text)
      assert.strictEqual(credentialsOf(reply).expiration, formatInstant(3_600_000))
      assert.property(reply.body, "OIDCTokenInfo")
    }).pipe(Effect.provide(LocalCloud.layer())))

  const cases: ReadonlyArray<Case<Texts>> = [
    ["token in the query", "400 InvalidParameter.OIDCToken", {}, { OIDCToken: defaults.oidcToken }],
    ["no token", "400 MissingOIDCToken", { OIDCToken: "" }],
    ["token too short", "400 InvalidParameter.OIDCToken", { OIDCToken: "abc" }],
    ["token too long", "400 InvalidParameter.OIDCToken", { OIDCToken: "a".repeat(20_001) }],
    ["token with a newline after it", "401 AuthenticationFail.OIDCToken.Invalid", {
      OIDCToken: `${defaults.oidcToken}\n`
    }],
    ["unknown provider", "404 EntityNotExist.OIDCProvider", { OIDCProviderArn: `${defaults.oidcProviderArn}2` }],
    ["unknown role", "404 EntityNotExist.Role", { RoleArn: `${roleArn}2` }],
    ["session too short", "400 InvalidParameter.DurationSeconds", { DurationSeconds: "60" }]
  ]
  for (const [why, expected, params, query] of cases) {
    it.effect(`refuses: ${why}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(code(yield* assumeRoleWithOidc(params, query)), expected)
      }).pipe(Effect.provide(LocalCloud.layer())))
  }

  it.effect("asks the role for trust in the provider, and a predicate for trust in the token", () =>
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
  it.effect("names a user, and a role", () =>
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

  it.effect("names an account", () =>
    Effect.gen(function*() {
      const reply = yield* rpc("GetCallerIdentity")
      assert.deepInclude(reply.body, { IdentityType: "Account", PrincipalId: defaults.accountId })
    }).pipe(Effect.provide(LocalCloud.layer({ world: { accessKeys: [account] } }))))
})
