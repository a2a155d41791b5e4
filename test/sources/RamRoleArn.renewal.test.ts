import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, TestClock } from "effect"
import { CredentialError, StaticCredentials } from "effect-alicloud-credentials"
import { LocalCloud, TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { elapsed } from "../support/clock.ts"
import { always, count, defaults, fault, requests, seen } from "../support/cloud.ts"
import { failure, get, renew } from "../support/provider.ts"
import { expirationOf, roleSource } from "../support/ramRoleArn.ts"
import { assertShowsNone } from "../support/renderings.ts"

describe("STS that goes wrong", () => {
  it.effect("500 is tried again twice at most, within seconds", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 500, times: 3 })
      const { millis, value } = yield* elapsed(Effect.either(get))
      assert.strictEqual(value._tag === "Left" && value.left._tag, "CredentialsUnavailable")
      assert.strictEqual(yield* count, 3)
      assert.isAtLeast(millis, 300)
      assert.isAtMost(millis, 600)
      yield* get
      assert.strictEqual(yield* count, 4, "a failure without Retry-After is not remembered")
    }).pipe(Effect.provide(roleSource())))

  it.effect("500 twice costs nobody an error", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 500, times: 2 })
      const { value } = yield* elapsed(get)
      assert.strictEqual(value._tag, "StsToken")
      assert.strictEqual(yield* count, 3)
    }).pipe(Effect.provide(roleSource())))

  for (const code of ["Throttling", "Throttling.User", "ServiceUnavailable"]) {
    it.effect(`400 ${code} is tried again as 500 is`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "status", status: 400, code, times: 2 })
        yield* elapsed(get)
        assert.strictEqual(yield* count, 3)
      }).pipe(Effect.provide(roleSource())))
  }

  for (const at of ["request", "answer", "body"] as const) {
    it.effect(`a connection that breaks (${at}) is tried again`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "disconnect", at, times: 2 })
        yield* elapsed(get)
        assert.strictEqual(yield* count, 3)
        yield* renew
        yield* fault({ kind: "disconnect", at, ...always })
        const { value } = yield* elapsed(Effect.flip(renew))
        assert.strictEqual(value._tag, "CredentialsUnavailable")
        assert.include(value.message, at === "body" ? "connection lost" : "no connection")
      }).pipe(Effect.provide(roleSource())))
  }

  it.effect("a refusal is not tried again", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 403, code: "NoPermission", ...always })
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.match(error.hint ?? "", /trust policy/)
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(roleSource())))

  it.effect("Retry-After of more than a moment is told at once, and no request made until it is over", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 429, headers: { "retry-after": "5" } })
      const first = yield* elapsed(failure, "0 millis")
      assert.strictEqual(first.millis, 0)
      assert.isTrue(first.value._tag === "CredentialsUnavailable")
      if (first.value._tag !== "CredentialsUnavailable") return
      assert.strictEqual(first.value.status, 429)
      assert.strictEqual(
        first.value.retryAfter &&
          Number(first.value.retryAfter.value._tag === "Millis" && first.value.retryAfter.value.millis),
        5000
      )
      yield* TestClock.adjust("4999 millis")
      assert.strictEqual(yield* failure, first.value)
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("1 millis")
      yield* get
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(roleSource())))

  for (
    const [name, refresh, wait] of [["maxBackoff", { maxBackoff: "3 seconds" }, 3000], [
      "10 seconds",
      {},
      10_000
    ]] as const
  ) {
    it.effect(`a long Retry-After is heeded for ${name} at most`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "status", status: 429, headers: { "retry-after": "3600" } })
        yield* failure
        yield* TestClock.adjust(wait - 1)
        yield* failure
        assert.strictEqual(yield* count, 1)
        yield* TestClock.adjust(1)
        yield* get
        assert.strictEqual(yield* count, 2)
      }).pipe(Effect.provide(roleSource({ refresh: { jitter: 0, ...refresh } }))))
  }

  it.effect("Retry-After as a date counts from the server's own clock", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "skew", millis: 3_600_000, of: "date" })
      yield* fault({ kind: "status", status: 429, headers: { "retry-after": "Thu, 01 Jan 1970 01:00:07 GMT" } })
      yield* failure
      yield* TestClock.adjust("6999 millis")
      yield* failure
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("1 millis")
      yield* get
    }).pipe(Effect.provide(roleSource())))

  it.effect("the session at hand stays in use while it can", () =>
    Effect.gen(function*() {
      const session = yield* get
      yield* fault({ kind: "status", status: 500, ...always })
      yield* TestClock.adjust("50 minutes")
      assert.strictEqual(yield* get, session)
      yield* TestClock.adjust("9 minutes")
      assert.strictEqual(yield* get, session)
      yield* TestClock.adjust("1 minute")
      const { value } = yield* elapsed(failure)
      assert.strictEqual(value._tag, "CredentialsUnavailable")
    }).pipe(Effect.provide(roleSource())))
})

