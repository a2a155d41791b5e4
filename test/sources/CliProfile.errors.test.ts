/**
 * Errors for an invalid profile, and what happens if the file cannot be written.
 */
import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, LogLevel, Redacted, Scope, TestClock } from "effect"
import { CliProfile } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { ak, failureOf, getId, getProfile } from "../support/cliProfile.ts"
import { defaults, withCloud } from "../support/cloud.ts"
import {
  cloudSsoFields,
  configOf,
  type Fields,
  keyFields,
  oauthFields,
  pathIn,
  readConfig,
  roleFields,
  withHome,
  writeConfig
} from "../support/configFiles.ts"
import { failingCall, faultyFiles } from "../support/faultyFiles.ts"
import { finalizersOf } from "../support/finalizers.ts"
import { logs } from "../support/logs.ts"

describe("a profile", () => {
  const errorOf = (profiles: ReadonlyArray<Fields>) =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf(profiles))
        const error = yield* failureOf()
        assert.strictEqual(error._tag, "CredentialsMisconfigured")
        return error.message.replaceAll(pathIn(home), "FILE")
      })
    ).pipe(withCloud)

  it.effect.each<[string, string]>([
    ["Anonymous", "Anonymous has no credentials)\n  fix: run: aliyun configure --profile p"],
    ["RsaKeyPair", "RsaKeyPair is not supported: Alibaba Cloud no longer issues such keys)"],
    ["ak", "\"ak\" is not a mode)\n  fix: write \"mode\": \"AK\""],
    ["ram-role-arn", "\"ram-role-arn\" is not a mode)\n  fix: write \"mode\": \"RamRoleArn\""],
    ["constructor", "\"constructor\" is not a mode)\n  fix: write \"mode\": \"AK\""],
    ["LTAI5tQwErTyUiOpAsDfGhJk", "text that cannot be shown is not a mode)"],
    ["qWkZtRmPlKbNvCxSdFgHjKlMnBvCxZ", "text that cannot be shown is not a mode)"],
    ["x".repeat(65), "text that cannot be shown is not a mode)"]
  ])(
    "of mode %s is misconfigured",
    ([mode, reason]) =>
      Effect.map(
        errorOf([{ name: "p", mode, ...keyFields }]),
        (message) => assert.include(message, `misconfigured (FILE:4: profile "p": mode: ${reason}`)
      )
  )

  it.effect("values lose the blanks and line breaks around them", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const fields = { access_key_id: " LTAI.test\n", access_key_secret: "\r\nsecret ", sts_token: " \n" }
        yield* writeConfig(home, configOf([{ name: "p", mode: " AK\n", ...fields }]))
        const credentials = yield* getProfile()
        assert(credentials._tag === "AccessKey")
        assert.strictEqual(credentials.accessKeyId, "LTAI.test")
        assert.strictEqual(Redacted.value(credentials.accessKeySecret), "secret")
      })
    ).pipe(withCloud))

  it.effect.each<[string, Fields, string]>([
    ["quotes around it", { access_key_id: "\"a\"" }, "access_key_id has quotes around it"],
    [
      "a line break in it",
      { access_key_secret: "a\nb" },
      "access_key_secret holds a line break or another control character"
    ],
    ["nothing but blanks", { access_key_id: " \n" }, "access_key_id is missing"]
  ])("a value with %s is refused by its name", ([, fields, reason]) =>
    Effect.map(
      errorOf([{ name: "p", mode: "AK", ...keyFields, ...fields }]),
      (message) => assert.include(message, `misconfigured (FILE:4: profile "p": ${reason})`)
    ))

  it.effect("BearerToken gives the token without what no header can carry", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([{ name: "p", mode: "BearerToken", bearer_token: "to\r\nken\0" }]))
        const credentials = yield* getProfile()
        assert.strictEqual(credentials.provider, "cli_profile/bearer")
        assert(credentials._tag === "BearerToken")
        assert.strictEqual(Redacted.value(credentials.bearerToken), "token")
      })
    ).pipe(withCloud))

  const on = (name: string, source: unknown): Fields => ({
    name,
    mode: "ChainableRamRoleArn",
    ...roleFields,
    source_profile: source
  })

  it.effect.each<[string, ReadonlyArray<Fields>, string]>([
    [
      "the same profile",
      [on("a", "a")],
      "profile \"a\": source_profile: a cycle: \"a\" -> \"a\")\n" +
      "  fix: set source_profile of \"a\" to a profile outside of the cycle, or replace it with credentials of its own"
    ],
    [
      "one that uses it in turn",
      [on("a", "b"), on("b", "a")],
      "profile \"b\": source_profile: a cycle: \"a\" -> \"b\" -> \"a\""
    ],
    [
      "a cycle that it is not part of",
      [on("a", "b"), on("b", "c"), on("c", "b")],
      "profile \"c\": source_profile: a cycle: \"a\" -> \"b\" -> \"c\" -> \"b\""
    ],
    ["a profile that does not exist", [on("a", "b")], "profile \"a\": source_profile: no profile \"b\"; found: \"a\""],
    ["a missing name", [on("a", undefined)], "profile \"a\": source_profile: is missing"],
    ["a name that is not text", [on("a", 5)], "profile \"a\": source_profile: is not text"],
    [
      "an invalid profile",
      [on("a", "b"), { name: "b", mode: "AK", access_key_id: "id" }],
      "profile \"b\": access_key_secret is missing"
    ],
    [
      "a chain that is too long",
      [...Array.from({ length: 40 }, (_, depth) => on(`p${depth}`, `p${depth + 1}`)), ak("p40")],
      "profile \"p31\": source_profile: more than 32 chained profiles"
    ]
  ])(
    "with a source_profile that is %s is misconfigured",
    ([, profiles, expected]) =>
      Effect.map(
        errorOf(profiles),
        (message) => assert.include(message.replace(/FILE:\d+/, "FILE"), `(FILE: ${expected}`)
      )
  )

  it.effect("can be a chain of five roles", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const deep = Array.from({ length: 5 }, (_, depth) => on(`p${depth}`, `p${depth + 1}`))
        yield* writeConfig(home, configOf([...deep, { name: "p5", mode: "AK", ...keyFields }]))
        const credentials = yield* getProfile()
        assert.strictEqual(credentials.provider, `cli_profile/${"ram_role_arn/".repeat(5)}static_ak`)
      })
    ).pipe(withCloud))

  it.effect.each<[string, Fields, string]>([
    ["role ARN", { ...roleFields, ram_role_arn: "arn" }, "ram_role_arn is not of the form"],
    ["session name", { ...roleFields, ram_session_name: "a b" }, "ram_session_name takes 2 to 64"],
    ["short duration", { ...roleFields, expired_seconds: 899 }, "expired_seconds takes whole seconds, at least 900"],
    ["negative duration", { ...roleFields, expired_seconds: -5 }, "expired_seconds takes whole seconds"],
    ["external id", { ...roleFields, external_id: "?" }, "external_id takes 2 to 1224"],
    ["policy", { ...roleFields, policy: "{" }, "policy is not JSON"],
    ["endpoint", { ...roleFields, sts_endpoint: "a b" }, "sts_endpoint is not a host name"],
    ["region", { ...roleFields, sts_region: "a/b" }, "sts_region is not a region id"],
    ["boolean", { ...roleFields, enable_vpc: "true" }, "enable_vpc is neither true nor false"]
  ])("with an invalid %s is misconfigured, naming the field", ([, fields, reason]) =>
    Effect.map(
      errorOf([{ name: "p", mode: "RamRoleArn", ...keyFields, ...fields }]),
      (message) => assert.include(message, `(FILE:4: profile "p": ${reason}`)
    ))

  it.effect("passes every field of a role to STS", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        const policy = "{\"Version\": \"1\", \"Statement\": []}"
        const fields = { ...roleFields, policy, external_id: "ext", sts_region: "cn-hangzhou", enable_vpc: true }
        yield* writeConfig(
          home,
          configOf([{ name: "p", mode: "RamRoleArn", ...keyFields, ...fields, sts_expiration: 0 }])
        )
        yield* getId()
        yield* writeConfig(
          home,
          configOf([{
            name: "p",
            mode: "RamRoleArn",
            ...keyFields,
            ...roleFields,
            sts_endpoint: " https://sts.cn-beijing.aliyuncs.com/ "
          }])
        )
        yield* getId()
        const [first, second] = yield* cloud.requests
        assert.strictEqual(first?.host, "sts-vpc.cn-hangzhou.aliyuncs.com")
        assert.deepInclude(first?.params, {
          RoleArn: defaults.roleArn,
          RoleSessionName: "tester",
          DurationSeconds: "1800",
          Policy: policy,
          ExternalId: "ext"
        })
        assert.strictEqual(second?.host, "sts.cn-beijing.aliyuncs.com")
      })
    ).pipe(withCloud))

  it.effect("of mode External or CredentialsURI can be disabled by a variable", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const profiles = [
          { name: "e", mode: "External", process_command: "touch /never" },
          { name: "u", mode: "CredentialsURI", credentials_uri: defaults.credentialsUri }
        ]
        yield* writeConfig(home, configOf(profiles))
        for (const profile of ["e", "u"]) {
          const error = yield* failureOf({ profile })
          assert.strictEqual(error._tag, "CredentialsMisconfigured")
          assert.include(error.message, "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS")
        }
        assert.strictEqual(yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.count()), 0)
      }), { ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS: "1" }).pipe(withCloud))

  it.effect("with an expired login names the command to run, with the file unless it is the default", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const profiles = [
          { name: "o", mode: "OAuth", oauth_site_type: "intl" },
          {
            name: "s",
            mode: "CloudSSO",
            cloud_sso_sign_in_url: defaults.cloudSsoSignInUrl,
            cloud_sso_account_id: "1",
            cloud_sso_access_config: "ac",
            access_token: "t",
            cloud_sso_access_token_expire: 60
          }
        ]
        yield* writeConfig(home, configOf(profiles))
        yield* TestClock.adjust("2 minutes")
        const command = (options: CliProfile.ProfileOptions) =>
          Effect.map(failureOf(options), (error) =>
            error._tag === "ReauthenticationRequired" ? error.command : error._tag)
        assert.strictEqual(
          yield* command({}),
          "aliyun configure --mode OAuth --oauth-site-type INTL --profile o"
        )
        assert.strictEqual(yield* command({ profile: "s" }), "aliyun configure --mode CloudSSO --profile s")
        assert.strictEqual(
          yield* command({ profile: "s", file: pathIn(home) }),
          `aliyun configure --mode CloudSSO --profile s --config-path ${pathIn(home)}`
        )
      })
    ).pipe(withCloud))
})

