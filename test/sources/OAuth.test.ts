import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, DateTime, Effect, Exit, Fiber, Option, Redacted, TestClock } from "effect"
import { CredentialError, CredentialProvider, Credentials, OAuth } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { hour, settableClock, settle } from "../support/clock.ts"
import { defaults, withCloud } from "../support/cloud.ts"

const refresh = { jitter: 0 }

/** A store in memory that records every saved login. */
const oauthStore = (initial: Partial<OAuth.Login> = {}) => {
  const saved: Array<OAuth.Login> = []
  let login: OAuth.Login = {
    accessToken: Option.none(),
    accessTokenExpiration: Option.none(),
    refreshToken: Option.some(Redacted.make(defaults.oauthRefreshToken)),
    session: Option.none(),
    ...initial
  }
  const store: OAuth.Store = {
    load: Effect.sync(() => login),
    save: (next) =>
      Effect.sync(() => {
        login = next
        saved.push(next)
      })
  }
  return { store, saved, put: (next: Partial<OAuth.Login>) => void (login = { ...login, ...next }) }
}

const someInstant = (seconds: number) => Option.some(DateTime.unsafeMake(seconds * 1000))

const someToken = (text: string) => Option.some(Redacted.make(text))

const tokenText = (token: Option.Option<Redacted.Redacted> | undefined) =>
  token === undefined ? undefined : Option.getOrUndefined(Option.map(token, Redacted.value))

const operations = Effect.flatMap(
  LocalCloud.LocalCloud,
  (cloud) => Effect.map(cloud.requests, (requests) => requests.map(({ operation }) => operation))
)

