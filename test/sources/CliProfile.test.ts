/**
 * Which file and which profile, what is wrong with them, and what happens when they change.
 */
import { FileSystem, HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Effect, Exit, Layer, LogLevel, Redacted, Scope, TestClock } from "effect"
import { CliProfile, CredentialProvider, type Credentials } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { withCloud } from "../support/cloud.ts"
import {
  configOf,
  type Fields,
  keyFields,
  pathIn,
  profileIn,
  readConfig,
  roleFields,
  withHome,
  writeConfig
} from "../support/configFiles.ts"
import { idOf } from "../support/credentials.ts"
import { failingCall, faultyFiles } from "../support/faultyFiles.ts"
import { logs } from "../support/logs.ts"

const { defaults } = LocalCloud

const ak = (name: string, id: string = name): Fields => ({
  name,
  mode: "AK",
  access_key_id: id,
  access_key_secret: "example-secret"
})

const getId = (options?: CliProfile.ProfileOptions) =>
  Effect.scoped(Effect.flatMap(CliProfile.make(options), (provider) => Effect.map(provider.get, idOf)))

const getIdEnv = Effect.map(Effect.provide(CredentialProvider.get, CliProfile.layerEnv), idOf)

const failureOf = (options?: CliProfile.ProfileOptions) => Effect.flip(getId(options))

describe("the choice of file and profile", () => {
  it.effect("is the current one, or the one that is named", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([ak("one"), ak("two"), ak("two", "shadowed")], "two"))
        assert.strictEqual(yield* getId(), "two")
        assert.strictEqual(yield* getId({ profile: "one" }), "one")
        assert.strictEqual(yield* getId({ profile: "" }), "two")
        assert.strictEqual(yield* getIdEnv, "two")
      })
    ).pipe(withCloud))

  it.effect("is that of the variables for layerEnv alone", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        yield* writeConfig(home, configOf([ak("one")]))
        yield* files.writeFileString(`${home}/other.json`, configOf([ak("three"), ak("four")]))
        const variables = (values: Readonly<Record<string, string>>) =>
          Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries({ HOME: home, ...values }))))
        const named = variables({
          ALIBABA_CLOUD_CONFIG_FILE: `${home}/other.json`,
          ALIBABA_CLOUD_PROFILE: "four"
        })
        assert.strictEqual(yield* Effect.provide(getIdEnv, named), "four")
        assert.strictEqual(yield* Effect.provide(getId(), named), "one")
        assert.strictEqual(yield* Effect.provide(getId({ file: `${home}/other.json` }), named), "three")
        const off = variables({ ALIBABA_CLOUD_CLI_PROFILE_DISABLED: "True" })
        const unbuilt = yield* Effect.flip(Effect.provide(Layer.build(CliProfile.layerEnv), off))
        assert.strictEqual(
          unbuilt.message,
          "cli_profile: not configured (switched off by ALIBABA_CLOUD_CLI_PROFILE_DISABLED)"
        )
        assert.strictEqual((yield* Effect.flip(Effect.provide(getId(), off))).message, unbuilt.message)
      })
    ).pipe(withCloud))

  it.effect("is made at the first use", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const provider = yield* CliProfile.make()
        const absent = yield* Effect.flip(provider.get)
        assert.strictEqual(absent._tag, "CredentialsNotConfigured")
        assert.strictEqual(absent.message, `cli_profile: not configured (no such file: ${pathIn(home)})`)
        yield* writeConfig(home, configOf([ak("one")]))
        assert.strictEqual(idOf(yield* provider.get), "one")
      })
    ).pipe(withCloud))

  it.effect("fails where what was named is absent", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const absent = yield* failureOf({ file: `${home}/none.json` })
        assert.strictEqual(
          absent.message,
          `cli_profile: misconfigured (no such file: ${home}/none.json). Mend the path, or run: aliyun configure`
        )
        yield* writeConfig(home, configOf([ak("one"), ak("two")], "three"))
        assert.strictEqual(
          (yield* failureOf({ profile: "four" })).message,
          `cli_profile: misconfigured (${pathIn(home)}: no profile "four", there are "one", "two")`
        )
        assert.strictEqual(
          (yield* failureOf()).message,
          `cli_profile: misconfigured (${
            pathIn(home)
          }: no profile "three", which current names, there are "one", "two")`
        )
        const optional = yield* Effect.flip(
          Effect.flatMap(CliProfile.makeOptional({ profile: "four" }), (provider) => provider.get)
        )
        assert.strictEqual(optional._tag, "CredentialsNotConfigured")
      })
    ).pipe(withCloud))
})

