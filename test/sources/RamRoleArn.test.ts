import { assert, describe, it } from "@effect/vitest"
import { Config, DateTime, Effect, Exit, Layer, Option, Redacted, TestClock } from "effect"
import {
  CredentialError,
  CredentialProvider,
  Credentials,
  RamRoleArn,
  StaticCredentials
} from "effect-alicloud-credentials"
import { LocalCloud, TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { elapsed } from "../support/clock.ts"
import { always, count, defaults, fault, overCloud, requests, seen, type Setup, user } from "../support/cloud.ts"
import { logs } from "../support/logs.ts"
import { failure, get, getSession, renew } from "../support/provider.ts"
import { assertShowsNone, renderValue } from "../support/renderings.ts"
import { variables } from "../support/variables.ts"

const { otherRoleArn, roleArn } = defaults

const make = (options: Partial<RamRoleArn.RoleOptions> = {}, setup?: Setup, base = user) =>
  overCloud(Layer.provide(RamRoleArn.layer({ roleArn, refresh: { jitter: 0 }, ...options }), base), setup)

const onlyRequest = Effect.map(requests, (all) => {
  assert.lengthOf(all, 1)
  return all[0] as LocalCloud.RequestRecord
})

const expirationOf = (credentials: Credentials.Credentials) =>
  Option.getOrThrow(Option.map(Credentials.expiration(credentials), DateTime.toEpochMillis))

describe("AssumeRole on the wire", () => {
  it.effect("is a POST with everything in its form and nothing in its URL", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_767_323_045_678)
      const session = yield* getSession
      const request = yield* onlyRequest
      assert.strictEqual(request.method, "POST")
      assert.strictEqual(request.host, "sts.aliyuncs.com")
      assert.strictEqual(request.path, "/")
      assert.deepStrictEqual(request.query, {})
      const { Signature, SignatureNonce, ...form } = request.form
      assert.deepStrictEqual(form, {
        Action: "AssumeRole",
        Version: "2015-04-01",
        Format: "JSON",
        Timestamp: "2026-01-02T03:04:05Z",
        AccessKeyId: defaults.accessKeyId,
        SignatureMethod: "HMAC-SHA1",
        SignatureVersion: "1.0",
        RoleArn: roleArn,
        RoleSessionName: "credentials-effect-0",
        DurationSeconds: "3600"
      })
      assert.match(Signature ?? "", /^[A-Za-z0-9+/]{27}=$/)
      assert.match(SignatureNonce ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      assert.deepStrictEqual(Object.keys(request.headers).sort(), [
        "accept",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "x-acs-credentials-provider"
      ])
      assert.strictEqual(request.headers["content-type"], "application/x-www-form-urlencoded")
      assert.match(request.headers["user-agent"] ?? "", /^effect-alicloud-credentials\/\d+\.\d+\.\d+$/)
      assert.strictEqual(request.headers["x-acs-credentials-provider"], "static_ak")
      assert.notInclude(JSON.stringify(request), defaults.accessKeySecret)
      assert.strictEqual(session.provider, "ram_role_arn/static_ak")
      assert.match(session.accessKeyId, /^STS\./)
      assert.strictEqual(expirationOf(session), 1_767_323_045_000 + 3_600_000)
    }).pipe(Effect.provide(make())))

  it.effect("has every option that was given", () =>
    Effect.gen(function*() {
      yield* get
      const { form } = yield* onlyRequest
      assert.strictEqual(form["Policy"], policy)
      assert.strictEqual(form["ExternalId"], "a+b=c/d:e@f")
      assert.strictEqual(form["RoleSessionName"], "o.brien@home_1-x")
      assert.strictEqual(form["DurationSeconds"], "7200")
    }).pipe(Effect.provide(make({
      policy,
      externalId: "a+b=c/d:e@f",
      roleSessionName: "o.brien@home_1-x",
      duration: "2 hours"
    }))))

  const policy =
    "{\n \"Statement\": [{\"Action\": [\"*\"],\"Effect\": \"Allow\",\"Resource\": [\"桶-📦/*~!'()&=+%20\"]}]}"

  it.effect("has no option that is empty", () =>
    Effect.gen(function*() {
      yield* get
      const { form } = yield* onlyRequest
      assert.notProperty(form, "Policy")
      assert.notProperty(form, "ExternalId")
      assert.notProperty(form, "SecurityToken")
      assert.strictEqual(form["RoleSessionName"], "credentials-effect-0")
    }).pipe(Effect.provide(make({ policy: "", externalId: "", roleSessionName: "" }))))

  it.effect("keeps its session name when it is renewed, and never a nonce", () =>
    Effect.gen(function*() {
      for (let round = 0; round < 3; round++) {
        yield* TestClock.adjust("1 minute")
        yield* renew
      }
      const all = yield* requests
      assert.lengthOf(all, 4)
      assert.deepStrictEqual(new Set(all.map(({ form }) => form["RoleSessionName"])), new Set(["credentials-effect-0"]))
      assert.strictEqual(new Set(all.map(({ form }) => form["SignatureNonce"])).size, 4)
      assert.deepStrictEqual(all.map(({ form }) => form["Timestamp"]?.slice(14, 19)), [
        "01:00",
        "01:00",
        "02:00",
        "03:00"
      ])
    }).pipe(Effect.provide(make())))

  it.effect("has a new nonce, timestamp and signature at each attempt", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 503, headers: { "retry-after": "2" }, times: 2 })
      const { millis } = yield* elapsed(get)
      assert.strictEqual(millis, 4000)
      const all = yield* requests
      assert.deepStrictEqual(all.map(({ form }) => form["Timestamp"]?.slice(17, 19)), ["00", "02", "04"])
      assert.strictEqual(new Set(all.map(({ form }) => form["SignatureNonce"])).size, 3)
      assert.strictEqual(new Set(all.map(({ form }) => form["Signature"])).size, 3)
    }).pipe(Effect.provide(make())))

  it.effect("does not send the name of a provider that no header may hold", () =>
    Effect.gen(function*() {
      yield* get
      assert.notProperty((yield* onlyRequest).headers, "x-acs-credentials-provider")
    }).pipe(Effect.provide(make(
      {},
      {},
      StaticCredentials.layer(Credentials.AccessKey({
        provider: "mine\r\nx-evil: 1",
        accessKeyId: defaults.accessKeyId,
        accessKeySecret: Redacted.make(defaults.accessKeySecret)
      }))
    ))))
})