describe("renewal of the OAuth tokens", () => {
  it.scoped.each<[string, Partial<OAuth.Login>, ReadonlyArray<string>]>([
    ["is not due with 1201 seconds left", {
      accessToken: someToken(defaults.oauthAccessToken),
      accessTokenExpiration: someInstant(1201)
    }, [
      "exchange"
    ]],
    ["is due with 1200 seconds left", {
      accessToken: someToken(defaults.oauthAccessToken),
      accessTokenExpiration: someInstant(1200)
    }, [
      "token",
      "exchange"
    ]],
    ["is due for an expired access token", {
      accessToken: someToken(defaults.oauthAccessToken),
      accessTokenExpiration: someInstant(0)
    }, [
      "token",
      "exchange"
    ]],
    ["is due without an expiration", { accessToken: someToken(defaults.oauthAccessToken) }, ["token", "exchange"]],
    ["is due without an access token", {}, ["token", "exchange"]],
    ["is impossible without a refresh token", {
      accessToken: someToken(defaults.oauthAccessToken),
      refreshToken: Option.none()
    }, [
      "exchange"
    ]],
    [
      "is impossible without a refresh token, even with an expiration in the past",
      {
        accessToken: someToken(defaults.oauthAccessToken),
        accessTokenExpiration: someInstant(-5),
        refreshToken: Option.none()
      },
      ["exchange"]
    ]
  ])("%s", ([, login, expected]) =>
    Effect.gen(function*() {
      const provider = yield* OAuth.make({ store: oauthStore(login).store })
      const credentials = yield* provider.get
      assert.strictEqual(credentials.provider, "oauth")
      assert.deepStrictEqual(yield* operations, expected)
    }).pipe(withCloud))

  it.scoped("sends exactly the fields of the protocol", () =>
    Effect.gen(function*() {
      const provider = yield* OAuth.make({ siteType: "intl", store: oauthStore().store })
      yield* provider.get
      const [renewal, exchange] = yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.requests)
      assert.deepInclude(renewal, { host: "oauth.alibabacloud.com", method: "POST", path: "/v1/token", query: {} })
      assert.deepStrictEqual(renewal?.form, {
        grant_type: "refresh_token",
        refresh_token: defaults.oauthRefreshToken,
        client_id: "4103531455503354461"
      })
      assert.deepInclude(exchange, { method: "POST", path: "/v1/exchange", body: "", query: {} })
      assert.strictEqual(exchange?.headers["content-type"], "application/json")
      assert.match(exchange?.headers["authorization"] ?? "", /^Bearer ./)
    }).pipe(withCloud))

  it.scoped("is saved before the exchange, and again with the session", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const { saved, store } = oauthStore()
      yield* cloud.fault({ service: "oauth", operation: "exchange", kind: "status", status: 403 })
      const provider = yield* OAuth.make({ store })
      const error = yield* Effect.flip(provider.get)
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.lengthOf(saved, 1)
      assert.notStrictEqual(tokenText(saved[0]?.refreshToken), defaults.oauthRefreshToken)
      assert.strictEqual(
        saved[0]?.accessTokenExpiration.pipe(Option.map(DateTime.toEpochMillis), Option.getOrThrow),
        3600_000
      )
      const credentials = yield* provider.get
      assert.deepStrictEqual(yield* operations, ["token", "exchange", "exchange"])
      assert.lengthOf(saved, 2)
      assert.deepStrictEqual(saved[1]?.session.pipe(Option.getOrUndefined), credentials)
    }).pipe(withCloud))

  it.scoped("is not retried if the response is lost", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault({ service: "oauth", operation: "token", kind: "disconnect" })
      const provider = yield* OAuth.make({ store: oauthStore().store })
      const error = yield* Effect.flip(provider.get)
      assert.strictEqual(error._tag, "CredentialsUnavailable")
      assert.deepStrictEqual(yield* operations, ["token"])
    }).pipe(withCloud))

  it.scoped("is postponed after a failure while the access token still works", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault({ service: "oauth", operation: "token", kind: "status", status: 503 })
      const { store } = oauthStore({
        accessToken: someToken(defaults.oauthAccessToken),
        accessTokenExpiration: someInstant(600)
      })
      const provider = yield* OAuth.make({ store })
      yield* provider.get
      assert.deepStrictEqual(yield* operations, ["token", "exchange"])
    }).pipe(withCloud))

  it.scoped("is tried if the access token is refused before it expires", () =>
    Effect.gen(function*() {
      const { saved, store } = oauthStore({
        accessToken: someToken("revoked"),
        accessTokenExpiration: someInstant(100_000)
      })
      const provider = yield* OAuth.make({ store })
      yield* provider.get
      assert.deepStrictEqual(yield* operations, ["exchange", "token", "exchange"])
      assert.lengthOf(saved, 2)
    }).pipe(withCloud))

  it.scoped("is completed after the caller was interrupted", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault({ service: "oauth", operation: "token", kind: "delay", delay: "3 seconds" })
      const { saved, store } = oauthStore()
      const asking = yield* Effect.fork(
        Effect.scoped(Effect.flatMap(OAuth.make({ store }), (provider) => provider.get))
      )
      yield* TestClock.adjust("1 second")
      const closing = yield* Effect.fork(Fiber.interrupt(asking))
      yield* TestClock.adjust("1 second")
      assert.lengthOf(saved, 0)
      yield* TestClock.adjust("2 seconds")
      assert.isTrue(Exit.isInterrupted(yield* Fiber.join(closing)))
      assert.lengthOf(saved, 1)
      assert.notStrictEqual(tokenText(saved[0]?.refreshToken), defaults.oauthRefreshToken)
    }).pipe(withCloud))

  it.scoped("stops at its time limits", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault({ service: "oauth", operation: "token", kind: "silent" })
      const provider = yield* OAuth.make({ store: oauthStore().store })
      const asking = yield* Effect.fork(Effect.flip(provider.get))
      yield* TestClock.adjust("15 seconds")
      const error = yield* Fiber.join(asking)
      assert.strictEqual(error.message, "oauth: unavailable\n  server: oauth.aliyun.com: no answer within 15000 ms")
    }).pipe(withCloud))

  it.scoped.each<[unknown, number | undefined]>([
    ["Infinity", undefined],
    [1e300, undefined],
    ["1e999", undefined],
    [8640000000001, undefined],
    ["8640000000001", undefined],
    [true, undefined],
    [-5, undefined],
    ["-5", undefined],
    [{ seconds: 5 }, undefined],
    [7200, 7200],
    ["7200", 7200],
    [null, 3600],
    [0, 3600]
  ])("is stored whatever expires_in is: %j", ([expires_in, lifetime]) =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const body = JSON.stringify({
        access_token: defaults.oauthAccessToken,
        refresh_token: "the next refresh token",
        expires_in
      })
      yield* cloud.fault({ service: "oauth", operation: "token", kind: "malformed", body })
      const { saved, store } = oauthStore()
      const provider = yield* OAuth.make({ store })
      yield* provider.get
      assert.strictEqual(tokenText(saved[0]?.refreshToken), "the next refresh token")
      assert.deepStrictEqual(
        saved[0]?.accessTokenExpiration.pipe(Option.map(DateTime.toEpochMillis), Option.getOrUndefined),
        lifetime === undefined ? undefined : lifetime * 1000
      )
      assert.isTrue(saved[0]?.session.pipe(Option.isNone))
    }).pipe(withCloud))

  it.scoped("keeps the old refresh token where the answer has none", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault({
        service: "oauth",
        operation: "token",
        kind: "missing",
        fields: ["refresh_token", "expires_in"]
      })
      const { saved, store } = oauthStore()
      const provider = yield* OAuth.make({ store })
      yield* provider.get
      assert.strictEqual(tokenText(saved[0]?.refreshToken), defaults.oauthRefreshToken)
      assert.strictEqual(
        saved[0]?.accessTokenExpiration.pipe(Option.map(DateTime.toEpochMillis), Option.getOrThrow),
        3600_000
      )
    }).pipe(withCloud))

  it.scoped("stores a token that lasts no longer if the clock is set back meanwhile", () =>
    Effect.gen(function*() {
      const wall = yield* settableClock
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault({ service: "oauth", operation: "token", kind: "delay", delay: "1 second" })
      const { saved, store } = oauthStore()
      yield* wall.move(10 * hour)
      const asking = yield* Effect.fork(
        wall.use(Effect.flatMap(OAuth.make({ store }), (provider) => Effect.exit(provider.get)))
      )
      yield* settle
      yield* wall.move(-10 * hour)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(asking)
      assert.strictEqual(
        saved[0]?.accessTokenExpiration.pipe(Option.map(DateTime.toEpochMillis), Option.getOrThrow),
        hour + 1000
      )
    }).pipe(withCloud))
})

