import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Layer, Redacted, TestClock } from "effect"
import {
  CredentialError,
  CredentialProvider,
  Credentials,
  RamRoleArn,
  StaticCredentials
} from "effect-alicloud-credentials"
import { LocalCloud, TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { elapsed } from "../support/clock.ts"
import { count, defaults, fault, overCloud, requests, seen, user } from "../support/cloud.ts"
import { logs } from "../support/logs.ts"
import { failure, get, getSession, renew } from "../support/provider.ts"
import { expirationOf, onlyRequest, otherRoleArn, roleArn, roleSource } from "../support/ramRoleArn.ts"
import { assertShowsNone, renderValue } from "../support/renderings.ts"
import { variables } from "../support/variables.ts"

describe("the AssumeRole request", () => {
  it.effect("is a POST with all parameters in its form and none in its URL", () =>
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
        "accept-encoding",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "x-acs-credentials-provider"
      ])
      assert.strictEqual(request.headers["content-type"], "application/x-www-form-urlencoded")
      assert.strictEqual(request.headers["accept"], "application/json")
      assert.match(request.headers["user-agent"] ?? "", /^effect-alicloud-credentials\/\d+\.\d+\.\d+$/)
      assert.strictEqual(request.headers["x-acs-credentials-provider"], "static_ak")
      assert.notInclude(JSON.stringify(request), defaults.accessKeySecret)
      assert.strictEqual(session.provider, "ram_role_arn/static_ak")
      assert.match(session.accessKeyId, /^STS\./)
      assert.strictEqual(expirationOf(session), 1_767_323_045_000 + 3_600_000)
    }).pipe(Effect.provide(roleSource())))

  it.effect("has a parameter for every option", () =>
    Effect.gen(function*() {
      yield* get
      const { form } = yield* onlyRequest
      assert.strictEqual(form["Policy"], policy)
      assert.strictEqual(form["ExternalId"], "a+b=c/d:e@f")
      assert.strictEqual(form["RoleSessionName"], "o.brien@home_1-x")
      assert.strictEqual(form["DurationSeconds"], "7200")
    }).pipe(Effect.provide(roleSource({
      policy,
      externalId: "a+b=c/d:e@f",
      roleSessionName: "o.brien@home_1-x",
      duration: "2 hours"
    }))))

  const policy =
    "{\n \"Statement\": [{\"Action\": [\"*\"],\"Effect\": \"Allow\",\"Resource\": [\"桶-📦/*~!'()&=+%20\"]}]}"

  it.effect("has no parameter for an empty option", () =>
    Effect.gen(function*() {
      yield* get
      const { form } = yield* onlyRequest
      assert.notProperty(form, "Policy")
      assert.notProperty(form, "ExternalId")
      assert.notProperty(form, "SecurityToken")
      assert.strictEqual(form["RoleSessionName"], "credentials-effect-0")
    }).pipe(Effect.provide(roleSource({ policy: "", externalId: "", roleSessionName: "" }))))

  it.effect("has the same session name and a new nonce at each renewal", () =>
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
    }).pipe(Effect.provide(roleSource())))

  it.effect("has a new nonce, timestamp and signature at each retry", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 503, headers: { "retry-after": "2" }, times: 2 })
      const { millis } = yield* elapsed(get)
      assert.strictEqual(millis, 6000)
      const all = yield* requests
      assert.deepStrictEqual(all.map(({ form }) => form["Timestamp"]?.slice(17, 19)), ["00", "02", "06"])
      assert.strictEqual(new Set(all.map(({ form }) => form["SignatureNonce"])).size, 3)
      assert.strictEqual(new Set(all.map(({ form }) => form["Signature"])).size, 3)
    }).pipe(Effect.provide(roleSource())))

  it.effect("does not send a provider name that is not allowed in a header", () =>
    Effect.gen(function*() {
      yield* get
      assert.notProperty((yield* onlyRequest).headers, "x-acs-credentials-provider")
    }).pipe(Effect.provide(roleSource(
      {},
      {},
      StaticCredentials.layer(Credentials.AccessKey({
        provider: "mine\r\nx-evil: 1",
        accessKeyId: defaults.accessKeyId,
        accessKeySecret: Redacted.make(defaults.accessKeySecret)
      }))
    ))))
})