describe("bodies that are not what they should be", () => {
  it.effect("HTML", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "malformed" })
      const error = yield* failure
      assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, ["the body is not JSON"])
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(roleSource())))

  for (const field of ["AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"]) {
    it.effect(`without ${field}`, () =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        yield* fault({ kind: "missing", fields: [field] })
        const error = yield* failure
        assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, [
          `Credentials.${field} is missing`
        ])
        assertShowsNone(error, yield* cloud.secrets)
      }).pipe(Effect.provide(roleSource())))
  }

  it.effect("with everything wrong, named at once and without a value", () =>
    Effect.gen(function*() {
      const body = JSON.stringify({
        Credentials: { AccessKeyId: "", AccessKeySecret: ["leak-1"], SecurityToken: 7, Expiration: "leak-2 tomorrow" }
      })
      yield* fault({ kind: "malformed", body })
      const error = yield* failure
      assert.isTrue(error._tag === "CredentialsMalformed")
      if (error._tag !== "CredentialsMalformed") return
      assert.deepStrictEqual(error.issues, [
        "Credentials.AccessKeyId is empty",
        "Credentials.AccessKeySecret is not text",
        "Credentials.SecurityToken is not text",
        "Credentials.Expiration is not a time such as 2030-01-01T00:00:00Z"
      ])
      assertShowsNone(error, ["leak-1", "leak-2"])
    }).pipe(Effect.provide(roleSource())))

  it.effect("200 without Credentials", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "malformed", body: "{\"RequestId\":\"1\"}" })
      const error = yield* failure
      assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, ["Credentials is missing"])
    }).pipe(Effect.provide(roleSource())))

  for (const status of [201, 204]) {
    it.effect(`status ${status}`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "malformed", status, body: "{}" })
        const error = yield* failure
        assert.strictEqual(error._tag === "CredentialsRejected" && error.status, status)
      }).pipe(Effect.provide(roleSource())))
  }

  it.effect("a redirect, which is not followed", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "redirect", location: "https://sts.cn-evil.aliyuncs.com/", ...always })
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.status, 302)
      assert.include(error.message, "redirects are not followed")
      assert.deepStrictEqual(yield* seen, ["POST sts.aliyuncs.com/"])
    }).pipe(Effect.provide(roleSource())))
})

