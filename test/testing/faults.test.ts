import { HttpClient, type HttpClientError } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Exit, Fiber, Stream, TestClock } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { always, defaults, fault } from "../support/cloud.ts"
import {
  assumeRole,
  code,
  credentialsOf,
  getCredentialsUri,
  getUrl,
  putToken,
  type ReadReply,
  rolesUrl,
  rpc
} from "../support/cloudRequests.ts"

type Sent = Effect.Effect<ReadReply, HttpClientError.HttpClientError, HttpClient.HttpClient>

/** The exit within a day, or `undefined` if there is not one. */
const afterADay = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust("1 day")
    const exit = fiber.unsafePoll()
    yield* Fiber.interruptFork(fiber)
    return exit ?? undefined
  })

const statuses = (request: Sent, times: number) =>
  Effect.map(Effect.all(Array.from({ length: times }, () => request)), (replies) => replies.map(({ status }) => status))

describe("a fault applies to", () => {
  it.effect("one request by default", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 500 })
      assert.deepStrictEqual(yield* statuses(getCredentialsUri, 2), [500, 200])
      yield* fault({ kind: "status", status: 500, times: 2, skip: 1 })
      assert.deepStrictEqual(yield* statuses(getCredentialsUri, 4), [200, 500, 500, 200])
      yield* fault({ kind: "status", status: 500, ...always })
      assert.deepStrictEqual(yield* statuses(getCredentialsUri, 5), [500, 500, 500, 500, 500])
      yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.clearFaults)
      assert.deepStrictEqual(yield* statuses(getCredentialsUri, 1), [200])
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("requests of its service and operation", () =>
    Effect.gen(function*() {
      yield* fault({ service: "sts", kind: "status", status: 500 })
      yield* fault({ service: "imds", operation: "credential", kind: "status", status: 500 })
      assert.strictEqual((yield* getCredentialsUri).status, 200)
      assert.strictEqual((yield* getUrl(rolesUrl)).status, 200)
      assert.strictEqual((yield* getUrl(`${rolesUrl}${defaults.instanceRole}`)).status, 500)
      assert.strictEqual((yield* assumeRole()).status, 500)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("one request each, in the order in which faults were added", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 500 })
      yield* fault({ kind: "status", status: 503 })
      assert.deepStrictEqual(yield* statuses(getCredentialsUri, 3), [500, 503, 200])
    }).pipe(Effect.provide(LocalCloud.layer())))
})

describe("a status fault", () => {
  it.effect("has the given code, message and headers", () =>
    Effect.gen(function*() {
      yield* fault({
        kind: "status",
        status: 429,
        code: "Throttling.User",
        message: "slow down",
        headers: { "Retry-After": "3" }
      })
      const reply = yield* assumeRole()
      assert.strictEqual(code(reply), "429 Throttling.User")
      assert.strictEqual(reply.field("Message"), "slow down")
      assert.strictEqual(reply.headers["retry-after"], "3")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("has a matching code, in the format of the service", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 503, ...always })
      assert.strictEqual(code(yield* assumeRole()), "503 ServiceUnavailable")
      assert.hasAllKeys((yield* getCredentialsUri).body, ["Code", "Message"])
      const portal = yield* getUrl(`${new URL(defaults.cloudSsoSignInUrl).origin}/cloud-credentials`)
      assert.hasAllKeys(portal.body, ["ErrorCode", "ErrorMessage", "RequestId"])
      const oauth = yield* getUrl(`https://${defaults.oauthSites.CN.host}/v1/token`)
      assert.hasAllKeys(oauth.body, ["error", "error_description", "requestId"])
      assert.notInclude((yield* getUrl(rolesUrl)).text, "{")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("does not use up the nonce of the request", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 500 })
      const options = { common: { SignatureNonce: "the-same" } }
      assert.strictEqual((yield* assumeRole({}, options)).status, 500)
      assert.strictEqual((yield* assumeRole({}, options)).status, 200)
    }).pipe(Effect.provide(LocalCloud.layer())))
})