describe("layers and files", () => {
  it.effect("come with options, or with options from configuration", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([ak("one"), ak("two")]))
        const ask = Effect.map(CredentialProvider.get, idOf)
        assert.strictEqual(yield* Effect.provide(ask, CliProfile.layer({ profile: "two" })), "two")
        const fromConfig = CliProfile.layerConfig({ profile: Config.string("DEPLOY_PROFILE") })
        assert.strictEqual(yield* Effect.provide(ask, fromConfig), "two")
      }), { DEPLOY_PROFILE: "two" }).pipe(withCloud))

  it.effect("may be out of reach for a while", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([ak("one")]))
        const denied = faultyFiles(() => ({ readFile: failingCall("readFile", "PermissionDenied") }))
        const error = yield* Effect.provide(failureOf(), denied)
        assert.strictEqual(
          error.message,
          `cli_profile: unavailable (${pathIn(home)}: cannot be read (PermissionDenied))`
        )
        assert.include((yield* failureOf({ file: home })).message, `misconfigured (${home}: not a file)`)
        assert.include(
          (yield* failureOf({ file: "a\0b" })).message,
          "misconfigured (the name of the file is not a path)"
        )
      })
    ).pipe(withCloud))
})

describe("modes", () => {
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
    ["Anonymous", "the mode Anonymous has no credentials"],
    ["RsaKeyPair", "the mode RsaKeyPair is not supported, as Alibaba Cloud gives out no such keys any more"],
    [
      "ak",
      "\"ak\" is none of AK, StsToken, RamRoleArn, RamRoleArnWithRoleName, EcsRamRole, OIDC, CredentialsURI, " +
      "BearerToken, CloudSSO, OAuth, External, ChainableRamRoleArn"
    ],
    ["constructor", "\"constructor\" is none of AK"],
    ["x".repeat(65), "with a name that cannot be shown is none of AK"]
  ])(
    "%s is refused",
    ([mode, reason]) =>
      Effect.map(
        errorOf([{ name: "p", mode, ...keyFields }]),
        (message) => assert.include(message, `misconfigured (FILE: profile "p": mode: ${reason}`)
      )
  )

  it.effect("BearerToken gives the token without what no header can carry", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([{ name: "p", mode: "BearerToken", bearer_token: "to\r\nken\0" }]))
        const credentials = yield* Effect.scoped(Effect.flatMap(CliProfile.make(), ({ get }) => get))
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
    ["itself", [on("a", "a")], "profile \"a\": source_profile: a cycle: \"a\" -> \"a\""],
    ["a cycle of two", [on("a", "b"), on("b", "a")], "profile \"b\": source_profile: a cycle: \"a\" -> \"b\" -> \"a\""],
    [
      "a cycle that does not come back to its start",
      [on("a", "b"), on("b", "c"), on("c", "b")],
      "profile \"c\": source_profile: a cycle: \"a\" -> \"b\" -> \"c\" -> \"b\""
    ],
    ["no profile", [on("a", "b")], "profile \"a\": source_profile: no profile \"b\", there is \"a\""],
    ["nothing", [on("a", undefined)], "profile \"a\": source_profile: Missing"],
    ["no text", [on("a", 5)], "profile \"a\": source_profile: Type"],
    [
      "a broken profile",
      [on("a", "b"), { name: "b", mode: "AK", access_key_id: "id" }],
      "profile \"b\": access_key_secret: Missing"
    ],
    [
      "too many profiles",
      [...Array.from({ length: 40 }, (_, depth) => on(`p${depth}`, `p${depth + 1}`)), ak("p40")],
      "profile \"p31\": source_profile: more than 32 profiles, one on top of the other"
    ]
  ])(
    "a role on top of %s",
    ([, profiles, expected]) =>
      Effect.map(errorOf(profiles), (message) => assert.include(message, `(FILE: ${expected}`))
  )

  it.effect("a role five roles deep", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const deep = Array.from({ length: 5 }, (_, depth) => on(`p${depth}`, `p${depth + 1}`))
        yield* writeConfig(home, configOf([...deep, { name: "p5", mode: "AK", ...keyFields }]))
        const credentials = yield* Effect.scoped(Effect.flatMap(CliProfile.make(), ({ get }) => get))
        assert.strictEqual(credentials.provider, `cli_profile/${"ram_role_arn/".repeat(5)}static_ak`)
      })
    ).pipe(withCloud))

  it.effect.each<[string, Fields, string]>([
    ["a role", { ...roleFields, ram_role_arn: "arn" }, "ram_role_arn is not of the form"],
    ["a session name", { ...roleFields, ram_session_name: "a b" }, "ram_session_name takes 2 to 64"],
    ["a duration", { ...roleFields, expired_seconds: 899 }, "expired_seconds takes whole seconds, at least 900"],
    ["a negative duration", { ...roleFields, expired_seconds: -5 }, "expired_seconds takes whole seconds"],
    ["an external id", { ...roleFields, external_id: "?" }, "external_id takes 2 to 1224"],
    ["a policy", { ...roleFields, policy: "{" }, "policy is not JSON"],
    ["an endpoint", { ...roleFields, sts_endpoint: "a b" }, "sts_endpoint is not a host name"],
    ["a region", { ...roleFields, sts_region: "a/b" }, "sts_region is not a region id"],
    ["a switch", { ...roleFields, enable_vpc: "true" }, "enable_vpc: Type"]
  ])("%s that is wrong is told by the name of the field", ([, fields, reason]) =>
    Effect.map(
      errorOf([{ name: "p", mode: "RamRoleArn", ...keyFields, ...fields }]),
      (message) => assert.include(message, `(FILE: profile "p": ${reason}`)
    ))

  it.effect("every option of a role goes into the request", () =>
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

  it.effect("External and CredentialsURI can be switched off", () =>
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

  it.effect("a login that ended names the command, with the file where the CLI would not look", () =>
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

describe("a change of the file", () => {
  const rewrite = (home: string, ...profiles: ReadonlyArray<Fields>) => writeConfig(home, configOf(profiles))

  /** Lets work in the background that waits for real files come to its end. */
  const settle = Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 60)))

  it.scoped("is seen within a minute, without anybody waiting", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* rewrite(home, ak("p", "first"))
        const provider = yield* CliProfile.make()
        assert.strictEqual(idOf(yield* provider.get), "first")
        yield* rewrite(home, ak("p", "second"))
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual(idOf(yield* provider.get), "first")
        yield* settle
        assert.strictEqual(idOf(yield* provider.get), "first")
        yield* TestClock.adjust("1 second")
        assert.strictEqual(idOf(yield* provider.get), "first", "the one at hand, while the file is read")
        yield* settle
        assert.strictEqual(idOf(yield* provider.get), "second")
      })
    ).pipe(withCloud))

  it.scoped("is seen at once when a server refused the credentials", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* rewrite(home, ak("p", "first"))
        const provider = yield* CliProfile.make()
        const first = yield* provider.get
        yield* rewrite(home, ak("p", "second"))
        yield* provider.invalidate({ ...first, accessKeyId: "another" } as Credentials.Credentials)
        assert.strictEqual(idOf(yield* provider.get), "first")
        yield* provider.invalidate(first)
        assert.strictEqual(idOf(yield* provider.get), "second")
      })
    ).pipe(withCloud))

  it.scoped("is seen at once when there are no credentials", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* rewrite(home, { name: "p", mode: "Anonymous" })
        const provider = yield* CliProfile.make()
        yield* Effect.flip(provider.get)
        yield* rewrite(home, ak("p", "second"))
        assert.strictEqual(idOf(yield* provider.get), "second")
      })
    ).pipe(withCloud))

  it.scoped.each<[string, string]>([
    ["is broken", "{ \"current\": }"],
    ["has lost the profile", configOf([ak("other")], "p")],
    [
      "is refused by the servers",
      configOf([{ name: "p", mode: "RamRoleArn", ...keyFields, ...roleFields, access_key_secret: "wrong" }])
    ]
  ])("that %s takes nothing away, and is told once", ([, text]) =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* rewrite(home, ak("p", "first"))
        const { layer, lines } = logs(LogLevel.Warning)
        const provider = yield* Effect.provide(CliProfile.make(), layer)
        const first = yield* provider.get
        yield* writeConfig(home, text)
        for (let minute = 0; minute < 3; minute++) {
          yield* TestClock.adjust("1 minute")
          assert.strictEqual(yield* provider.get, first)
          yield* settle
        }
        assert.lengthOf(lines, 1)
        assert.match(
          lines[0] ?? "",
          /^WARN what the file says now does not work, the credentials at hand stay in use: cli_profile/
        )
        yield* rewrite(home, ak("p", "third"))
        yield* TestClock.adjust("1 minute")
        yield* provider.get
        yield* settle
        assert.strictEqual(idOf(yield* provider.get), "third")
      })
    ).pipe(withCloud))

  it.scoped("elsewhere in it, or by this program itself, builds nothing anew", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        const login = { name: "o", mode: "OAuth", oauth_refresh_token: defaults.oauthRefreshToken }
        const top = { name: "p", mode: "ChainableRamRoleArn", ...roleFields, source_profile: "o" }
        yield* rewrite(home, top, login)
        const provider = yield* CliProfile.make()
        const first = yield* provider.get
        assert.strictEqual(yield* cloud.count(), 3)
        const stored = profileIn(yield* readConfig(home), "o") ?? {}
        yield* TestClock.adjust("1 minute")
        yield* provider.get
        yield* settle
        yield* rewrite(home, top, ak("another"), stored)
        yield* TestClock.adjust("1 minute")
        yield* provider.get
        yield* settle
        assert.strictEqual(yield* provider.get, first)
        assert.strictEqual(yield* cloud.count(), 3)
      })
    ).pipe(withCloud))

  it.scoped("that is a new login is taken over", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const login = { name: "o", mode: "OAuth", oauth_refresh_token: defaults.oauthRefreshToken }
        yield* rewrite(home, login)
        const provider = yield* CliProfile.make()
        yield* provider.get
        const stored = profileIn(yield* readConfig(home), "o") ?? {}
        yield* rewrite(home, { ...stored, access_key_id: "STS.New", sts_expiration: 7200 })
        yield* TestClock.adjust("1 minute")
        yield* provider.get
        yield* settle
        assert.strictEqual(idOf(yield* provider.get), "STS.New")
      })
    ).pipe(withCloud))
})

