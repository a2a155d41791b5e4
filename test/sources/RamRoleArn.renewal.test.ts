import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import { CredentialError, RamRoleArn, StaticCredentials } from "effect-alicloud-credentials"
import { LocalCloud, TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { elapsed } from "../support/clock.ts"
import { always, count, defaults, fault, requests, seen, user } from "../support/cloud.ts"
import { fakeHttp, sessionFields } from "../support/network.ts"
import { failure, get, renew } from "../support/provider.ts"
import { expirationOf, roleArn, roleSource } from "../support/ramRoleArn.ts"
import { assertShowsNone } from "../support/renderings.ts"
import { noVariables, type Texts } from "../support/variables.ts"

describe("a failure of STS", () => {
  it.effect("with status 500 is retried at most twice, within seconds", () =>
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

  it.effect("with status 500 causes no error if the third attempt succeeds", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 500, times: 2 })
      const { value } = yield* elapsed(get)
      assert.strictEqual(value._tag, "StsToken")
      assert.strictEqual(yield* count, 3)
    }).pipe(Effect.provide(roleSource())))

  it.effect("with status 400 and code ServiceUnavailable is retried like 500", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 400, code: "ServiceUnavailable", times: 2 })
      yield* elapsed(get)
      assert.strictEqual(yield* count, 3)
    }).pipe(Effect.provide(roleSource())))

  for (const code of ["Throttling", "Throttling.User"]) {
    it.effect(`with status 400 and code ${code} makes callers wait, without a second request in the same call`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "status", status: 400, code })
        const caller = yield* Effect.fork(get)
        yield* TestClock.adjust("999 millis")
        assert.strictEqual(yield* count, 1)
        yield* TestClock.adjust("1 millis")
        assert.strictEqual((yield* Fiber.join(caller))._tag, "StsToken")
        assert.strictEqual(yield* count, 2)
      }).pipe(Effect.provide(roleSource())))
  }

  for (const at of ["request", "answer", "body"] as const) {
    it.effect(`of the connection (${at}) is retried`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "disconnect", at, times: 2 })
        yield* elapsed(get)
        assert.strictEqual(yield* count, 3)
        yield* TestClock.adjust("1 hour")
        yield* fault({ kind: "disconnect", at, ...always })
        const { value } = yield* elapsed(failure)
        assert.strictEqual(value._tag, "CredentialsUnavailable")
        assert.include(value.message, at === "body" ? "connection lost" : "no connection")
      }).pipe(Effect.provide(roleSource())))
  }

  const region = "ALIBABA_CLOUD_STS_REGION"
  const vpc = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"
  const vpcHost = "sts-vpc.cn-beijing.aliyuncs.com"

  it.effect.each<[string, Texts, LocalCloud.Fault, string | undefined]>([
    [
      "no answer of the global host",
      {},
      { kind: "disconnect", at: "answer" },
      "1. check that this machine reaches https://sts.aliyuncs.com (firewall, proxy, NAT gateway); " +
      `2. in a VPC without internet access, set ${region} and ${vpc}=true; ` +
      `3. far from China, set ${region} to a region nearby`
    ],
    [
      "no answer of a host in a VPC",
      { [region]: "cn-beijing", [vpc]: "true" },
      { kind: "disconnect", at: "answer" },
      `Unset ${vpc} outside of a VPC: ${vpcHost} can only be reached inside of one`
    ],
    [
      "no answer of a regional host",
      { [region]: "cn-beijing" },
      { kind: "disconnect", at: "answer" },
      undefined
    ],
    [
      "no address of the global host",
      {},
      { kind: "disconnect", errorCode: "ENOTFOUND" },
      "Check DNS and the network"
    ],
    [
      "no address of a regional host",
      { [region]: "cn-beijin" },
      { kind: "disconnect", errorCode: "ENOTFOUND" },
      `Correct ${region} or ALIBABA_CLOUD_STS_ENDPOINT: ` +
      "there is no host sts.cn-beijin.aliyuncs.com, or DNS does not answer"
    ]
  ])("says how to fix %s", ([, variables, broken, hint]) =>
    Effect.gen(function*() {
      yield* fault({ ...broken, ...always })
      const { value } = yield* elapsed(failure)
      assert(value._tag === "CredentialsUnavailable")
      assert.strictEqual(value.hint, hint)
    }).pipe(Effect.provide(roleSource({}, { variables }))))

  it.effect("that is a refusal is not retried", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 403, code: "NoPermission", ...always })
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.match(error.hint ?? "", /trust policy/)
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(roleSource())))

  const trustPolicy = `the trust policy of ${roleArn}`

  it.effect.each<[string, string, string]>([
    [
      "NoPermission",
      "The ExternalId differs.",
      `Set the external id to the value of sts:ExternalId in ${trustPolicy}`
    ],
    [
      "NoPermission",
      "The role does not trust the caller.",
      `Allow the RAM user or role of the AccessKey LTAI****0001 in ${trustPolicy}`
    ],
    ["NoPermission", "Not trusted.", `Allow the RAM user or role of the AccessKey LTAI****0001 in ${trustPolicy}`],
    ["NoPermission", "externalid", `Set the external id to the value of sts:ExternalId in ${trustPolicy}`],
    [
      "NoPermission",
      "Root accounts may not assume a role.",
      "Use the AccessKey of a RAM user: an account itself cannot assume a role"
    ],
    [
      "NoPermission",
      "You are not authorized.",
      "1. check that the trust policy of the role allows the caller; " +
      "2. check that the caller, if it is a RAM user, has the permission AliyunSTSAssumeRoleAccess; " +
      "3. check that the external id is sent, if the trust policy requires one"
    ],
    [
      "InvalidParameter.DurationSeconds",
      "The Min/Max value of DurationSeconds is 900/1800 seconds.",
      "Set the session duration, which is 3600 seconds, to a value from 900 to 1800 seconds, " +
      "or raise the maximum session duration of the role in RAM"
    ],
    [
      "InvalidParameter.DurationSeconds",
      "It is too long.",
      "Set the session duration, which is 3600 seconds, to a smaller value, " +
      "or raise the maximum session duration of the role in RAM"
    ]
  ])("says how to fix %s: %s", ([code, message, hint]) =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 403, code, message, ...always })
      const error = yield* failure
      assert(error._tag === "CredentialsRejected")
      assert.strictEqual(error.hint, hint)
    }).pipe(Effect.provide(roleSource())))

  it.effect("with a Retry-After within maxWait makes callers wait as long", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 429, headers: { "retry-after": "5" } })
      const { millis } = yield* elapsed(get)
      assert.strictEqual(millis, 5000)
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(roleSource())))

  it.effect("with a Retry-After beyond maxWait is returned at once, and repeated without a request until it is over", () =>
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
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(yield* failure, first.value)
      yield* TestClock.adjust("1 millis")
      const { millis } = yield* elapsed(get)
      assert.strictEqual(millis, 4000, "what is left of it is within maxWait")
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(roleSource({ refresh: { jitter: 0, maxWait: "4 seconds" } }))))

  for (
    const [name, refresh, wait] of [["maxBackoff", { maxBackoff: "3 seconds" }, 3000], [
      "5 minutes",
      {},
      300_000
    ]] as const
  ) {
    it.effect(`with a long Retry-After blocks requests for at most ${name}`, () =>
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

  it.effect("with a Retry-After date is measured by the clock of the server", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "skew", millis: 3_600_000, of: "date" })
      yield* fault({ kind: "status", status: 429, headers: { "retry-after": "Thu, 01 Jan 1970 01:00:07 GMT" } })
      const caller = yield* Effect.fork(get)
      yield* TestClock.adjust("6999 millis")
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(caller))._tag, "StsToken")
    }).pipe(Effect.provide(roleSource())))

  it.effect("does not affect the cached session until it expires", () =>
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

describe("a malformed response of STS", () => {
  it.effect("that is HTML", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "malformed" })
      const error = yield* failure
      assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, [
        "sts.aliyuncs.com: status 200, an HTML page (a login page?)"
      ])
      assert.match(error.message, /^ram_role_arn\/static_ak: malformed/)
      assert.notInclude(error.message, "AssumeRole of")
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

  it.effect("with four invalid fields names all of them, without their values", () =>
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

  it.effect("with status 200 but without Credentials", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "malformed", body: "{\"RequestId\":\"1\"}" })
      const error = yield* failure
      assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, ["Credentials is missing"])
    }).pipe(Effect.provide(roleSource())))

  for (const status of [201, 204]) {
    it.effect(`with status ${status}`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "malformed", status, body: "{}" })
        const error = yield* failure
        assert.strictEqual(error._tag === "CredentialsRejected" && error.status, status)
      }).pipe(Effect.provide(roleSource())))
  }

  it.effect("that is a redirect is not followed", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "redirect", location: "https://sts.cn-evil.aliyuncs.com/", ...always })
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.status, 302)
      assert.include(error.message, "redirects are not followed")
      assert.deepStrictEqual(yield* seen, ["POST sts.aliyuncs.com/"])
    }).pipe(Effect.provide(roleSource())))
})

