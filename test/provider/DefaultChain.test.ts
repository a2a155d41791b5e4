/**
 * The default chain in typical environments: what is configured, what responds, whose credentials are used, and which
 * requests are sent.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Cause, Effect, Exit, Fiber, Layer, Option, TestClock } from "effect"
import { CredentialChain, CredentialProvider, DefaultChain } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { always, defaults } from "../support/cloud.ts"
import { machine } from "../support/machine.ts"
import { memoryFiles } from "../support/memoryFiles.ts"

interface Scenario {
  readonly name: string
  readonly variables?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly faults?: ReadonlyArray<LocalCloud.Fault>
  readonly rule?: "strict"
  /** The provider of the credentials, or the tags of the reasons. */
  readonly gives: string | ReadonlyArray<string>
  readonly requests: ReadonlyArray<string>
}

const env = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: defaults.accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: defaults.accessKeySecret
}
const oidcVariables = {
  ALIBABA_CLOUD_ROLE_ARN: defaults.roleArn,
  ALIBABA_CLOUD_OIDC_PROVIDER_ARN: defaults.oidcProviderArn,
  ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/token"
}
const uriVariables = { ALIBABA_CLOUD_CREDENTIALS_URI: defaults.credentialsUri }
const tokenFileText = { "/token": `${defaults.oidcToken}\n` }
/** The firmware of an instance, with which the metadata service is waited for longer. */
const instanceHardware = { "/sys/class/dmi/id/sys_vendor": "Alibaba Cloud\n" }
const homeVariables = { HOME: "/home/me" }
const cliConfig = (...profiles: ReadonlyArray<object>) => ({
  "/home/me/.aliyun/config.json": JSON.stringify({ current: "default", profiles })
})
const cliProfile = cliConfig({ name: "default", mode: "BearerToken", bearer_token: "of config.json" })
const iniFile = (name: string, keys: string) => ({
  "/home/me/.alibabacloud/credentials.ini": `[${name}]\n${keys}`
})
const iniProfile = iniFile("default", "type=bearer\nbearer_token=of the INI file")
const noInstance: LocalCloud.Fault = { service: "imds", kind: "disconnect", ...always }
const instance = ["imds token", "imds role", "imds credential"]
const noAnswer = ["imds token", "imds role"]
const unset = "CredentialsNotConfigured"

const scenarios: ReadonlyArray<Scenario> = [
  {
    name: "prefers the environment if everything is configured",
    variables: { ...env, ...oidcVariables, ...uriVariables },
    files: tokenFileText,
    gives: "env",
    requests: []
  },
  {
    name: "uses the role of a pod",
    variables: { ...oidcVariables, ...uriVariables },
    files: tokenFileText,
    gives: "oidc_role_arn",
    requests: ["sts AssumeRoleWithOIDC"]
  },
  {
    name: "uses config.json before the INI file, the instance and the URI",
    variables: { ...homeVariables, ...uriVariables },
    files: { ...cliProfile, ...iniProfile },
    gives: "cli_profile/bearer",
    requests: []
  },
  {
    name: "uses the INI file if config.json is disabled",
    variables: { ...homeVariables, ...uriVariables, ALIBABA_CLOUD_CLI_PROFILE_DISABLED: "true" },
    files: { ...cliProfile, ...iniProfile },
    rule: "strict",
    gives: "profile/bearer",
    requests: []
  },
  {
    name: "uses the INI file if it is the only one",
    variables: homeVariables,
    files: iniProfile,
    rule: "strict",
    gives: "profile/bearer",
    requests: []
  },
  {
    name: "finds a named profile in the second file, by the default rule",
    variables: { ...homeVariables, ALIBABA_CLOUD_PROFILE: "client1" },
    files: { ...cliProfile, ...iniFile("client1", "type=bearer\nbearer_token=t") },
    gives: "profile/bearer",
    requests: []
  },
  {
    name: "stops at a named profile that is in no file, by the strict rule",
    variables: { ...homeVariables, ALIBABA_CLOUD_PROFILE: "client1" },
    files: iniProfile,
    rule: "strict",
    gives: [unset, unset, unset, "CredentialsMisconfigured"],
    requests: []
  },
  {
    name: "skips an invalid config.json, by the default rule",
    variables: homeVariables,
    files: { "/home/me/.aliyun/config.json": "{ \"profiles\": {} }", ...iniProfile },
    gives: "profile/bearer",
    requests: []
  },
  {
    name: "stops at an invalid config.json, by the strict rule",
    variables: homeVariables,
    files: { "/home/me/.aliyun/config.json": "{ \"profiles\": {} }", ...iniProfile },
    rule: "strict",
    gives: [unset, unset, "CredentialsMisconfigured"],
    requests: []
  },
  {
    name: "stops at an invalid INI file, by the strict rule",
    variables: homeVariables,
    files: iniFile("default", "type=access_key"),
    rule: "strict",
    gives: [unset, unset, unset, "CredentialsMisconfigured"],
    requests: []
  },
  {
    name: "skips an INI file without a default section",
    variables: homeVariables,
    files: iniFile("other", "type=access_key"),
    rule: "strict",
    faults: [],
    gives: "ecs_ram_role",
    requests: instance
  },
  { name: "uses the role of an instance", files: instanceHardware, gives: "ecs_ram_role", requests: instance },
  {
    name: "uses the named role of an instance",
    variables: { ALIBABA_CLOUD_ECS_METADATA: defaults.instanceRole },
    gives: "ecs_ram_role",
    requests: ["imds token", "imds credential"]
  },
  {
    name: "uses the credentials URI if this is no instance",
    variables: uriVariables,
    faults: [noInstance],
    gives: "credential_uri",
    requests: [...noAnswer, "uri credential"]
  },
  {
    name: "uses the credentials URI if the metadata service is disabled",
    variables: { ...uriVariables, ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" },
    gives: "credential_uri",
    requests: ["uri credential"]
  },
  {
    name: "fails if nothing is configured",
    faults: [noInstance],
    gives: DefaultChain.links.map(() => unset),
    requests: noAnswer
  },
  {
    name: "skips half a key pair, by the default rule",
    variables: { ALIBABA_CLOUD_ACCESS_KEY_ID: "id" },
    gives: "ecs_ram_role",
    requests: instance
  },
  {
    name: "stops at half a key pair, by the strict rule",
    variables: { ALIBABA_CLOUD_ACCESS_KEY_ID: "id" },
    rule: "strict",
    gives: ["CredentialsMisconfigured"],
    requests: []
  },
  {
    name: "uses the role of the node if the role of the pod is refused, by the default rule",
    variables: oidcVariables,
    files: { "/token": "not the token" },
    gives: "ecs_ram_role",
    requests: ["sts AssumeRoleWithOIDC", ...instance]
  },
  {
    name: "stops if the role of the pod is refused, by the strict rule",
    variables: oidcVariables,
    files: { "/token": "not the token" },
    rule: "strict",
    gives: [unset, "CredentialsRejected"],
    requests: ["sts AssumeRoleWithOIDC"]
  },
  {
    name: "skips an instance without a role, by the strict rule",
    variables: uriVariables,
    faults: [{ service: "imds", operation: "role", kind: "status", status: 404 }],
    rule: "strict",
    gives: "credential_uri",
    requests: [...noAnswer, "uri credential"]
  }
]

/** Advances the clock, so that pauses between attempts end. */
const withTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    while ((yield* Fiber.poll(fiber))._tag === "None") yield* TestClock.adjust("100 millis")
    return yield* Fiber.join(fiber)
  })