describe("a write that fails", () => {
  const profiles = [
    { name: "o", mode: "OAuth", oauth_refresh_token: defaults.oauthRefreshToken },
    {
      name: "s",
      mode: "CloudSSO",
      cloud_sso_sign_in_url: defaults.cloudSsoSignInUrl,
      cloud_sso_account_id: defaults.cloudSsoAccountId,
      cloud_sso_access_config: defaults.cloudSsoAccessConfiguration,
      access_token: defaults.cloudSsoAccessToken
    }
  ]

  it.scoped.each<[string, Partial<FileSystem.FileSystem>]>([
    ["a folder that takes no files", { writeFileString: failingCall("writeFileString", "PermissionDenied") }],
    ["a file that cannot be replaced", { rename: failingCall("rename", "PermissionDenied") }],
    ["a disk that is full", { open: failingCall("open", "WriteZero") }]
  ])("%s costs neither the credentials nor the file", ([, faults]) =>
    withHome((home) =>
      Effect.gen(function*() {
        const text = configOf(profiles)
        yield* writeConfig(home, text)
        const { layer, lines } = logs(LogLevel.Warning)
        for (const profile of ["o", "s"]) {
          lines.length = 0
          const credentials = yield* Effect.scoped(Effect.flatMap(CliProfile.make({ profile }), ({ get }) => get)).pipe(
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

describe("a profile that others change meanwhile", () => {
  const oauth = { name: "o", mode: "OAuth", oauth_refresh_token: defaults.oauthRefreshToken }
  const cloudSso = {
    name: "s",
    mode: "CloudSSO",
    cloud_sso_sign_in_url: defaults.cloudSsoSignInUrl,
    cloud_sso_account_id: defaults.cloudSsoAccountId,
    cloud_sso_access_config: defaults.cloudSsoAccessConfiguration,
    access_token: defaults.cloudSsoAccessToken
  }
  const session = { access_key_id: "STS.Old", access_key_secret: "s", sts_token: "t", sts_expiration: 7200 }

  /** The profile is another when a request to this path is about to be sent. */
  const changing = (home: string, path: string, next: Fields) =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const write = Effect.orDie(files.writeFileString(pathIn(home), configOf([next])))
      return HttpClient.tapRequest(yield* HttpClient.HttpClient, (request) =>
        request.url.endsWith(path) ? write : Effect.void)
    })

  it.scoped.each<[string, string, Fields, Fields]>([
    ["another login", "/v1/token", oauth, { ...oauth, oauth_refresh_token: "of-bob" }],
    ["another login", "/v1/exchange", oauth, { ...oauth, oauth_refresh_token: "of-bob", ...session }],
    ["another site", "/v1/token", oauth, { ...oauth, oauth_site_type: "INTL" }],
    ["another account", "/cloud-credentials", cloudSso, { ...cloudSso, cloud_sso_account_id: "456" }],
    ["another access token", "/cloud-credentials", cloudSso, { ...cloudSso, access_token: "of-bob" }]
  ])("keeps %s that came during %s", ([, path, before, after]) =>
    withHome((home) =>
      Effect.gen(function*() {
        const { layer, lines } = logs(LogLevel.Warning)
        yield* writeConfig(home, configOf([before]))
        const http = yield* changing(home, path, after)
        const credentials = yield* Effect.flatMap(CliProfile.make(), ({ get }) => get).pipe(
          Effect.provideService(HttpClient.HttpClient, http),
          Effect.provide(layer)
        )
        assert.strictEqual(credentials._tag, "StsToken")
        assert.strictEqual(yield* readConfig(home), configOf([after]))
        assert.isAbove(lines.length, 0)
        assert.match(lines[0] ?? "", /config\.json: profile "[os]" was changed meanwhile/)
      })
    ).pipe(withCloud))

  it.scoped("stores a renewed login beside a change of other fields", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([oauth]))
        const http = yield* changing(home, "/v1/token", { ...oauth, region_id: "cn-beijing" })
        yield* Effect.provideService(
          Effect.flatMap(CliProfile.make(), ({ get }) => get),
          HttpClient.HttpClient,
          http
        )
        const profile = profileIn(yield* readConfig(home), "o") ?? {}
        assert.strictEqual(profile["region_id"], "cn-beijing")
        assert.notStrictEqual(profile["oauth_refresh_token"], defaults.oauthRefreshToken)
        assert.match(String(profile["access_key_id"]), /^STS/)
      })
    ).pipe(withCloud))

  it.scoped.each<[string, Fields, Fields]>([
    ["account", { ...cloudSso, cloud_sso_account_id: "456", ...session }, cloudSso],
    ["access configuration", { ...cloudSso, cloud_sso_access_config: "ac-other", ...session }, cloudSso],
    ["login of CloudSSO", { ...cloudSso, access_token: "other", ...session }, cloudSso],
    ["login of OAuth", { ...oauth, oauth_refresh_token: "other", ...session }, oauth],
    [
      "command",
      { name: "e", mode: "External", process_command: "false", ...session },
      { name: "e", mode: "External", process_command: "cat printed.json" }
    ]
  ])("hands out no session of another %s", ([, before, after]) =>
    withHome((home) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const printed = { mode: "StsToken", access_key_id: "STS.New", access_key_secret: "s", sts_token: "t" }
        yield* files.writeFileString(
          `${home}/printed.json`,
          JSON.stringify({ ...printed, expiration: "2100-01-01T00:00:00Z" })
        )
        const command = after["process_command"] === undefined ? {} : { process_command: `cat ${home}/printed.json` }
        yield* writeConfig(home, configOf([before]))
        const provider = yield* CliProfile.make()
        const first = yield* provider.get
        assert.strictEqual(idOf(first), "STS.Old")
        yield* writeConfig(home, configOf([{ ...after, ...session, ...command }]))
        yield* provider.invalidate(first)
        const second = idOf(yield* provider.get)
        assert.notStrictEqual(second, "STS.Old")
        assert.strictEqual(profileIn(yield* readConfig(home), String(after["name"]))?.["access_key_id"], second)
      })
    ).pipe(withCloud))

  it.scoped("is read again when it was replaced right before it would have been", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([oauth]))
        let replaced = 0
        const files = faultyFiles((real) => ({
          open: (path, options) => {
            if (!path.endsWith(".tmp") || replaced >= 2) return real.open(path, options)
            replaced += 1
            const add = Effect.flatMap(real.readFileString(pathIn(home)), (text) => {
              const { profiles } = JSON.parse(text) as { readonly profiles: ReadonlyArray<Fields> }
              return real.writeFileString(pathIn(home), configOf([...profiles, ak(`added ${replaced}`)]))
            })
            return Effect.zipRight(add, real.open(path, options))
          }
        }))
        yield* Effect.provide(Effect.flatMap(CliProfile.make(), ({ get }) => get), files)
        const text = yield* readConfig(home)
        assert.isDefined(profileIn(text, "added 1"))
        assert.isDefined(profileIn(text, "added 2"))
        const profile = profileIn(text, "o") ?? {}
        assert.notStrictEqual(profile["oauth_refresh_token"], defaults.oauthRefreshToken)
        assert.match(String(profile["access_key_id"]), /^STS/)
        const real = yield* FileSystem.FileSystem
        assert.deepStrictEqual(yield* real.readDirectory(`${home}/.aliyun`), ["config.json"])
      })
    ).pipe(withCloud))

  it.scoped("is left alone when it is replaced again and again", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([cloudSso]))
        const { layer, lines } = logs(LogLevel.Warning)
        let replaced = 0
        const files = faultyFiles((real) => ({
          open: (path, options) => {
            if (!path.endsWith(".tmp")) return real.open(path, options)
            replaced += 1
            return Effect.zipRight(
              real.writeFileString(pathIn(home), configOf([cloudSso, ak("x".repeat(replaced))])),
              real.open(path, options)
            )
          }
        }))
        yield* Effect.provide(Effect.flatMap(CliProfile.make(), ({ get }) => get), [files, layer])
        assert.strictEqual(replaced, 4)
        assert.strictEqual(yield* readConfig(home), configOf([cloudSso, ak("xxxx")]))
        assert.lengthOf(lines, 1)
        assert.include(lines[0], "was changed meanwhile")
      })
    ).pipe(withCloud))
})

describe("a profile that cannot be built", () => {
  it.scoped("leaves nothing behind, however often it is asked", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(
          home,
          configOf([{ name: "p", mode: "CredentialsURI", credentials_uri: "http://127.0.0.1:1/" }])
        )
        const scope = yield* Scope.make()
        const held = () =>
          (scope as unknown as { readonly state: { readonly finalizers: Map<unknown, unknown> } })
            .state.finalizers.size
        const provider = yield* Scope.extend(CliProfile.make(), scope)
        const before = held()
        for (let i = 0; i < 3; i++) yield* Effect.flip(provider.get)
        assert.strictEqual(held(), before)
        yield* Scope.close(scope, Exit.void)
      }), { ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS: "true" }).pipe(withCloud))
})