describe("the OAuth session", () => {
  it.scoped.each(["camel", "pascal"] as const)(
    "is read from a response in %s case",
    (replyCase) =>
      Effect.gen(function*() {
        const provider = yield* OAuth.make({ store: oauthStore().store })
        const credentials = yield* provider.get
        assert.isTrue(Credentials.is("StsToken")(credentials))
        assert.deepStrictEqual(
          Option.getOrThrow(Credentials.expiration(credentials)),
          Option.getOrThrow(someInstant(3600))
        )
      }).pipe(Effect.provide(LocalCloud.layer({ world: { oauth: { ...defaults.world.oauth, replyCase } } })))
  )

  it.scoped("of another program is used while it is valid for more than a minute", () =>
    Effect.gen(function*() {
      const stored = Credentials.StsToken({
        provider: "oauth",
        accessKeyId: "STS.Stored",
        accessKeySecret: Redacted.make("s"),
        securityToken: Redacted.make("t"),
        expiration: someInstant(61)
      })
      const { put, store } = oauthStore({ session: Option.some(stored) })
      const provider = yield* OAuth.make({ store, refresh })
      assert.deepStrictEqual(yield* provider.get, stored)
      assert.deepStrictEqual(yield* operations, [])
      put({ session: Option.some({ ...stored, expiration: someInstant(60) }) })
      const other = yield* OAuth.make({ store, refresh })
      assert.notDeepEqual(yield* other.get, stored)
      assert.deepStrictEqual(yield* operations, ["token", "exchange"])
    }).pipe(withCloud))

  it.scoped("that a server refused is not loaded from the store again", () =>
    Effect.gen(function*() {
      const provider = yield* OAuth.make({ store: oauthStore().store, refresh })
      const first = yield* provider.get
      yield* provider.invalidate(first)
      const second = yield* provider.get
      assert.notDeepEqual(second, first)
      assert.deepStrictEqual(yield* operations, ["token", "exchange", "exchange"])
    }).pipe(withCloud))

  it.scoped("is renewed before it expires, unless another program has renewed it", () =>
    Effect.gen(function*() {
      const { put, store } = oauthStore()
      const provider = yield* OAuth.make({ store, refresh })
      const first = yield* provider.get
      yield* TestClock.adjust("46 minutes")
      assert.strictEqual(yield* provider.get, first)
      yield* TestClock.adjust("1 second")
      const second = yield* provider.get
      assert.deepStrictEqual(
        Option.getOrThrow(Credentials.expiration(second)),
        Option.getOrThrow(someInstant(3600 + 46 * 60))
      )
      const taken = Credentials.StsToken({
        ...second as Credentials.StsToken,
        accessKeyId: "STS.Other",
        expiration: someInstant(99_999)
      })
      put({ session: Option.some(taken) })
      yield* TestClock.adjust("46 minutes")
      yield* provider.get
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* provider.get, taken)
      assert.deepStrictEqual(yield* operations, ["token", "exchange", "token", "exchange"])
    }).pipe(withCloud))
})