const outside = (scenario: Scenario) =>
  Layer.suspend(() => machine(memoryFiles(scenario.files), scenario.variables ?? {}))

const chainOf = ({ rule }: Scenario) => rule === "strict" ? DefaultChain.layerStrict : DefaultChain.layer

describe("the default chain", () => {
  it("has the links of the official tools, in the same order", () => {
    assert.deepStrictEqual(DefaultChain.links.map((link) => link.name), [
      "env",
      "oidc_role_arn",
      "cli_profile",
      "profile",
      "ecs_ram_role",
      "credential_uri"
    ])
  })

  for (const scenario of scenarios) {
    it.effect(scenario.name, () =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        yield* Effect.forEach(scenario.faults ?? [], cloud.fault)
        const exit = yield* withTime(Effect.exit(CredentialProvider.get))
        const gave = Exit.match(Exit.mapError(exit, (error) => error), {
          onSuccess: (credentials): unknown => credentials.provider,
          onFailure: (cause) => {
            const error = Option.getOrUndefined(Cause.failureOption(cause))
            return error?._tag === "CredentialChainError" ? error.attempts.map((attempt) => attempt._tag) : cause
          }
        })
        assert.deepStrictEqual(gave, scenario.gives)
        const asked = (yield* cloud.requests).map(({ operation, service }) => `${service} ${operation}`)
        assert.deepStrictEqual(asked, scenario.requests)
      }).pipe(Effect.provide(Layer.provideMerge(chainOf(scenario), outside(scenario)))))
  }

  it.effect("is searched once for all concurrent callers", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const provider = yield* CredentialProvider.CredentialProvider
      const readers = yield* Effect.forEach(Arr.range(1, 1000), () => Effect.fork(provider.get))
      const ids = (yield* withTime(Effect.forEach(readers, Fiber.join))).map((credentials) => credentials.provider)
      assert.deepStrictEqual(Arr.dedupe(ids), ["ecs_ram_role"])
      assert.strictEqual(yield* cloud.count(), 3)
    }).pipe(Effect.provide(Layer.provideMerge(DefaultChain.layer, outside({ name: "", gives: "", requests: [] })))))

  it.effect("finds a source that appears after a failed search", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault(noInstance)
      const error = yield* withTime(Effect.flip(CredentialProvider.get))
      assert.strictEqual(error._tag, "CredentialChainError")
      yield* cloud.clearFaults
      // The absence of the metadata service is cached for a minute.
      assert.strictEqual((yield* Effect.flip(CredentialProvider.get))._tag, "CredentialChainError")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* withTime(CredentialProvider.get)).provider, "ecs_ram_role")
    }).pipe(Effect.provide(Layer.provideMerge(DefaultChain.layer, outside({ name: "", gives: "", requests: [] })))))

  it.effect("keeps the session of the instance through an outage, and switches to no other identity", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const first = yield* withTime(CredentialProvider.get)
      yield* cloud.fault(noInstance)
      yield* TestClock.adjust("5 hours")
      yield* TestClock.adjust("50 minutes")
      for (let minute = 0; minute < 9; minute++) {
        assert.strictEqual(yield* CredentialProvider.get, first)
        yield* TestClock.adjust("1 minute")
      }
      yield* cloud.clearFaults
      yield* withTime(CredentialProvider.get)
      yield* TestClock.adjust("11 seconds")
      const second = yield* withTime(CredentialProvider.get)
      assert.strictEqual(second.provider, "ecs_ram_role")
      assert.notStrictEqual(second, first)
    }).pipe(
      Effect.provide(
        Layer.provideMerge(
          CredentialChain.layer(DefaultChain.links),
          outside({ name: "", variables: uriVariables, gives: "", requests: [] })
        )
      )
    ))
})