describe("where STS is asked", () => {
  const endpoint = "ALIBABA_CLOUD_STS_ENDPOINT"
  const region = "ALIBABA_CLOUD_STS_REGION"
  const vpc = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"

  const cases: ReadonlyArray<readonly [string, RamRoleArn.StsEndpoint | undefined, Record<string, string>, string]> = [
    ["nowhere said", undefined, {}, "sts.aliyuncs.com"],
    ["empty variables", {}, { [endpoint]: "", [region]: "", [vpc]: "" }, "sts.aliyuncs.com"],
    ["region variable", undefined, { [region]: "cn-a" }, "sts.cn-a.aliyuncs.com"],
    ["VPC variable", undefined, { [region]: "cn-a", [vpc]: " True " }, "sts-vpc.cn-a.aliyuncs.com"],
    ["other words for true", undefined, { [region]: "cn-a", [vpc]: "yes" }, "sts.cn-a.aliyuncs.com"],
    [
      "endpoint variable",
      undefined,
      { [region]: "cn-a", [endpoint]: "sts.cn-b.aliyuncs.com" },
      "sts.cn-b.aliyuncs.com"
    ],
    ["region option", { region: "cn-c" }, { [endpoint]: "sts.cn-b.aliyuncs.com" }, "sts.cn-c.aliyuncs.com"],
    ["VPC option false", { region: "cn-c", vpc: false }, { [vpc]: "true" }, "sts.cn-c.aliyuncs.com"],
    ["endpoint option", { endpoint: "https://sts.cn-d.aliyuncs.com/", region: "cn-c" }, {}, "sts.cn-d.aliyuncs.com"]
  ]
  for (const [name, sts, entries, host] of cases) {
    it.effect(`${name}: ${host}`, () =>
      Effect.gen(function*() {
        yield* get
        assert.strictEqual((yield* onlyRequest).host, host)
      }).pipe(Effect.provide(make({ sts }, { variables: entries }))))
  }

  it.effect("warns that the VPC endpoint needs a region, once", () => {
    const { layer, lines } = logs()
    return Effect.gen(function*() {
      yield* get
      yield* renew
      assert.strictEqual((yield* seen)[0], "POST sts.aliyuncs.com/")
      assert.lengthOf(lines, 1)
      assert.match(lines[0] ?? "", /^WARN .*VPC.*region.*sts\.aliyuncs\.com/)
    }).pipe(Effect.provide(make({}, { variables: { [vpc]: "true" } }).pipe(Layer.provide(layer))))
  })

  it.effect("refuses a bad variable by its name and without its value", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assert.include(error.message, endpoint)
      assert.notInclude(error.message, "bad/host")
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(make({}, { variables: { [endpoint]: "bad/host" } }))))
})