describe("a new OAuth login is required", () => {
  const failsWith = (options: OAuth.OAuthOptions, message: string) =>
    Effect.gen(function*() {
      const provider = yield* OAuth.make(options)
      const error = yield* Effect.flip(provider.get)
      assert.strictEqual(error._tag, "ReauthenticationRequired")
      assert.include(error.message, message)
      return error as CredentialError.ReauthenticationRequired
    })

  it.scoped("without tokens", () =>
    Effect.gen(function*() {
      const error = yield* failsWith({ siteType: "INTL", profile: "it's" }, "login required (no access token)")
      assert.strictEqual(error.profile, "it's")
      assert.strictEqual(error.command, "aliyun configure --mode OAuth --oauth-site-type INTL --profile 'it'\\''s'")
    }).pipe(withCloud))

  it.scoped("if the refresh token is refused", () =>
    Effect.gen(function*() {
      const error = yield* failsWith(
        { refreshToken: Redacted.make("unknown-0123456789"), profile: "work" },
        "oauth.aliyun.com: status 400, invalid_grant: The refresh token is not known."
      )
      assert.strictEqual(error.command, "aliyun configure --mode OAuth --oauth-site-type CN --profile work")
      assert.deepStrictEqual(yield* operations, ["token"])
    }).pipe(withCloud))

  it.scoped("if the access token is refused and there is no refresh token", () =>
    Effect.gen(function*() {
      yield* failsWith({ accessToken: Redacted.make("unknown-access-token") }, "status 401, invalid_token")
      yield* failsWith({ accessToken: Redacted.make("with\nline") }, "the stored access token is not valid header text")
    }).pipe(withCloud))

  it.scoped.each<[string, Partial<OAuth.Login>]>([
    ["that was due", {}],
    ["that the refusal of the token before led to", {
      accessToken: someToken("revoked"),
      accessTokenExpiration: someInstant(100_000)
    }]
  ])("but not when the access token of a renewal %s is refused", ([, login]) =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault({ service: "oauth", operation: "exchange", kind: "status", status: 401, times: 2 })
      const { saved, store } = oauthStore(login)
      const provider = yield* OAuth.make({ store })
      const error = yield* Effect.flip(provider.get)
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.notStrictEqual(tokenText(saved[0]?.refreshToken), defaults.oauthRefreshToken)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Effect.retry(provider.get, { times: 2 })).provider, "oauth")
    }).pipe(withCloud))

  it.scoped("but not when the access token is refused and the renewal fails for now", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault({ service: "oauth", operation: "token", kind: "status", status: 503 })
      const { store } = oauthStore({ accessToken: someToken("revoked"), accessTokenExpiration: someInstant(600) })
      const provider = yield* OAuth.make({ store })
      assert.strictEqual((yield* Effect.flip(provider.get))._tag, "CredentialsUnavailable")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* provider.get).provider, "oauth")
    }).pipe(withCloud))

  it.scoped("but not when somebody else renewed the login meanwhile", () =>
    Effect.gen(function*() {
      const memory = oauthStore({ refreshToken: someToken("used-elsewhere") })
      const http = yield* HttpClient.HttpClient
      const quicker = HttpClient.tapRequest(http, (request) =>
        Effect.sync(() => {
          if (!request.url.endsWith("/v1/token")) return
          memory.put({
            refreshToken: someToken("new"),
            accessToken: someToken(defaults.oauthAccessToken),
            accessTokenExpiration: someInstant(9999)
          })
        }))
      const provider = yield* Effect.provideService(OAuth.make({ store: memory.store }), HttpClient.HttpClient, quicker)
      yield* provider.get
      assert.deepStrictEqual(yield* operations, ["token", "exchange"])
    }).pipe(withCloud))

  it.scoped("but not when somebody else renewed the login, and stores it a second later", () =>
    Effect.gen(function*() {
      const memory = oauthStore({ refreshToken: someToken("used-elsewhere") })
      const provider = yield* OAuth.make({ store: memory.store })
      const getting = yield* Effect.fork(provider.get)
      yield* TestClock.adjust("1 second")
      memory.put({
        refreshToken: someToken("new"),
        accessToken: someToken(defaults.oauthAccessToken),
        accessTokenExpiration: someInstant(9999)
      })
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(getting)).provider, "oauth")
      assert.deepStrictEqual(yield* operations, ["token", "exchange"])
    }).pipe(withCloud))
})