describe("a refusal", () => {
  const on = (name: string, source: string) => ({
    name,
    mode: "ChainableRamRoleArn",
    ...roleFields,
    source_profile: source
  })

  const refused = (key: Fields, role: Fields = {}) =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(
          home,
          configOf([{ ...on("outer", "inner"), ...role }, { name: "inner", mode: "AK", ...keyFields, ...key }])
        )
        const error = yield* failureOf()
        assert(error._tag === "CredentialsRejected")
        return error.reason.replaceAll(pathIn(home), "FILE")
      })
    ).pipe(withCloud)

  it.effect("of a key names the profile with the key", () =>
    Effect.map(
      refused({ access_key_secret: "wrong-secret" }),
      (reason) => assert.match(reason, /^FILE:1[0-9]: profile "inner": /)
    ))

  it.effect("of a role names the profile with the role", () =>
    Effect.map(
      refused({}, { ram_role_arn: "acs:ram::1234567890123456:role/none" }),
      (reason) => assert.match(reason, /^FILE:4: profile "outer": /)
    ))

  it.effect("names the line where the profile is now", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const inner = { name: "inner", mode: "AK", ...keyFields, access_key_secret: "wrong-secret" }
        const lineOf = (error: { readonly message: string }) => /json:(\d+): profile "inner"/.exec(error.message)?.[1]
        yield* writeConfig(home, configOf([on("outer", "inner"), inner]))
        const provider = yield* CliProfile.make()
        const before = lineOf(yield* Effect.flip(provider.get))
        yield* writeConfig(home, configOf([on("outer", "inner"), ak("new"), inner]))
        const after = lineOf(yield* Effect.flip(provider.get))
        assert.strictEqual(Number(after), Number(before) + 6)
      })
    ).pipe(withCloud))
})

