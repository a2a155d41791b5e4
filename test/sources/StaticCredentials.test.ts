import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Equal, Layer, Option, Redacted } from "effect"
import { CredentialProvider, Credentials, StaticCredentials } from "effect-alicloud-credentials"
import { failure, get, renew } from "../support/provider.ts"
import { renderValue } from "../support/renderings.ts"
import { type Texts, variables } from "../support/variables.ts"

const secret = Redacted.make("static-secret")
const token = Redacted.make("static-token")

const staticKey = { accessKeyId: "LTAI5tStatic", accessKeySecret: secret }
const staticSession = { ...staticKey, securityToken: token }

describe("StaticCredentials", () => {
  it.effect("provides the given credentials, under the official provider names", () =>
    Effect.gen(function*() {
      const expected = [
        [
          StaticCredentials.layerAccessKey(staticKey),
          Credentials.AccessKey({ provider: "static_ak", ...staticKey })
        ],
        [
          StaticCredentials.layerStsToken(staticSession),
          Credentials.StsToken({ provider: "static_sts", ...staticSession, expiration: Option.none() })
        ],
        [
          StaticCredentials.layerBearerToken(token),
          Credentials.BearerToken({ provider: "bearer", bearerToken: token })
        ]
      ] as const
      for (const [layer, credentials] of expected) {
        const [found, name] = yield* Effect.all([get, Effect.map(CredentialProvider.CredentialProvider, (p) => p.name)])
          .pipe(Effect.provide(layer))
        assert.isTrue(Equal.equals(found, credentials), `${credentials._tag}: ${renderValue(found)}`)
        assert.strictEqual(name, credentials.provider)
      }
    }))

  it.effect("accepts credentials with an expiration, and neither renews nor drops them", () =>
    Effect.gen(function*() {
      const mine = Credentials.StsToken({ ...staticSession, provider: "vault", expiration: Option.none() })
      yield* Effect.gen(function*() {
        const provider = yield* CredentialProvider.CredentialProvider
        assert.strictEqual(provider.name, "vault")
        assert.strictEqual(yield* provider.get, mine)
        assert.strictEqual(yield* renew, mine, "still provided after it was refused")
      }).pipe(Effect.provide(StaticCredentials.layer(mine)))
    }))

  it.effect("removes only control characters from a bearer token", () =>
    Effect.gen(function*() {
      const given = "\r\n bear\0er tok\r\nen=\n"
      const credentials = yield* Effect.provide(get, StaticCredentials.layerBearerToken(Redacted.make(given)))
      assert.isTrue(credentials._tag === "BearerToken")
      if (credentials._tag === "BearerToken") {
        assert.strictEqual(Redacted.value(credentials.bearerToken), "bearer token=")
      }
    }))

  it.effect("takes the blanks and line breaks from around what it was given", () =>
    Effect.gen(function*() {
      const given = {
        accessKeyId: " LTAI5tStatic\r\n",
        accessKeySecret: Redacted.make("static-secret\n"),
        securityToken: Redacted.make("\tstatic-token ")
      }
      const credentials = yield* Effect.provide(get, StaticCredentials.layerStsToken(given))
      const { accessKeyId, accessKeySecret, securityToken } = staticSession
      const expected = {
        provider: "static_sts",
        accessKeyId,
        accessKeySecret,
        securityToken,
        expiration: Option.none()
      }
      assert.isTrue(Equal.equals(credentials, Credentials.StsToken(expected)))
    }))

  it.effect("refuses quotes around it and line breaks in it, by the name of the option", () =>
    Effect.gen(function*() {
      for (
        const [value, reason] of [
          ["'static-secret'", "has quotes around it"],
          ["static\nsecret", "holds a line break or another control character"]
        ] as const
      ) {
        const layer = StaticCredentials.layerAccessKey({ ...staticKey, accessKeySecret: Redacted.make(value) })
        const error = yield* Effect.provide(failure, layer)
        assert(error._tag === "CredentialsMisconfigured")
        assert.strictEqual(error.at, "accessKeySecret")
        assert.strictEqual(error.reason, reason)
        assert.notInclude(renderValue(error), value)
      }
    }))

  const none = Redacted.make("")
  const incomplete: ReadonlyArray<readonly [string, Layer.Layer<CredentialProvider.CredentialProvider>]> = [
    ["accessKeyId", StaticCredentials.layerAccessKey({ ...staticKey, accessKeyId: "" })],
    ["accessKeySecret", StaticCredentials.layerAccessKey({ ...staticKey, accessKeySecret: none })],
    ["accessKeyId, accessKeySecret", StaticCredentials.layerAccessKey({ accessKeyId: "", accessKeySecret: none })],
    ["securityToken", StaticCredentials.layerStsToken({ ...staticSession, securityToken: none })],
    [
      "accessKeyId, accessKeySecret, securityToken",
      StaticCredentials.layerStsToken({ accessKeyId: "", accessKeySecret: none, securityToken: none })
    ],
    ["bearerToken", StaticCredentials.layerBearerToken(none)],
    ["bearerToken", StaticCredentials.layerBearerToken(Redacted.make("\r\n\0"))]
  ]
  for (const [at, layer] of incomplete) {
    it.effect(`fails every get, but not the build, if ${at} is empty`, () =>
      Effect.gen(function*() {
        for (let count = 0; count < 2; count++) {
          const error = yield* failure
          assert.strictEqual(error._tag, "CredentialsMisconfigured")
          if (error._tag === "CredentialsMisconfigured") assert.strictEqual(error.at, at)
          assert.notInclude(renderValue(error), "static-")
        }
      }).pipe(Effect.provide(layer)))
  }

  it.effect("shows no secret when it is printed", () =>
    Effect.gen(function*() {
      const text = renderValue(yield* get)
      assert.include(text, "LTAI5tStatic")
      assert.notInclude(text, "static-secret")
      assert.notInclude(text, "static-token")
    }).pipe(Effect.provide(StaticCredentials.layerStsToken(staticSession))))
})

