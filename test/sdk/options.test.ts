/**
 * What this library gives to clients that are not installed here, and the general form for clients with keys in fields.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { AlicloudSdk, CredentialError, CredentialProvider, Credentials } from "effect-alicloud-credentials"
import { inspect } from "node:util"
import { KeyRing, toCredentials } from "../fixtures/keyRing.ts"
import { accessKey, session } from "../support/credentials.ts"
import { assertRefusal, forgetful, rejection, sdkFailing, settable } from "../support/sdk.ts"

const bearer = CredentialProvider.succeed(
  Credentials.BearerToken({ provider: "bearer", bearerToken: Redacted.make("token") })
)

describe("credentials for the AWS SDK", () => {
  it.effect("are those of the moment, at each call", () =>
    Effect.gen(function*() {
      const ring = new KeyRing()
      const { service, state } = settable(toCredentials(ring.issue(3_600_000)))
      const ask = AlicloudSdk.awsSdk(yield* AlicloudSdk.fromService(service))
      const [first] = ring.issued
      const { accessKeyId, expiration, secretAccessKey, sessionToken } = yield* Effect.promise(ask)
      assert.deepStrictEqual([accessKeyId, secretAccessKey, sessionToken], [
        first?.accessKeyId,
        first?.accessKeySecret,
        first?.securityToken
      ])
      // The SDK asks again when less than five minutes are left.
      assert.strictEqual(expiration.getTime(), 0)
      state.credentials = accessKey("b")
      const next = yield* Effect.promise(ask)
      assert.deepStrictEqual([next.accessKeyId, next.secretAccessKey, next.sessionToken], [
        "b",
        "secret of b",
        undefined
      ])
    }))

  it.effect("cannot be changed by a client for the others, except for what the SDK adds", () =>
    Effect.gen(function*() {
      const ask = AlicloudSdk.awsSdk(yield* AlicloudSdk.fromService(settable(session("a", 3_600_000)).service))
      const credentials = yield* Effect.promise(ask)
      for (const name of ["accessKeyId", "secretAccessKey", "sessionToken", "expiration"]) {
        assert.isFalse(Reflect.set(credentials, name, "changed"), name)
        assert.isFalse(Reflect.deleteProperty(credentials, name), name)
      }
      credentials.expiration.setTime(Date.parse("2100-01-01"))
      assert.isTrue(Reflect.set(credentials, "$source", { CREDENTIALS_CODE: "e" }))
      const next = yield* Effect.promise(ask)
      assert.strictEqual(next, credentials)
      assert.deepStrictEqual(
        [next.accessKeyId, next.secretAccessKey, next.sessionToken, next.expiration.getTime()],
        ["a", "secret of a", "token of a", 0]
      )
    }))

  it.effect("show no secret, and are refused for a bearer token", () =>
    Effect.gen(function*() {
      const ring = new KeyRing()
      const { service } = settable(toCredentials(ring.issue(3_600_000)))
      const credentials = yield* Effect.promise(AlicloudSdk.awsSdk(yield* AlicloudSdk.fromService(service)))
      const shown = inspect(credentials, { showHidden: true }) + JSON.stringify(credentials)
      for (const secret of ring.secrets) assert.notInclude(shown, secret)
      const error = yield* rejection(AlicloudSdk.awsSdk(yield* AlicloudSdk.fromService(bearer)))
      assert.instanceOf(error, CredentialError.CredentialsMisconfigured)
      assertRefusal(yield* rejection(AlicloudSdk.awsSdk(yield* sdkFailing)))
    }))
})

/** Keeps its keys as a client does that has no option for a provider. */
class Client {
  keyId = "unused"
  keySecret = "unused"
  token: string | undefined = "unused"

  async send(body: string): Promise<ReadonlyArray<string | undefined>> {
    const { keyId, keySecret, token } = this
    return Promise.resolve([body, keyId, keySecret, token])
  }
}

const fields = { keyId: "accessKeyId", keySecret: "accessKeySecret", token: "securityToken" } as const

describe("a client that is followed", () => {
  it.effect("has the credentials of the moment in its fields, at each call of its method", () =>
    Effect.gen(function*() {
      const ring = new KeyRing()
      const { service } = forgetful(ring)
      const client = AlicloudSdk.follow(new Client(), "send", fields, yield* AlicloudSdk.fromService(service))
      const answers = [
        yield* Effect.promise(() => client.send("one")),
        yield* Effect.promise(() => client.send("two"))
      ]
      const keys = answers.map(([, keyId, keySecret, token]) => [keyId, keySecret, token])
      const issued = ring.issued.map(({ accessKeyId, accessKeySecret, securityToken }) => [
        accessKeyId,
        accessKeySecret,
        securityToken
      ])
      assert.deepStrictEqual(answers.map(([body]) => body), ["one", "two"])
      for (const key of keys) assert.deepInclude(issued, key)
      assert.notDeepEqual(keys[0], keys[1])
      const shown = inspect(client, { showHidden: true }) + JSON.stringify(client)
      for (const secret of ring.secrets) assert.notInclude(shown, secret)
    }))

  it.effect("passes the error of a provider on, and recovers from it", () =>
    Effect.gen(function*() {
      const { service, state } = forgetful(new KeyRing())
      const client = AlicloudSdk.follow(new Client(), "send", fields, yield* AlicloudSdk.fromService(service))
      state.refuses = true
      assertRefusal(yield* rejection(() => client.send("one")))
      state.refuses = false
      assert.strictEqual((yield* Effect.promise(() => client.send("two")))[0], "two")
    }))
})