describe("options that are not valid", () => {
  it.effect("fail every get, all of them named at once, without their values and without a request", () =>
    Effect.gen(function*() {
      for (let round = 0; round < 2; round++) {
        const error = yield* failure
        assert.strictEqual(error._tag === "CredentialsMisconfigured" && error.provider, "ram_role_arn/static_ak")
        for (const option of ["roleArn", "roleSessionName", "duration", "policy", "externalId", "sts.endpoint"]) {
          assert.include(error.message, option)
        }
        assertShowsNone(error, ["bad-arn", "bad name", "bad-policy", "bad id", "bad/host"])
      }
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(make({
      roleArn: "bad-arn",
      roleSessionName: "bad name",
      duration: "10 minutes",
      policy: "bad-policy",
      externalId: "bad id",
      sts: { endpoint: "bad/host" }
    }))))

  it.effect("stop at start with eager", () =>
    Effect.gen(function*() {
      const layer = CredentialProvider.eager(RamRoleArn.layer({ roleArn: "bad" })).pipe(
        Layer.provide(Layer.mergeAll(user, LocalCloud.layer())),
        Layer.provide(variables())
      )
      const error = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
    }))

  it.effect("a bearer token cannot assume a role", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assert.include(error.message, "bearer")
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(make({}, {}, StaticCredentials.layerBearerToken(Redacted.make("bearer-word"))))))

  it.effect("an error of the provider below comes through as it is", () => {
    const below = new CredentialError.CredentialsUnavailable({ provider: "below", reason: "out of reach" })
    return Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error.message, below.message)
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(make({}, {}, TestCredentialProvider.layerFailing(below))))
  })
})