describe("StaticCredentials.layerConfig", () => {
  const layer = StaticCredentials.layerConfig({
    accessKeyId: Config.string("BILLING_ID"),
    accessKeySecret: Config.redacted("BILLING_SECRET"),
    securityToken: Config.redacted("BILLING_TOKEN")
  })
  const pair = { BILLING_ID: "LTAI5tBilling", BILLING_SECRET: "billing-secret" }
  const under = (entries: Texts) => Layer.provide(layer, variables(entries))

  it.effect("makes an AccessKey, or a session if there is a token", () =>
    Effect.gen(function*() {
      const one = yield* Effect.provide(get, under(pair))
      assert.deepStrictEqual([one._tag, one.provider], ["AccessKey", "static_ak"])
      const other = yield* Effect.provide(get, under({ ...pair, BILLING_TOKEN: "billing-token" }))
      assert.deepStrictEqual([other._tag, other.provider], ["StsToken", "static_sts"])
      if (other._tag === "StsToken") {
        assert.strictEqual(other.accessKeyId, "LTAI5tBilling")
        assert.strictEqual(Redacted.value(other.accessKeySecret), "billing-secret")
        assert.strictEqual(Redacted.value(other.securityToken), "billing-token")
      }
    }))

  it.effect("ignores an empty token", () =>
    Effect.gen(function*() {
      const credentials = yield* Effect.provide(get, under({ ...pair, BILLING_TOKEN: "" }))
      assert.strictEqual(credentials._tag, "AccessKey")
    }))

  it.effect("does not need the option for a token", () =>
    Effect.gen(function*() {
      const bare = StaticCredentials.layerConfig({
        accessKeyId: Config.string("BILLING_ID"),
        accessKeySecret: Config.redacted("BILLING_SECRET")
      })
      const credentials = yield* Effect.provide(get, Layer.provide(bare, variables(pair)))
      assert.strictEqual(credentials._tag, "AccessKey")
    }))

  it.effect("fails to build if an option is missing, and names it", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(Layer.build(under({ BILLING_ID: "LTAI5tBilling" }))))
      assert.include(renderValue(error), "BILLING_SECRET")
    }))
})