describe("a failed write", () => {
  const inUse = { oauth_access_token: defaults.oauthAccessToken }
  const profiles = [{ name: "o", ...oauthFields, ...inUse }, { name: "s", ...cloudSsoFields }]

  it.scoped.each<[string, Partial<FileSystem.FileSystem>]>([
    ["of a folder that is not writable", { open: failingCall("open", "PermissionDenied") }],
    ["of a file that cannot be replaced", { rename: failingCall("rename", "PermissionDenied") }],
    ["to a full disk", { open: failingCall("open", "WriteZero") }]
  ])("%s loses neither the credentials nor the file", ([, faults]) =>
    withHome((home) =>
      Effect.gen(function*() {
        const text = configOf(profiles)
        yield* writeConfig(home, text)
        const { layer, lines } = logs(LogLevel.Warning)
        for (const profile of ["o", "s"]) {
          lines.length = 0
          const credentials = yield* getProfile({ profile }).pipe(
            Effect.provide([faultyFiles(() => faults), layer])
          )
          assert.strictEqual(credentials._tag, "StsToken")
          assert.isAbove(lines.length, 0)
          assert.include(lines[0], "config.json")
          assert.strictEqual(yield* readConfig(home), text)
        }
        const names = yield* Effect.flatMap(FileSystem.FileSystem, (files) => files.readDirectory(`${home}/.aliyun`))
        assert.deepStrictEqual(names, ["config.json"])
      })
    ).pipe(withCloud))
})

describe("a profile without credentials", () => {
  it.scoped("leaks no resources, however often get is called", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(
          home,
          configOf([{ name: "p", mode: "CredentialsURI", credentials_uri: "http://127.0.0.1:1/" }])
        )
        const scope = yield* Scope.make()
        const provider = yield* Scope.extend(CliProfile.make(), scope)
        const before = finalizersOf(scope)
        assert.isAbove(before, 0)
        for (let i = 0; i < 3; i++) yield* Effect.flip(provider.get)
        assert.strictEqual(finalizersOf(scope), before)
        yield* Scope.close(scope, Exit.void)
      }), { ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS: "true" }).pipe(withCloud))
})