describe("the STS host", () => {
  const endpoint = "ALIBABA_CLOUD_STS_ENDPOINT"
  const vpc = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"

  it.effect("is global for a VPC endpoint without a region, with one warning", () => {
    const { layer, lines } = logs()
    return Effect.gen(function*() {
      yield* get
      yield* renew
      assert.strictEqual((yield* seen)[0], "POST sts.aliyuncs.com/")
      assert.lengthOf(lines, 1)
      assert.match(lines[0] ?? "", /^WARN .*VPC.*region.*sts\.aliyuncs\.com/)
    }).pipe(Effect.provide(roleSource({}, { variables: { [vpc]: "true" } }).pipe(Layer.provide(layer))))
  })

  it.effect("is used without a warning by default", () => {
    const { layer, lines } = logs()
    return Effect.gen(function*() {
      yield* get
      assert.deepStrictEqual(lines, [])
    }).pipe(Effect.provide(roleSource().pipe(Layer.provide(layer))))
  })

  it.effect("fails for a variable in quotes, which a shell would have removed", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert(error._tag === "CredentialsMisconfigured")
      assert.deepStrictEqual([error.provider, error.at], ["ram_role_arn/static_ak", "ALIBABA_CLOUD_STS_REGION"])
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(roleSource({}, { variables: { ALIBABA_CLOUD_STS_REGION: "\"cn-beijing\"" } }))))

  it.effect("fails for an invalid variable, naming it without its value", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assert.include(error.message, endpoint)
      assert.notInclude(error.message, "bad/host")
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(roleSource({}, { variables: { [endpoint]: "bad/host" } }))))
})

describe("invalid options of RamRoleArn", () => {
  it.effect("fail every get without a request, and are all named, without their values", () =>
    Effect.gen(function*() {
      for (let round = 0; round < 2; round++) {
        const error = yield* failure
        assert(error._tag === "CredentialsMisconfigured")
        assert.strictEqual(error.provider, "ram_role_arn/static_ak")
        assert.lengthOf(error.reason.split("; "), 6)
        for (const option of ["roleArn", "roleSessionName", "duration", "policy", "externalId", "sts.endpoint"]) {
          assert.include(error.message, option)
        }
        assertShowsNone(error, ["bad-arn", "bad name", "bad-policy", "bad id", "bad/host"])
      }
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(roleSource({
      roleArn: "bad-arn",
      roleSessionName: "bad name",
      duration: "10 minutes",
      policy: "bad-policy",
      externalId: "bad id",
      sts: { endpoint: "bad/host" }
    }))))

  it.effect("fail the build with eager", () =>
    Effect.gen(function*() {
      const layer = CredentialProvider.eager(RamRoleArn.layer({ roleArn: "bad" })).pipe(
        Layer.provide(Layer.mergeAll(user, LocalCloud.layer())),
        Layer.provide(variables())
      )
      const error = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
    }))

  it.effect("include a bearer token, which cannot assume a role", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assert.include(error.message, "bearer")
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(roleSource({}, {}, StaticCredentials.layerBearerToken(Redacted.make("bearer-word"))))))

  it.effect("do not include errors of the source provider, which are passed on unchanged", () => {
    const below = new CredentialError.CredentialsUnavailable({ provider: "below", reason: "unavailable" })
    return Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error.message, below.message)
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(roleSource({}, {}, TestCredentialProvider.layerFailing(below))))
  })
})

describe("RamRoleArn", () => {
  it.effect("layerConfig reads every option from Config, including nested ones", () =>
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

  it.effect("layerConfig fails to build if an option is missing, and names it", () =>
    Effect.gen(function*() {
      const layer = RamRoleArn.layerConfig({ roleArn: Config.string("BILLING_ROLE") }).pipe(Layer.provide(user))
      const error = yield* Effect.flip(Effect.scoped(Layer.build(overCloud(layer))))
      assert.include(renderValue(error), "BILLING_ROLE")
    }))

  const env = RamRoleArn.layerEnv.pipe(Layer.provide(user))

  it.effect("layerEnv takes the role and the session name from the variables", () =>
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
    }).pipe(Effect.provide(roleSource({}, {
      variables: { ALIBABA_CLOUD_ROLE_ARN: otherRoleArn, ALIBABA_CLOUD_ROLE_SESSION_NAME: "from-env" }
    }))))
})