describe("a fault of the connection", () => {
  it.effect("silent: never responds", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* fault({ kind: "silent" })
      assert.isUndefined(yield* afterADay(getCredentialsUri))
      assert.deepInclude((yield* cloud.requests)[0], { status: undefined, fault: "silent" })
      assert.strictEqual((yield* getCredentialsUri).status, 200)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("delay: handles the request after the delay, by the clock at that time", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "delay", delay: "10 seconds" })
      const fiber = yield* Effect.fork(getCredentialsUri)
      yield* TestClock.adjust("9 seconds")
      assert.isNull(fiber.unsafePoll())
      assert.strictEqual((yield* getCredentialsUri).status, 200, "other requests are not delayed")
      yield* TestClock.adjust("1 second")
      const reply = yield* Fiber.join(fiber)
      assert.strictEqual(credentialsOf(reply).expiration, "1970-01-01T01:00:10Z")
      const cloud = yield* LocalCloud.LocalCloud
      assert.deepStrictEqual((yield* cloud.requests).map((request) => [request.fault, request.status]), [
        ["delay", 200],
        [undefined, 200]
      ])
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("disconnect: before the request, before the response, or within the body", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const uriFailure = Effect.flip(getCredentialsUri)
      yield* fault({ kind: "disconnect" })
      assert.deepInclude(yield* uriFailure, { _tag: "RequestError", reason: "Transport" })
      assert.lengthOf(yield* cloud.issuedSecrets, 0)
      yield* fault({ kind: "disconnect", at: "answer" })
      assert.deepInclude(yield* uriFailure, { _tag: "RequestError", reason: "Transport" })
      assert.lengthOf(yield* cloud.issuedSecrets, 2, "the requests were handled")
      yield* fault({ kind: "disconnect", at: "body" })
      assert.deepInclude(yield* uriFailure, { _tag: "ResponseError", reason: "Decode" })
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("disconnect: has a network error with a code as its cause", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "disconnect" })
      assert.propertyVal((yield* Effect.flip(getCredentialsUri)).cause, "code", "ECONNRESET")
      yield* fault({ kind: "disconnect", errorCode: "ENOTFOUND" })
      assert.propertyVal((yield* Effect.flip(getCredentialsUri)).cause, "code", "ENOTFOUND")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("drip: sends one piece of the body, then nothing", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "drip", bytes: 7, times: 2 })
      assert.isUndefined(yield* afterADay(getCredentialsUri))
      const response = yield* HttpClient.get(defaults.credentialsUri)
      assert.strictEqual(response.status, 200)
      const first = yield* Stream.runHead(response.stream)
      assert.strictEqual(first._tag === "Some" ? new TextDecoder().decode(first.value) : "", "{\"Code\"")
      assert.isUndefined(yield* afterADay(Stream.runDrain(response.stream)))
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("endless: sends data as long as the client reads", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "endless", times: 2 })
      assert.isUndefined(yield* afterADay(getCredentialsUri))
      const response = yield* HttpClient.get(defaults.credentialsUri)
      const size = yield* response.stream.pipe(
        Stream.take(100),
        Stream.runFold(0, (sum, piece) => sum + piece.length)
      )
      assert.isAbove(size, 1024 * 1024)
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("endless: stops at a given size", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "endless", bytes: 100_001 })
      assert.lengthOf((yield* getCredentialsUri).text, 100_001)
    }).pipe(Effect.provide(LocalCloud.layer())))
})