describe("role chaining", () => {
  const thirdRoleArn = `acs:ram::${defaults.accountId}:role/third-role`
  const trusted = (arn: string, by: string) => ({ arn, trusted: [by], maxSession: "12 hours" }) as const
  const world = {
    roles: [
      trusted(roleArn, `acs:ram::${defaults.accountId}:user/local-user`),
      trusted(otherRoleArn, roleArn),
      trusted(thirdRoleArn, otherRoleArn)
    ]
  }
  const three = RamRoleArn.layer({ roleArn: thirdRoleArn, duration: "15 minutes", refresh: { jitter: 0 } }).pipe(
    Layer.provide(RamRoleArn.layer({ roleArn: otherRoleArn, duration: "30 minutes", refresh: { jitter: 0 } })),
    Layer.provide(RamRoleArn.layer({ roleArn, refresh: { jitter: 0 } })),
    Layer.provide(user)
  )

  it.effect("goes from the inside out, each role with the session of the one below", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const session = yield* getSession
      assert.strictEqual(session.provider, "ram_role_arn/ram_role_arn/ram_role_arn/static_ak")
      const all = yield* cloud.requests
      assert.deepStrictEqual(all.map(({ form }) => form["RoleArn"]), [roleArn, otherRoleArn, thirdRoleArn])
      assert.deepStrictEqual(all.map(({ headers }) => headers["x-acs-credentials-provider"]), [
        "static_ak",
        "ram_role_arn/static_ak",
        "ram_role_arn/ram_role_arn/static_ak"
      ])
      assert.deepStrictEqual(all.map(({ form }) => "SecurityToken" in form), [false, true, true])
      assert.strictEqual(all[0]?.accessKeyId, defaults.accessKeyId)
      assert.strictEqual(new Set(all.map(({ accessKeyId }) => accessKeyId)).size, 3)
    }).pipe(Effect.provide(overCloud(three, { world }))))

  it.effect("renews only what ends", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* get
      yield* cloud.clearRequests
      yield* TestClock.adjust("16 minutes")
      yield* get
      assert.deepStrictEqual((yield* cloud.requests).map(({ form }) => form["RoleArn"]), [thirdRoleArn])
    }).pipe(Effect.provide(overCloud(three, { world }))))

  it.effect("fails with the error of the role that was refused", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 403, code: "NoPermission", skip: 1 })
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.provider, "ram_role_arn/ram_role_arn/static_ak")
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(overCloud(three, { world }))))

  it.effect("replaces a session below that was revoked, once, and tries again", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* get
      const inner = (yield* cloud.requests)[2]?.accessKeyId ?? ""
      yield* cloud.revoke(inner)
      yield* cloud.clearRequests
      const session = yield* Effect.flatMap(renew, () => getSession)
      assert.match(session.accessKeyId, /^STS\./)
      const all = yield* cloud.requests
      assert.deepStrictEqual(all.map(({ code, form }) => [form["RoleArn"], code]), [
        [thirdRoleArn, "InvalidSecurityToken.Expired"],
        [otherRoleArn, undefined],
        [thirdRoleArn, undefined]
      ])
      assert.notStrictEqual(all[2]?.accessKeyId, inner)
    }).pipe(Effect.provide(overCloud(three, { world }))))
})

describe("a base that STS refuses", () => {
  const wrongKey = (id: string) =>
    Credentials.AccessKey({ provider: "mine", accessKeyId: id, accessKeySecret: Redacted.make("wrong-secret-word") })

  it.effect("is asked for again once, and is not when it gives the same", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.code, "InvalidAccessKeyId.NotFound")
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(make({}, {}, StaticCredentials.layer(wrongKey("LTAI5tNobody"))))))

  it.effect("that is another one but no better ends the matter after two requests", () => {
    let asked = 0
    const refused: Array<string> = []
    const base = Layer.succeed(CredentialProvider.CredentialProvider, {
      name: "mine",
      get: Effect.sync(() => wrongKey(`LTAI5tNobody${++asked}`)),
      invalidate: (credentials: Credentials.Credentials) =>
        Effect.sync(() => {
          if (credentials._tag === "AccessKey") refused.push(credentials.accessKeyId)
        })
    })
    return Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.code, "InvalidAccessKeyId.NotFound")
      assert.deepStrictEqual(refused, ["LTAI5tNobody1"])
      assert.strictEqual(asked, 2)
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(make({}, {}, base)))
  })

  for (const code of ["NoPermission", "SignatureDoesNotMatch", "EntityNotExist.Role", "InvalidParameter"]) {
    it.effect(`is not told of ${code}`, () =>
      Effect.gen(function*() {
        const control = yield* TestCredentialProvider.TestCredentialProvider
        yield* fault({ kind: "status", status: 403, code, ...always })
        yield* failure
        assert.deepStrictEqual(yield* control.invalidated, [])
        assert.strictEqual(yield* control.gets, 1)
        assert.strictEqual(yield* count, 1)
      }).pipe(Effect.provide(
        overCloud(RamRoleArn.layer({ roleArn }), {}).pipe(Layer.provideMerge(TestCredentialProvider.layer()))
      )))
  }

  it.effect("is told of the credentials that were refused", () =>
    Effect.gen(function*() {
      const control = yield* TestCredentialProvider.TestCredentialProvider
      yield* failure
      assert.deepStrictEqual(yield* control.invalidated, [TestCredentialProvider.stsToken()])
      assert.strictEqual(yield* control.gets, 2)
    }).pipe(Effect.provide(
      overCloud(RamRoleArn.layer({ roleArn }), {}).pipe(Layer.provideMerge(TestCredentialProvider.layer()))
    )))
})

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
    }).pipe(Effect.provide(make())))

  it.effect("500 twice costs nobody an error", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 500, times: 2 })
      const { value } = yield* elapsed(get)
      assert.strictEqual(value._tag, "StsToken")
      assert.strictEqual(yield* count, 3)
    }).pipe(Effect.provide(make())))

  for (const code of ["Throttling", "Throttling.User", "ServiceUnavailable"]) {
    it.effect(`400 ${code} is tried again as 500 is`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "status", status: 400, code, times: 2 })
        yield* elapsed(get)
        assert.strictEqual(yield* count, 3)
      }).pipe(Effect.provide(make())))
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
      }).pipe(Effect.provide(make())))
  }

  it.effect("a refusal is not tried again", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 403, code: "NoPermission", ...always })
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.match(error.hint ?? "", /trust policy/)
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(make())))

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
    }).pipe(Effect.provide(make())))

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
      }).pipe(Effect.provide(make({ refresh: { jitter: 0, ...refresh } }))))
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
    }).pipe(Effect.provide(make())))

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
    }).pipe(Effect.provide(make())))
})