describe("an OAuth store that cannot save", () => {
  const broken = new CredentialError.CredentialsMisconfigured({ provider: "store", reason: "read only" })

  it.scoped("loses neither the credentials nor the renewed login", () =>
    Effect.gen(function*() {
      const { store } = oauthStore()
      const provider = yield* OAuth.make({ store: { ...store, save: () => Effect.fail(broken) }, refresh })
      const first = yield* provider.get
      yield* provider.invalidate(first)
      yield* TestClock.adjust("41 minutes")
      yield* provider.get
      const cloud = yield* LocalCloud.LocalCloud
      const renewals = (yield* cloud.requests).filter(({ operation }) => operation === "token")
      assert.deepStrictEqual(renewals.map(({ status }) => status), [200, 200])
      assert.notStrictEqual(renewals[1]?.form["refresh_token"], defaults.oauthRefreshToken)
    }).pipe(withCloud))

  it.scoped("is never sent for new tokens: the old ones are used as long as they work, and then a person has to log in", () =>
    Effect.gen(function*() {
      const { store } = oauthStore({
        accessToken: someToken(defaults.oauthAccessToken),
        accessTokenExpiration: someInstant(600)
      })
      const provider = yield* OAuth.make({ store: { ...store, exclusively: () => Effect.fail(broken) }, refresh })
      yield* provider.get
      assert.deepStrictEqual(yield* operations, ["exchange"])
      yield* TestClock.adjust("1 hour")
      const error = yield* Effect.flip(provider.get)
      assert.strictEqual(error._tag, "ReauthenticationRequired")
      assert.include(
        error.message,
        "the login cannot be renewed, as it cannot be stored: store: misconfigured (read only)"
      )
      assert.deepStrictEqual(yield* operations, ["exchange"])
    }).pipe(withCloud))

  it.scoped.each<[string, string, string]>([
    [
      "/home/dev/.aliyun/config.json.lock: PermissionDenied",
      "/home/dev/.aliyun/config.json (PermissionDenied)",
      "Make /home/dev/.aliyun and config.json in it writable, as a read-only file cannot hold an OAuth login"
    ],
    [
      "C:\\Users\\dev\\config.json: cannot be written (EROFS)",
      "C:\\Users\\dev\\config.json (EROFS)",
      "Make C:\\Users\\dev\\config.json writable, as a read-only file cannot hold an OAuth login"
    ]
  ])("says which file to make writable: %s", ([reason, shown, hint]) =>
    Effect.gen(function*() {
      const { store } = oauthStore({ accessTokenExpiration: someInstant(-1) })
      const readOnly = new CredentialError.CredentialsMisconfigured({ provider: "cli_profile", reason })
      const provider = yield* OAuth.make({ store: { ...store, exclusively: () => Effect.fail(readOnly) } })
      const error = yield* Effect.flip(provider.get)
      assert(error._tag === "ReauthenticationRequired")
      assert.strictEqual(error.reason, `the login has expired, and config.json cannot be written: ${shown}`)
      assert.strictEqual(error.hint, hint)
      assert.deepStrictEqual(yield* operations, [])
    }).pipe(withCloud))

  it.scoped("leaves it to the server how long an access token without a known end works", () =>
    Effect.gen(function*() {
      const known = oauthStore({ accessToken: someToken(defaults.oauthAccessToken) }).store
      const provider = yield* OAuth.make({ store: { ...known, exclusively: () => Effect.fail(broken) } })
      yield* provider.get
      const unknown = oauthStore({ accessToken: someToken("revoked") }).store
      const other = yield* OAuth.make({ store: { ...unknown, exclusively: () => Effect.fail(broken) } })
      const error = yield* Effect.flip(other.get)
      assert.strictEqual(error._tag, "ReauthenticationRequired")
      assert.deepStrictEqual(yield* operations, ["exchange", "exchange"])
    }).pipe(withCloud))

  it.scoped("keeps renewing a login whose stored token is spent already", () =>
    Effect.gen(function*() {
      const { store } = oauthStore()
      let isBroken = false
      const provider = yield* OAuth.make({
        store: {
          ...store,
          save: () => Effect.fail(broken),
          exclusively: (use) => Effect.suspend(() => isBroken ? Effect.fail(broken) : use)
        },
        refresh
      })
      yield* provider.get
      isBroken = true
      yield* TestClock.adjust("1 hour")
      yield* provider.get
      assert.deepStrictEqual(yield* operations, ["token", "exchange", "token", "exchange"])
    }).pipe(withCloud))

  it.scoped("that is busy makes get fail, without a request", () =>
    Effect.gen(function*() {
      const busy = new CredentialError.CredentialsUnavailable({ provider: "store", reason: "busy" })
      const { store } = oauthStore()
      const provider = yield* OAuth.make({ store: { ...store, exclusively: () => Effect.fail(busy) } })
      assert.strictEqual((yield* Effect.flip(provider.get)).message, busy.message)
      assert.deepStrictEqual(yield* operations, [])
    }).pipe(withCloud))
})

describe("OAuth options", () => {
  it.scoped("with an unknown site are misconfigured", () =>
    Effect.gen(function*() {
      const provider = yield* OAuth.make({ siteType: "secret-site" })
      const error = yield* Effect.flip(provider.get)
      assert.strictEqual(error.message, "oauth: misconfigured (siteType: neither CN nor INTL)")
    }).pipe(withCloud))

  it.scoped("can be read from Config", () =>
    CredentialProvider.get.pipe(
      Effect.provide(OAuth.layerConfig({ accessToken: Config.redacted("TOKEN") })),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["TOKEN", defaults.oauthAccessToken]]))),
      withCloud,
      Effect.map((credentials) => assert.strictEqual(credentials.provider, "oauth"))
    ))

  it.scoped("without a store keep the login in memory", () =>
    Effect.gen(function*() {
      const provider = yield* CredentialProvider.CredentialProvider
      yield* provider.get
      yield* TestClock.adjust("3 hours")
      yield* provider.get
      assert.deepStrictEqual(yield* operations, ["token", "exchange", "token", "exchange"])
    }).pipe(Effect.provide(OAuth.layer({ refreshToken: Redacted.make(defaults.oauthRefreshToken) })), withCloud))
})