describe("a fault of the response", () => {
  it.effect("malformed: is not JSON by default", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "malformed" })
      const page = yield* getCredentialsUri
      assert.strictEqual(page.status, 200)
      assert.match(page.text, /^<html>/)
      yield* fault({ kind: "malformed", body: "{\"Code\":", status: 202 })
      const reply = yield* getCredentialsUri
      assert.deepStrictEqual([reply.status, reply.text], [202, "{\"Code\":"])
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("malformed: causes an error when the JSON is read", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "malformed" })
      const response = yield* HttpClient.get(defaults.credentialsUri)
      assert.deepInclude(yield* Effect.flip(response.json), { _tag: "ResponseError", reason: "Decode" })
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("missing: removes fields at any depth", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "missing", fields: ["SecurityToken", "RequestId"] })
      const reply = yield* assumeRole()
      assert.hasAllKeys(reply.body, ["AssumedRoleUser", "Credentials"])
      assert.hasAllKeys(reply.body["Credentials"], ["AccessKeyId", "AccessKeySecret", "Expiration"])
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("expired: issues a session that has expired, for the client and for services", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(3_600_000)
      yield* fault({ kind: "expired" })
      const one = credentialsOf(yield* assumeRole())
      assert.strictEqual(one.expiration, "1970-01-01T00:59:00Z")
      assert.strictEqual(code(yield* rpc("GetCallerIdentity", { key: one })), "400 InvalidSecurityToken.Expired")
      yield* fault({ kind: "expired", ago: "30 minutes" })
      assert.strictEqual(credentialsOf(yield* getCredentialsUri).expiration, "1970-01-01T00:30:00Z")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("redirect: sends a status and a location", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "redirect", location: "http://credentials.local/other" })
      const reply = yield* getCredentialsUri
      assert.deepStrictEqual([reply.status, reply.headers["location"]], [302, "http://credentials.local/other"])
      yield* fault({ kind: "redirect", location: "/", status: 307 })
      assert.strictEqual((yield* getCredentialsUri).status, 307)
    }).pipe(Effect.provide(LocalCloud.layer())))
})

describe("a skew fault", () => {
  it.effect("of the clock changes dates, expirations and the check of timestamps", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "skew", millis: 20 * 60_000, times: 2 })
      assert.strictEqual(code(yield* assumeRole()), "400 InvalidTimeStamp.Expired")
      const reply = yield* assumeRole({}, { common: { Timestamp: "1970-01-01T00:10:00Z" } })
      assert.strictEqual(reply.headers["date"], "Thu, 01 Jan 1970 00:20:00 GMT")
      assert.strictEqual(credentialsOf(reply).expiration, "1970-01-01T01:20:00Z")
      yield* fault({ kind: "skew", millis: -60_000 })
      assert.strictEqual((yield* getCredentialsUri).headers["date"], "Wed, 31 Dec 1969 23:59:00 GMT")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("of the date changes only the Date header", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "skew", millis: 20 * 60_000, of: "date" })
      const reply = yield* assumeRole()
      assert.strictEqual(reply.headers["date"], "Thu, 01 Jan 1970 00:20:00 GMT")
      assert.strictEqual(credentialsOf(reply).expiration, "1970-01-01T01:00:00Z")
    }).pipe(Effect.provide(LocalCloud.layer())))

  it.effect("can be combined with another fault", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "skew", millis: 60_000, ...always })
      yield* fault({ kind: "status", status: 500 })
      const reply = yield* putToken("60")
      assert.deepStrictEqual([reply.status, reply.headers["date"]], [500, "Thu, 01 Jan 1970 00:01:00 GMT"])
    }).pipe(Effect.provide(LocalCloud.layer())))
})

describe("a client that interrupts a request", () => {
  it.effect("gets no response, and the cloud keeps working", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "delay", delay: "1 minute" })
      const fiber = yield* Effect.fork(Effect.exit(Effect.timeout(getCredentialsUri, "1 second")))
      yield* TestClock.adjust("2 minutes")
      assert.isTrue(Exit.isFailure(yield* Fiber.join(fiber)))
      const cloud = yield* LocalCloud.LocalCloud
      assert.lengthOf(yield* cloud.issuedSecrets, 0)
      assert.isTrue(Either.isRight(yield* Effect.either(getCredentialsUri)))
    }).pipe(Effect.provide(LocalCloud.layer())))
})
