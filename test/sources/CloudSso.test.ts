import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, DateTime, Deferred, Effect, Fiber, Option, Redacted, TestClock } from "effect"
import { CloudSso, CredentialError, CredentialProvider, Credentials } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { defaults, requests, withCloud } from "../support/cloud.ts"

const options: CloudSso.CloudSsoOptions = {
  signInUrl: defaults.cloudSsoSignInUrl,
  accountId: defaults.cloudSsoAccountId,
  accessConfiguration: defaults.cloudSsoAccessConfiguration,
  accessToken: Redacted.make(defaults.cloudSsoAccessToken),
  refresh: { jitter: 0 }
}

const at = (seconds: number) => DateTime.unsafeMake(seconds * 1000)

const failureWith = (options: CloudSso.CloudSsoOptions) =>
  Effect.flatMap(CloudSso.make(options), (provider) => Effect.flip(provider.get))

describe("the request for a session", () => {
  it.scoped("follows the protocol", () =>
    Effect.gen(function*() {
      const provider = yield* CloudSso.make(options)
      const credentials = yield* provider.get
      assert.strictEqual(credentials.provider, "cloud_sso")
      assert.deepStrictEqual(Option.getOrThrow(Credentials.expiration(credentials)), at(3600))
      const [request, ...others] = yield* requests
      assert.lengthOf(others, 0)
      assert.deepInclude(request, {
        method: "POST",
        host: "signin-local.alibabacloudsso.com",
        path: "/cloud-credentials",
        query: {},
        body: JSON.stringify({
          AccountId: defaults.cloudSsoAccountId,
          AccessConfigurationId: defaults.cloudSsoAccessConfiguration
        })
      })
      assert.strictEqual(request?.headers["authorization"], `Bearer ${defaults.cloudSsoAccessToken}`)
      assert.strictEqual(request?.headers["accept"], "application/json")
      assert.match(request?.headers["content-type"] ?? "", /^application\/json/)
    }).pipe(withCloud))

  it.scoped("escapes its options", () =>
    Effect.gen(function*() {
      yield* failureWith({ ...options, accountId: "1\", \"x\": \"2" })
      const [request] = yield* requests
      assert.deepStrictEqual(JSON.parse(request?.body ?? ""), {
        AccountId: "1\", \"x\": \"2",
        AccessConfigurationId: defaults.cloudSsoAccessConfiguration
      })
    }).pipe(withCloud))

  it.scoped("is retried if the server is busy", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault({ service: "cloudsso", kind: "status", status: 503 })
      const provider = yield* CloudSso.make(options)
      const asking = yield* Effect.fork(provider.get)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(asking)
      assert.lengthOf(yield* requests, 2)
    }).pipe(withCloud))
})