describe("bodies that are not what they should be", () => {
  it.effect("HTML", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "malformed" })
      const error = yield* failure
      assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, ["the body is not JSON"])
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(make())))

  for (const field of ["AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"]) {
    it.effect(`without ${field}`, () =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        yield* fault({ kind: "missing", fields: [field] })
        const error = yield* failure
        assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, [`Credentials.${field}: Missing`])
        assertShowsNone(error, yield* cloud.secrets)
      }).pipe(Effect.provide(make())))
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
      assert.deepStrictEqual(error.issues.map((issue) => issue.split(":")[0]), [
        "Credentials.AccessKeyId",
        "Credentials.AccessKeySecret",
        "Credentials.SecurityToken",
        "Credentials.Expiration"
      ])
      assertShowsNone(error, ["leak-1", "leak-2"])
    }).pipe(Effect.provide(make())))

  it.effect("200 without Credentials", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "malformed", body: "{\"RequestId\":\"1\"}" })
      const error = yield* failure
      assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, ["Credentials: Missing"])
    }).pipe(Effect.provide(make())))

  for (const status of [201, 204]) {
    it.effect(`status ${status}`, () =>
      Effect.gen(function*() {
        yield* fault({ kind: "malformed", status, body: "{}" })
        const error = yield* failure
        assert.strictEqual(error._tag === "CredentialsRejected" && error.status, status)
      }).pipe(Effect.provide(make())))
  }

  it.effect("a redirect, which is not followed", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "redirect", location: "https://sts.cn-evil.aliyuncs.com/", ...always })
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.status, 302)
      assert.include(error.message, "redirects are not followed")
      assert.deepStrictEqual(yield* seen, ["POST sts.aliyuncs.com/"])
    }).pipe(Effect.provide(make())))
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
      }).pipe(Effect.provide(make())))
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
      }).pipe(Effect.provide(make())))
  }

  it.effect("a difference of seconds says nothing", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "skew", millis: 20_000, ...always })
      assert.strictEqual(expirationOf(yield* get), 3_620_000)
      yield* renew
      assert.strictEqual((yield* requests)[1]?.form["Timestamp"], "1970-01-01T00:00:00Z")
    }).pipe(Effect.provide(make())))

  it.effect("a timestamp that is refused although the clocks agree is an error with a hint", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 400, code: "InvalidTimeStamp.Expired", ...always })
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.match(error.hint ?? "", /clock/)
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(make())))

  it.effect("a server that refuses by its own clock too is asked twice and no more", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "skew", millis: 3_600_000, of: "date", ...always })
      yield* fault({ kind: "status", status: 400, code: "InvalidTimeStamp.Expired", ...always })
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(make())))

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
    }).pipe(Effect.provide(make())))
})

describe("what errors show", () => {
  it.effect("of a signature that does not match: neither the string to sign nor a secret", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.code, "SignatureDoesNotMatch")
      assert.match(error.hint ?? "", /secret is not the one/)
      assertShowsNone(error, ["wrong-secret-word", "server string to sign", "%252F", "POST&", "SignatureNonce", "HMAC"])
    }).pipe(Effect.provide(make(
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
    }).pipe(Effect.provide(make())))

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
    }).pipe(Effect.provide(make({}, {}, TestCredentialProvider.layer()))))
})