describe("clocks that differ", () => {
  for (const [name, minutes] of [["ahead", 10], ["behind", -10]] as const) {
    it.effect(`a server ${name} by less than it tolerates: the expiration is rewritten`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(86_400_000)
        yield* fault({ kind: "skew", millis: minutes * 60_000, ...always })
        assert.strictEqual(expirationOf(yield* get), 86_400_000 + 3_600_000)
        assert.strictEqual(yield* count, 1)
        yield* renew
        const stamp = Date.parse((yield* requests)[1]?.form["Timestamp"] ?? "")
        assert.strictEqual(stamp, 86_400_000 + minutes * 60_000, "from then on its clock is used")
      }).pipe(Effect.provide(roleSource())))
  }

  for (const [name, hours] of [["ahead", 5], ["behind", -5]] as const) {
    it.effect(`a server ${name} by more: asked once more by its own clock, and from then on at once`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(86_400_000)
        yield* fault({ kind: "skew", millis: hours * 3_600_000, ...always })
        assert.strictEqual(expirationOf(yield* get), 86_400_000 + 3_600_000)
        yield* renew
        const all = yield* requests
        assert.deepStrictEqual(all.map(({ code }) => code), ["InvalidTimeStamp.Expired", undefined, undefined])
        assert.deepStrictEqual(all.map(({ form }) => Date.parse(form["Timestamp"] ?? "") - 86_400_000), [
          0,
          hours * 3_600_000,
          hours * 3_600_000
        ])
      }).pipe(Effect.provide(roleSource())))
  }

  it.effect("a difference of seconds says nothing", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "skew", millis: 20_000, ...always })
      assert.strictEqual(expirationOf(yield* get), 3_620_000)
      yield* renew
      assert.strictEqual((yield* requests)[1]?.form["Timestamp"], "1970-01-01T00:00:00Z")
    }).pipe(Effect.provide(roleSource())))

  it.effect("a timestamp that is refused although the clocks agree is an error with a hint", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 400, code: "InvalidTimeStamp.Expired", ...always })
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.match(error.hint ?? "", /clock/)
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(roleSource())))

  it.effect("a server that refuses by its own clock too is asked twice and no more", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "skew", millis: 3_600_000, of: "date", ...always })
      yield* fault({ kind: "status", status: 400, code: "InvalidTimeStamp.Expired", ...always })
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(roleSource())))

  it.effect("a session that had ended when it came is an error with both times, and not kept", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(86_400_000)
      yield* fault({ kind: "expired" })
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsExpired")
      assert.include(error.message, "1970-01-01T23:59:00.000Z")
      assert.include(error.message, "1970-01-02T00:00:00.000Z")
      assert.match(error.hint ?? "", /clock/)
      yield* get
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(roleSource())))
})

describe("what errors show", () => {
  it.effect("of a signature that does not match: neither the string to sign nor a secret", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.code, "SignatureDoesNotMatch")
      assert.match(error.hint ?? "", /secret belongs to the AccessKey id/)
      assertShowsNone(error, ["wrong-secret-word", "server string to sign", "%252F", "POST&", "SignatureNonce", "HMAC"])
    }).pipe(Effect.provide(roleSource(
      {},
      {},
      StaticCredentials.layerAccessKey({
        accessKeyId: defaults.accessKeyId,
        accessKeySecret: Redacted.make("wrong-secret-word")
      })
    ))))

  it.effect("of any failure: no secret of the request or of the cloud", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const echo = (text: string): LocalCloud.Fault => ({ kind: "status", status: 400, code: "Odd", message: text })
      const faults: ReadonlyArray<LocalCloud.Fault> = [
        echo(`secret ${defaults.accessKeySecret} is wrong`),
        echo(`query ${encodeURIComponent(encodeURIComponent(defaults.accessKeySecret))}`),
        { kind: "malformed", body: `{"Credentials": {"AccessKeySecret": "${defaults.accessKeySecret}` },
        { kind: "expired" },
        { kind: "missing", fields: ["Expiration"] },
        { kind: "redirect", location: `https://x.aliyuncs.com/?t=${defaults.accessKeySecret}` },
        { kind: "endless" }
      ]
      for (const entry of faults) {
        yield* fault(entry)
        const error = yield* Effect.flip(renew)
        assertShowsNone(error, yield* cloud.secrets)
        assert.isTrue(CredentialError.isCredentialError(error))
        assert.isUndefined(error.cause)
      }
    }).pipe(Effect.provide(roleSource())))

  it.effect("of a session that is refused: no part of its token, however it is echoed", () =>
    Effect.gen(function*() {
      const token = "test-security-token"
      for (const shown of [token, encodeURIComponent(`${token}+/=`), token.slice(0, 12), token.slice(-12)]) {
        yield* fault({
          kind: "status",
          status: 400,
          code: "InvalidSecurityToken.Malformed",
          message: `is ${shown}`,
          times: 2
        })
        const error = yield* failure
        assert.strictEqual(error._tag === "CredentialsRejected" && error.code, "InvalidSecurityToken.Malformed")
        assertShowsNone(error, [shown])
        yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.clearFaults)
      }
    }).pipe(Effect.provide(roleSource({}, {}, TestCredentialProvider.layer()))))
})