describe("a new login is required", () => {
  it.scoped.each<[string, Partial<CloudSso.CloudSsoOptions>, string]>([
    ["without an access token", { accessToken: undefined }, "no access token"],
    ["with an empty access token", { accessToken: Redacted.make("") }, "no access token"],
    [
      "with an access token that is not valid header text",
      { accessToken: Redacted.make("a\nb") },
      "the stored access token is not valid header text"
    ],
    [
      "with an expired access token",
      { accessTokenExpiration: at(-1) },
      "the access token expired at 1969-12-31T23:59:59.000Z"
    ],
    [
      "with an access token of epoch 0, by which the CLI marks one without expiration",
      { accessTokenExpiration: at(0) },
      "the access token is stored without an expiration"
    ]
  ])("%s, and no request is sent", ([, change, reason]) =>
    Effect.gen(function*() {
      const error = yield* failureWith({ ...options, ...change, profile: "big data" })
      assert.strictEqual(
        error.message,
        `cloud_sso: login required (${reason})\n  fix: run: aliyun configure --mode CloudSSO --profile 'big data'`
      )
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(withCloud))

  it.scoped.each<[number, string]>([
    [1, "no login stored"],
    [86_400, "no login stored"],
    [86_401, "the access token expired at 1970-01-02T00:00:01.000Z"]
  ])(
    "with an expiration of %s seconds, which some versions of the CLI store without a login: %s",
    ([seconds, reason]) =>
      Effect.gen(function*() {
        yield* TestClock.setTime(3 * 86_400_000)
        const error = yield* failureWith({ ...options, accessTokenExpiration: at(seconds) })
        assert.include(error.message, `(${reason})`)
      }).pipe(withCloud)
  )

  it.scoped("if the server refuses the access token", () =>
    Effect.gen(function*() {
      const error = yield* failureWith({ ...options, accessToken: Redacted.make("unknown-0123456789") })
      assert.strictEqual(error._tag, "ReauthenticationRequired")
      assert.include(error.message, "status 401, InvalidAccessToken: The access token is not valid.")
      assert.match(error.message, /\n  fix: run: aliyun configure --mode CloudSSO$/)
    }).pipe(withCloud))

  it.scoped("once the access token expires while the program runs", () =>
    Effect.gen(function*() {
      const provider = yield* CloudSso.make({ ...options, accessTokenExpiration: at(1800) })
      yield* provider.get
      yield* TestClock.adjust("1 hour")
      const error = yield* Effect.flip(provider.get)
      assert.strictEqual(error._tag, "ReauthenticationRequired")
      assert.lengthOf(yield* requests, 1)
    }).pipe(withCloud))
})

describe("other failures", () => {
  it.scoped("have the code from the server", () =>
    Effect.gen(function*() {
      const error = yield* failureWith({ ...options, accessConfiguration: "ac-other" })
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.strictEqual("code" in error && error.code, "NoPermission.AccessAssignment")
    }).pipe(withCloud))

  it.scoped("say who assigns an account that is not assigned", () =>
    Effect.gen(function*() {
      const error = yield* failureWith({ ...options, accessConfiguration: "ac-other", profile: "sso" })
      assert.strictEqual(
        "hint" in error && error.hint,
        "Ask the administrator of CloudSSO to assign this account and access configuration to you, or choose another: " +
          "aliyun configure --mode CloudSSO --profile sso"
      )
    }).pipe(withCloud))

  it.scoped("name the missing fields", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault({ service: "cloudsso", kind: "missing", fields: ["SecurityToken"] })
      const error = yield* failureWith(options)
      assert.include(error.message, "CloudCredential.SecurityToken is missing")
    }).pipe(withCloud))

  it.scoped("name every invalid option", () =>
    Effect.gen(function*() {
      const error = yield* failureWith({
        ...options,
        signInUrl: "http://secret.example.com/",
        accountId: "",
        accessConfiguration: ""
      })
      assert.strictEqual(
        error.message,
        "cloud_sso: misconfigured (signInUrl is not an https address; accountId is empty; accessConfiguration is empty)"
      )
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(withCloud))
})

describe("a store", () => {
  const ssoStore = (session: Option.Option<Credentials.StsToken> = Option.none()) => {
    const saved: Array<CloudSso.Login> = []
    const login = {
      accessToken: Option.some(Redacted.make(defaults.cloudSsoAccessToken)),
      accessTokenExpiration: Option.none(),
      session
    }
    const store: CloudSso.Store = {
      load: Effect.succeed(login),
      save: (next) => Effect.sync(() => void saved.push(next))
    }
    return { saved, store }
  }

  it.scoped("gets each new session", () =>
    Effect.gen(function*() {
      const { saved, store } = ssoStore()
      const provider = yield* CloudSso.make({ ...options, accessToken: undefined, store })
      const credentials = yield* provider.get
      assert.deepStrictEqual<unknown>(saved.map(({ session }) => Option.getOrUndefined(session)), [credentials])
    }).pipe(withCloud))

  it.scoped("provides the session of another program", () =>
    Effect.gen(function*() {
      const stored = Credentials.StsToken({
        provider: "cloud_sso",
        accessKeyId: "STS.Stored",
        accessKeySecret: Redacted.make("s"),
        securityToken: Redacted.make("t"),
        expiration: Option.some(at(600))
      })
      const provider = yield* CloudSso.make({ ...options, store: ssoStore(Option.some(stored)).store })
      assert.deepStrictEqual(yield* provider.get, stored)
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(withCloud))

  it.scoped("that another program has the lock of delays the session by a second at most, and gets it later", () =>
    Effect.gen(function*() {
      const { saved, store } = ssoStore()
      const free = yield* Deferred.make<void>()
      const exclusively: CloudSso.Store["exclusively"] = (use) => Effect.zipRight(Deferred.await(free), use)
      const provider = yield* CloudSso.make({ ...options, accessToken: undefined, store: { ...store, exclusively } })
      const asking = yield* Effect.fork(provider.get)
      yield* TestClock.adjust("1 second")
      const credentials = yield* Fiber.join(asking)
      assert.deepStrictEqual(saved, [])
      yield* Deferred.succeed(free, undefined)
      yield* TestClock.adjust(0)
      assert.deepStrictEqual<unknown>(saved.map(({ session }) => Option.getOrUndefined(session)), [credentials])
    }).pipe(withCloud))

  it.scoped("that fails does not affect the credentials", () =>
    Effect.gen(function*() {
      const broken = new CredentialError.CredentialsMisconfigured({ provider: "store", reason: "read only" })
      const { store } = ssoStore()
      const provider = yield* CloudSso.make({ ...options, store: { ...store, save: () => Effect.fail(broken) } })
      assert.strictEqual((yield* provider.get)._tag, "StsToken")
    }).pipe(withCloud))
})

it.scoped("the layer provides the credentials", () =>
  CredentialProvider.get.pipe(
    Effect.provide(CloudSso.layer(options)),
    withCloud,
    Effect.map((credentials) => assert.strictEqual(credentials.provider, "cloud_sso"))
  ))

it.scoped("layerConfig reads its options from Config", () =>
  CredentialProvider.get.pipe(
    Effect.provide(CloudSso.layerConfig({
      signInUrl: Config.succeed(defaults.cloudSsoSignInUrl),
      accountId: Config.succeed(defaults.cloudSsoAccountId),
      accessConfiguration: Config.succeed(defaults.cloudSsoAccessConfiguration),
      accessToken: Config.redacted("TOKEN")
    })),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["TOKEN", defaults.cloudSsoAccessToken]]))),
    withCloud,
    Effect.map((credentials) => assert.strictEqual(credentials.provider, "cloud_sso"))
  ))