describe("RamRoleArn by configuration", () => {
  it.effect("layerConfig takes every option from configuration, also the nested ones", () =>
    Effect.gen(function*() {
      yield* get
      const { form, host } = yield* onlyRequest
      assert.strictEqual(host, "sts-vpc.cn-hangzhou.aliyuncs.com")
      assert.strictEqual(form["RoleArn"], roleArn)
      assert.strictEqual(form["DurationSeconds"], "1800")
      assert.strictEqual(form["RoleSessionName"], "billing")
    }).pipe(Effect.provide(overCloud(
      RamRoleArn.layerConfig({
        roleArn: Config.string("BILLING_ROLE"),
        roleSessionName: Config.succeed("billing"),
        duration: Config.duration("BILLING_SESSION"),
        sts: { region: Config.string("BILLING_REGION"), vpc: Config.boolean("BILLING_VPC") }
      }).pipe(Layer.provide(user)),
      {
        variables: {
          BILLING_ROLE: roleArn,
          BILLING_SESSION: "30 minutes",
          BILLING_REGION: "cn-hangzhou",
          BILLING_VPC: "true"
        }
      }
    ))))

  it.effect("layerConfig fails to build with the name of what is missing", () =>
    Effect.gen(function*() {
      const layer = RamRoleArn.layerConfig({ roleArn: Config.string("BILLING_ROLE") }).pipe(Layer.provide(user))
      const error = yield* Effect.flip(Effect.scoped(Layer.build(overCloud(layer))))
      assert.include(renderValue(error), "BILLING_ROLE")
    }))

  const env = RamRoleArn.layerEnv.pipe(Layer.provide(user))

  it.effect("layerEnv takes the role and the session name of the variables", () =>
    Effect.gen(function*() {
      yield* get
      const { form } = yield* onlyRequest
      assert.deepStrictEqual([form["RoleArn"], form["RoleSessionName"]], [roleArn, "from-env"])
    }).pipe(Effect.provide(overCloud(env, {
      variables: { ALIBABA_CLOUD_ROLE_ARN: roleArn, ALIBABA_CLOUD_ROLE_SESSION_NAME: "from-env" }
    }))))

  for (const entries of [{}, { ALIBABA_CLOUD_ROLE_ARN: "" }, { ALIBABA_CLOUD_ROLE_SESSION_NAME: "x-y" }]) {
    it.effect(`layerEnv is not configured with ${JSON.stringify(entries)}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Effect.scoped(Layer.build(overCloud(env, { variables: entries }))))
        assert.strictEqual(error._tag, "CredentialsNotConfigured")
        assert.include(error.message, "ALIBABA_CLOUD_ROLE_ARN")
      }))
  }

  it.effect("layer reads no identity from the variables", () =>
    Effect.gen(function*() {
      yield* get
      const { form } = yield* onlyRequest
      assert.deepStrictEqual([form["RoleArn"], form["RoleSessionName"]], [roleArn, "credentials-effect-0"])
    }).pipe(Effect.provide(make({}, {
      variables: { ALIBABA_CLOUD_ROLE_ARN: otherRoleArn, ALIBABA_CLOUD_ROLE_SESSION_NAME: "from-env" }
    }))))
})

describe("callers of one provider", () => {
  it.effect("share one request, and one that gives up costs the others nothing", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "delay", delay: "1 second" })
      const impatient = Effect.timeoutOption(get, "100 millis")
      const { value } = yield* elapsed(Effect.all([impatient, get, get, impatient], { concurrency: "unbounded" }))
      assert.isTrue(Option.isNone(value[0]) && Option.isNone(value[3]))
      assert.strictEqual(value[1], value[2])
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(make())))

  it.effect("are interrupted with the scope of the provider", () =>
    Effect.gen(function*() {
      const provider = yield* CredentialProvider.CredentialProvider.pipe(Effect.provide(make()))
      assert.isTrue(Exit.isInterrupted(yield* Effect.exit(provider.get)))
    }))
})