describe("an STS clock that differs from the local one", () => {
  for (const [name, minutes] of [["ahead", 10], ["behind", -10]] as const) {
    it.effect(`${name} by less than the server tolerates: the expiration is converted to the local clock`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(86_400_000)
        yield* fault({ kind: "skew", millis: minutes * 60_000, ...always })
        // Ten minutes behind: either clock may be right, and the earlier end counts.
        assert.strictEqual(expirationOf(yield* get), 86_400_000 + 3_600_000 + Math.min(0, minutes * 60_000))
        assert.strictEqual(yield* count, 1)
        yield* renew
        const stamp = Date.parse((yield* requests)[1]?.form["Timestamp"] ?? "")
        assert.strictEqual(stamp, 86_400_000 + minutes * 60_000, "later requests use the clock of the server")
      }).pipe(Effect.provide(roleSource())))
  }

  for (const [name, hours] of [["ahead", 5], ["behind", -5]] as const) {
    it.effect(`${name} by more: the request is repeated, and later ones start, with the clock of the server`, () =>
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

  it.effect("a server 20 s ahead gives a session that expires when it was requested to", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "skew", millis: 20_000, ...always })
      assert.strictEqual(expirationOf(yield* get), 3_600_000)
      yield* renew
      assert.strictEqual((yield* requests)[1]?.form["Timestamp"], "1970-01-01T00:00:20Z")
    }).pipe(Effect.provide(roleSource())))

  it.effect("a difference that fits into the exchange says nothing", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "skew", millis: 1000, ...always })
      yield* get
      yield* renew
      assert.strictEqual((yield* requests)[1]?.form["Timestamp"], "1970-01-01T00:00:00Z")
    }).pipe(Effect.provide(roleSource())))

  it.effect("is not assumed if a timestamp is refused although the clocks agree: the error has a hint", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 400, code: "InvalidTimeStamp.Expired", ...always })
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.match(error.hint ?? "", /clock/)
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(roleSource())))

  it.effect("is corrected if the first of two requests is refused after the second was sent", () => {
    const stamps: Array<string> = []
    const date = (millis: number) => ({ date: new Date(millis).toUTCString() })
    const slow = fakeHttp((request) =>
      Effect.gen(function*() {
        const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
        const sent = stamps.push(new URLSearchParams(body).get("Timestamp") ?? "")
        if (sent === 2) return yield* Effect.never
        if (sent === 1) yield* Effect.sleep("70 seconds")
        const now = yield* Clock.currentTimeMillis
        return sent === 1
          ? { status: 400, headers: date(now), body: JSON.stringify({ Code: "InvalidTimeStamp.Expired" }) }
          : { headers: date(now), body: JSON.stringify({ Credentials: sessionFields }) }
      })
    )
    return Effect.gen(function*() {
      const { millis } = yield* elapsed(get, "75 seconds")
      assert.strictEqual(millis, 70_000)
      assert.deepStrictEqual(stamps.map((stamp) => stamp.slice(14, 19)), ["00:00", "00:50", "01:10"])
    }).pipe(Effect.provide(
      RamRoleArn.layer({ roleArn, timeout: "100 seconds", connectTimeout: "50 seconds" }).pipe(
        Layer.provide([user, slow, noVariables])
      )
    ))
  })

  it.effect.each<[string, LocalCloud.Fault, number]>([
    ["another refusal", { kind: "status", status: 403, code: "NoPermission" }, 1],
    ["an outage with the code of a clock", { kind: "status", status: 503, code: "InvalidTimeStamp.Expired" }, 3]
  ])("is no reason to repeat %s", ([, refusal, requests]) =>
    Effect.gen(function*() {
      yield* fault({ kind: "skew", millis: 3_600_000, of: "date", ...always })
      yield* fault({ ...refusal, ...always })
      yield* elapsed(failure)
      assert.strictEqual(yield* count, requests)
    }).pipe(Effect.provide(roleSource())))

  it.effect("is corrected only once: a second refusal is an error", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "skew", millis: 3_600_000, of: "date", ...always })
      yield* fault({ kind: "status", status: 400, code: "InvalidTimeStamp.Expired", ...always })
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(roleSource())))

  it.effect("causes CredentialsExpired with both times for a session that expired on arrival", () =>
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

describe("the errors of RamRoleArn", () => {
  it.effect("for a wrong signature show neither the string to sign nor a secret", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.code, "SignatureDoesNotMatch")
      assert.match(error.hint ?? "", /Enter the AccessKey id and its secret again/)
      assertShowsNone(error, ["wrong-secret-word", "server string to sign", "%252F", "POST&", "SignatureNonce", "HMAC"])
    }).pipe(Effect.provide(roleSource(
      {},
      {},
      StaticCredentials.layerAccessKey({
        accessKeyId: defaults.accessKeyId,
        accessKeySecret: Redacted.make("wrong-secret-word")
      })
    ))))

  it.effect("show no secret of the request or of the cloud", () =>
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

  it.effect("for a refused session show no part of its token, however it is echoed", () =>
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
