import { FileSystem } from "@effect/platform"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, Equal, Layer, Option, Redacted, type Scope, TestClock } from "effect"
import { type CredentialError, CredentialProvider, type Credentials, IniProfile } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { settle } from "../support/clock.ts"
import { defaults } from "../support/cloud.ts"
import { canary } from "../support/leaks.ts"
import { logs } from "../support/logs.ts"
import { machine } from "../support/machine.ts"
import { type MemoryFiles, memoryFiles } from "../support/memoryFiles.ts"
import { renderings, renderValue } from "../support/renderings.ts"
import { variables } from "../support/variables.ts"

const iniPath = "/home/me/.alibabacloud/credentials.ini"
const homeWithoutSuffix = "/home/me/.alibabacloud/credentials"

const keyLines = `access_key_id=${defaults.accessKeyId}\naccess_key_secret=${defaults.accessKeySecret}`
const keySection = `[default]\ntype=access_key\n${keyLines}\n`

const getIni = (files: MemoryFiles, options?: IniProfile.ProfileOptions) =>
  Effect.flatMap(IniProfile.make(options), (provider) => provider.get).pipe(
    Effect.scoped,
    Effect.provide(machine(files))
  )

const iniFailure = (
  files: MemoryFiles,
  options?: IniProfile.ProfileOptions
): Effect.Effect<CredentialError.CredentialError, Credentials.Credentials> =>
  Effect.map(Effect.flip(getIni(files, options)), (error) => {
    assert.notInclude(renderValue(error), canary)
    assert.notInclude(renderValue(error), defaults.accessKeySecret)
    return error
  })

/** The credentials from a default section in the home folder. */
const getSection = (keys: string) => getIni(memoryFiles({ [iniPath]: `[default]\n${keys}\n` }))
const sectionError = (keys: string) => iniFailure(memoryFiles({ [iniPath]: `[default]\n${keys}\n` }))

const fields = (credentials: Credentials.Credentials) => [credentials._tag, credentials.provider]

const lastForm = Effect.map(
  Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.requests),
  (requests) => requests.at(-1)
)

describe("an INI section of type", () => {
  it.effect("access_key", () =>
    Effect.gen(function*() {
      const credentials = yield* getSection(`type=access_key\n${keyLines}`)
      assert.deepStrictEqual(fields(credentials), ["AccessKey", "profile/static_ak"])
      assert(credentials._tag === "AccessKey")
      assert.strictEqual(credentials.accessKeyId, defaults.accessKeyId)
      assert.strictEqual(Redacted.value(credentials.accessKeySecret), defaults.accessKeySecret)
    }))

  it.effect("sts", () =>
    Effect.gen(function*() {
      const credentials = yield* getSection(`type=sts\n${keyLines}\nsecurity_token=a=b # note`)
      assert.deepStrictEqual(fields(credentials), ["StsToken", "profile/static_sts"])
      assert(credentials._tag === "StsToken")
      assert.strictEqual(Redacted.value(credentials.securityToken), "a=b")
    }))

  it.effect("bearer", () =>
    Effect.gen(function*() {
      const credentials = yield* getSection("type=bearer\nbearer_token='a b'")
      assert.deepStrictEqual(fields(credentials), ["BearerToken", "profile/bearer"])
      assert(credentials._tag === "BearerToken")
      assert.strictEqual(Redacted.value(credentials.bearerToken), "a b")
    }))

  it.effect("ram_role_arn, with all keys", () =>
    Effect.gen(function*() {
      const provider = yield* IniProfile.make()
      const credentials = yield* provider.get
      assert.deepStrictEqual(fields(credentials), ["StsToken", "profile/ram_role_arn/static_ak"])
      assert.strictEqual(provider.name, "profile/ram_role_arn/static_ak")
      const request = yield* lastForm
      assert.strictEqual(request?.host, "sts-x.local")
      const body = renderValue(request)
      for (const part of ["session-1", "1800", "ext-1", "Statement"]) assert.include(body, part)
    }).pipe(
      Effect.scoped,
      Effect.provide(machine(memoryFiles({
        [iniPath]: `[default]\ntype=ram_role_arn\n${keyLines}\nrole_arn=${defaults.roleArn}\nrole_session_name=session-1
role_session_expiration=1800\nexternal_id=ext-1\npolicy={"Statement": []}\nsts_endpoint=https://sts-x.local/
timeout=1000\nconnect_timeout=2000`
      })))
    ))

  it.effect("ram_role_arn, with a session as its source", () =>
    Effect.gen(function*() {
      const error = yield* sectionError(
        `type=ram_role_arn\n${keyLines}\nsecurity_token=${canary}\nrole_arn=${defaults.roleArn}`
      )
      assert(error._tag === "CredentialsRejected")
      assert.strictEqual(error.provider, "profile/ram_role_arn/static_sts")
    }))

  it.effect("ecs_ram_role", () =>
    Effect.gen(function*() {
      const named = yield* getSection(`type=ecs_ram_role\nrole_name=${defaults.instanceRole}\ndisable_imds_v1=True`)
      assert.deepStrictEqual(fields(named), ["StsToken", "profile/ecs_ram_role"])
      assert.strictEqual((yield* getSection("type=ecs_ram_role"))._tag, "StsToken")
    }))

  it.effect("oidc_role_arn", () =>
    Effect.gen(function*() {
      const files = memoryFiles({
        [iniPath]: `[default]\ntype=oidc_role_arn\nrole_arn=${defaults.roleArn}
oidc_provider_arn=${defaults.oidcProviderArn}\noidc_token_file_path=/token`,
        "/token": defaults.oidcToken
      })
      const credentials = yield* getIni(files)
      assert.deepStrictEqual(fields(credentials), ["StsToken", "profile/oidc_role_arn"])
    }))

  it.effect("oidc_role_arn, with the token file from the environment", () =>
    Effect.gen(function*() {
      const files = memoryFiles({
        [iniPath]: `[default]\ntype=oidc_role_arn\nrole_arn=${defaults.roleArn}
oidc_provider_arn=${defaults.oidcProviderArn}`,
        "/pod/token": defaults.oidcToken
      })
      const provider = IniProfile.layer().pipe(
        Layer.provide(machine(files, { HOME: "/home/me", ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/pod/token" }))
      )
      assert.strictEqual((yield* Effect.provide(CredentialProvider.get, provider))._tag, "StsToken")
      const error = yield* iniFailure(files)
      assert.include(
        error.message,
        "oidc_token_file_path is missing, and ALIBABA_CLOUD_OIDC_TOKEN_FILE is not set"
      )
    }))

  it.effect("credentials_uri", () =>
    Effect.gen(function*() {
      const credentials = yield* getSection(`type=credentials_uri\ncredentials_uri=${defaults.credentialsUri}`)
      assert.deepStrictEqual(fields(credentials), ["StsToken", "profile/credential_uri"])
    }))
})

describe("the file and section of IniProfile", () => {
  it.effect("are the first found of credentials.ini and credentials", () =>
    Effect.gen(function*() {
      const both = memoryFiles({
        [iniPath]: keySection,
        [homeWithoutSuffix]: "[default]\ntype=bearer\nbearer_token=x"
      })
      assert.strictEqual((yield* getIni(both))._tag, "AccessKey")
      both.remove(iniPath)
      assert.strictEqual((yield* getIni(both))._tag, "BearerToken")
    }))

  it.effect("come from the options, not from the variables", () =>
    Effect.gen(function*() {
      const files = memoryFiles({ "/etc/keys": `[a.b]\ntype=access_key\n${keyLines}`, [iniPath]: keySection })
      const layer = IniProfile.layer({ file: "/etc/keys", profile: "a.b" }).pipe(
        Layer.provide(machine(files, { ALIBABA_CLOUD_CREDENTIALS_FILE: iniPath, ALIBABA_CLOUD_PROFILE: "other" }))
      )
      assert.strictEqual((yield* Effect.provide(CredentialProvider.get, layer))._tag, "AccessKey")
    }))

  it.effect("come from the variables in layerEnv", () =>
    Effect.gen(function*() {
      const files = memoryFiles({ "/etc/keys": `[client1]\ntype=bearer\nbearer_token=x`, [iniPath]: keySection })
      const run = (variables: Readonly<Record<string, string>>) =>
        Effect.provide(CredentialProvider.get, Layer.provide(IniProfile.layerEnv, machine(files, variables)))
      const named = yield* run({ ALIBABA_CLOUD_CREDENTIALS_FILE: "/etc/keys", ALIBABA_CLOUD_PROFILE: "client1" })
      assert.strictEqual(named._tag, "BearerToken")
      const plain = yield* run({ HOME: "/home/me", ALIBABA_CLOUD_CREDENTIALS_FILE: "", ALIBABA_CLOUD_PROFILE: "" })
      assert.strictEqual(plain._tag, "AccessKey")
      const homeless = yield* Effect.flip(run({}))
      assert.strictEqual(homeless._tag, "CredentialsNotConfigured")
    }))

  it.effect("are found in the home folder of Windows", () =>
    Effect.gen(function*() {
      const files = memoryFiles({ "C:\\Users\\me\\.alibabacloud\\credentials.ini": keySection })
      const layer = Layer.provide(IniProfile.layer(), [
        files.layer,
        NodePath.layerWin32,
        LocalCloud.layer(),
        variables({ USERPROFILE: "C:\\Users\\me" })
      ])
      assert.strictEqual((yield* Effect.provide(CredentialProvider.get, layer))._tag, "AccessKey")
    }))

  const absent: ReadonlyArray<
    readonly [string, Readonly<Record<string, string>>, IniProfile.ProfileOptions, string, string]
  > = [
    ["a missing file in the home folder", {}, {}, "CredentialsNotConfigured", iniPath],
    ["a missing file that an option names", {}, { file: "/x" }, "CredentialsMisconfigured", "/x"],
    ["a missing section default", { [iniPath]: "[a]\n[b]" }, {}, "CredentialsNotConfigured", `found: "a", "b"`],
    ["an empty file", { [iniPath]: "" }, {}, "CredentialsNotConfigured", "found: none"],
    [
      "a missing section that an option names",
      { [iniPath]: keySection },
      { profile: "x" },
      "CredentialsMisconfigured",
      `"x"; found: "default"`
    ],
    [
      "a missing section default in a file that an option names",
      { "/x": "[a]" },
      { file: "/x" },
      "CredentialsMisconfigured",
      "/x: no section"
    ],
    [
      "a disabled section",
      { [iniPath]: `${keySection}enable=FALSE` },
      {},
      "CredentialsNotConfigured",
      "enable=false"
    ],
    [
      "a disabled section that an option names",
      { [iniPath]: `${keySection}enable=false` },
      { profile: "default" },
      "CredentialsMisconfigured",
      "enable=false"
    ]
  ]
  for (const [name, texts, options, tag, part] of absent) {
    it.effect(`fail with ${tag} for ${name}`, () =>
      Effect.gen(function*() {
        const error = yield* iniFailure(memoryFiles(texts), options)
        assert.strictEqual(error._tag, tag)
        assert.strictEqual("provider" in error && error.provider, "profile")
        assert.include(error.message, part)
      }))
  }

  it.effect("may have a byte order mark, and line endings of any system", () =>
    Effect.gen(function*() {
      for (
        const text of [`\uFEFF${keySection}`, keySection.replaceAll("\n", "\r\n"), keySection.replaceAll("\n", "\r")]
      ) {
        assert.strictEqual((yield* getIni(memoryFiles({ [iniPath]: text })))._tag, "AccessKey")
      }
    }))

  it.effect("may have enable=true in any case, or an empty enable", () =>
    Effect.gen(function*() {
      for (const enable of ["true", "True", ""]) {
        assert.strictEqual((yield* getSection(`type=access_key\n${keyLines}\nenable=${enable}`))._tag, "AccessKey")
      }
    }))

  it.effect("fail with CredentialsUnavailable if the file cannot be read", () =>
    Effect.gen(function*() {
      const files = memoryFiles({ [iniPath]: keySection })
      files.lock(iniPath, "PermissionDenied")
      const error = yield* iniFailure(files)
      assert.strictEqual(error._tag, "CredentialsUnavailable")
      assert.include(error.message, `${iniPath}: cannot be read (PermissionDenied)`)
    }))
})

describe("an invalid INI section", () => {
  const wrong: ReadonlyArray<readonly [string, string]> = [
    ["", "type is missing"],
    [`type=${canary}${canary}${canary}${canary}`, "type: text that cannot be shown is not a type"],
    [
      `type=access_key\naccess_key_id="'${canary}'"\naccess_key_secret=a\0b`,
      "access_key_id has quotes around it; access_key_secret holds a line break or another control character"
    ],
    [`type=oidc_role_arn\noidc_provider_arn="'${canary}'"`, "oidc_provider_arn has quotes around it"],
    ["type=LTAI5tQwErTyUiOpAsDfGhJk", "type: text that cannot be shown is not a type"],
    ["type=AK", `type: "AK" is not a type`],
    ["type=toString", `type: "toString" is not a type`],
    ["type=rsa_key_pair\npublic_key_id=a", "type rsa_key_pair is not supported"],
    ["type=access_key", "access_key_id is missing; access_key_secret is missing"],
    [
      "type=access_key\naccess_key_id=\naccess_key_secret=\"\"",
      "access_key_id is missing; access_key_secret is missing"
    ],
    [`type=sts\naccess_key_id=${canary}`, "access_key_secret is missing; security_token is missing"],
    ["type=bearer", "bearer_token is missing"],
    [
      `type=ram_role_arn\nrole_arn=${canary}\nrole_session_name=${canary}!\nrole_session_expiration=899\npolicy=${canary}
external_id=${canary}!\nsts_endpoint=${canary}/x\ntimeout=${canary}\nconnect_timeout=-1`,
      "access_key_id is missing; access_key_secret is missing; " +
      "external_id takes 2 to 1224 of A-Z a-z 0-9 _ + = , . @ : / -; " +
      "role_arn is not of the form acs:ram::<account>:role/<name>; " +
      "role_session_name takes 2 to 64 letters, digits and . @ - _; " +
      "role_session_expiration takes whole seconds, at least 900; policy is not JSON; " +
      "sts_endpoint is not a host name; timeout takes milliseconds, a whole number from 100, " +
      "or seconds, less than 100; connect_timeout takes milliseconds, a whole number from 100, or seconds, less than 100"
    ],
    ["type=ecs_ram_role\ndisable_imds_v1=yes", "disable_imds_v1 is neither true nor false"],
    [
      `type=oidc_role_arn\nrole_session_expiration=0`,
      "oidc_provider_arn is missing; oidc_token_file_path is missing, and ALIBABA_CLOUD_OIDC_TOKEN_FILE is not set; " +
      "role_arn is missing; role_session_expiration takes whole seconds, at least 900"
    ],
    [`type=credentials_uri\ncredentials_uri=file:///${canary}`, "credentials_uri is not an http or https address"],
    [`type=access_key\n${keyLines}\nenable=${canary}`, "enable is neither true nor false"]
  ]
  for (const [keys, reason] of wrong) {
    it.effect(`${keys.split("\n")[0]}: ${reason.slice(0, 60)}`, () =>
      Effect.gen(function*() {
        const error = yield* sectionError(keys)
        assert(error._tag === "CredentialsMisconfigured")
        assert.strictEqual(error.at, `${iniPath}:1: section "default"`)
        assert.include(error.reason, reason)
      }))
  }

  it.effect.each<[string, string, string, string]>([
    [
      "no section default",
      "[a]\n[b]",
      `${iniPath}: no section "default"; found: "a", "b"`,
      "Use \"a\" or \"b\", or rename a section to default"
    ],
    [
      "no section at all",
      `# note\n${keyLines}`,
      `${iniPath}:2: keys before the first section, and no section "default"`,
      "Add the line [default] above them"
    ]
  ])("says how to fix a file with %s", ([, text, reason, hint]) =>
    Effect.gen(function*() {
      const error = yield* iniFailure(memoryFiles({ [iniPath]: text }))
      assert(error._tag === "CredentialsNotConfigured")
      assert.strictEqual(error.reason, reason)
      assert.strictEqual(error.hint, hint)
    }))

  it.effect("names the file that lies in the folder of the CLI, if there is no other", () =>
    Effect.gen(function*() {
      const misplaced = { "/home/me/.aliyun/credentials": keySection }
      const error = yield* iniFailure(memoryFiles(misplaced))
      assert(error._tag === "CredentialsNotConfigured")
      assert.strictEqual(error.hint, `Copy /home/me/.aliyun/credentials to ${iniPath}`)
      assert.strictEqual((yield* getIni(memoryFiles({ ...misplaced, [iniPath]: keySection })))._tag, "AccessKey")
    }))

  it.effect("is reported by the number of the invalid line", () =>
    Effect.gen(function*() {
      const error = yield* iniFailure(memoryFiles({ [iniPath]: `${keySection}\n${canary}\n` }))
      assert(error._tag === "CredentialsMisconfigured")
      assert.strictEqual(error.at, `${iniPath}: line 6`)
    }))

  it.effect("is reported for a file that is not text or too large", () =>
    Effect.gen(function*() {
      const bytes = new Uint8Array(64).map((_, index) => 128 + index)
      for (
        const [content, reason] of [
          [bytes, "not UTF-8 text"],
          [`${keySection}# ${canary}${" ".repeat(16 * 1024 * 1024)}`, "more than the limit of 16 MiB (16777216 bytes)"]
        ] as const
      ) {
        const error = yield* iniFailure(memoryFiles({ [iniPath]: content }))
        assert.strictEqual(error._tag, "CredentialsMisconfigured")
        assert.include(error.message, `${iniPath}: `)
        assert.include(error.message, reason)
      }
    }))

  const whole = `# of ${canary}\n[default]\ntype=ram_role_arn\naccess_key_id=${canary}\naccess_key_secret=${canary}
role_arn=acs:ram::1:role/app\npolicy={"a": "${canary}"}\n[other]\ntype=sts\nsecurity_token=${canary}\n`

  const damages: ReadonlyArray<readonly [string, (at: number) => string]> = [
    ["a missing character", (at) => whole.slice(0, at) + whole.slice(at + 1)],
    ["a line break", (at) => `${whole.slice(0, at)}\n${whole.slice(at)}`],
    ["a bracket", (at) => `${whole.slice(0, at)}[${whole.slice(at)}`],
    ["a quote", (at) => `${whole.slice(0, at)}"${whole.slice(at)}`],
    ["a NUL", (at) => `${whole.slice(0, at)}\0${whole.slice(at)}`],
    ["a truncation", (at) => whole.slice(0, at)],
    ["a second section of the same name", (at) => `${whole.slice(0, at)}\n[default]\n${whole.slice(at)}`]
  ]
  for (const [name, damage] of damages) {
    it.effect(`with ${name} anywhere is a CredentialError that quotes nothing of the file`, () =>
      Effect.gen(function*() {
        const texts = Array.from({ length: whole.length }, (_, at) => damage(at))
        const files = memoryFiles(Object.fromEntries(texts.map((text, at) => [`/${at}`, text])))
        const results = yield* Effect.forEach(
          texts,
          (_, at) => Effect.either(Effect.flatMap(IniProfile.make({ file: `/${at}` }), (provider) => provider.get))
        ).pipe(Effect.scoped, Effect.provide(machine(files)))
        const errors = Arr.getLefts(results)
        assert.isAtLeast(errors.length, whole.length - 10)
        for (const error of errors) assert.notInclude(`${error.message} ${JSON.stringify(error)}`, canary)
      }))
  }

  it.effect("is quoted in no error, log line, span or metric", () =>
    Effect.gen(function*() {
      for (const text of [whole, whole.replaceAll("\n", ""), `${whole}${canary}`, whole.replaceAll("=", " ")]) {
        const run = Effect.flatMap(IniProfile.make(), (provider) => provider.get).pipe(
          Effect.scoped,
          Effect.provide(machine(memoryFiles({ [iniPath]: text })))
        )
        assert.notInclude(yield* renderings(run), canary)
      }
      assert.include(yield* renderings(Effect.die(new Error(canary))), canary)
    }))
})

describe("an INI file that changes", () => {
  const bearer = "[default]\ntype=bearer\nbearer_token=x\n"

  const scenario = (
    run: (provider: CredentialProvider.Service, files: MemoryFiles, logs: ReadonlyArray<string>) => Effect.Effect<
      void,
      CredentialError.CredentialError,
      LocalCloud.LocalCloud | Scope.Scope
    >,
    text = keySection
  ) =>
    Effect.suspend(() => {
      const files = memoryFiles({ [iniPath]: text })
      const { layer, lines } = logs()
      return Effect.flatMap(IniProfile.make(), (provider) => run(provider, files, lines)).pipe(
        Effect.scoped,
        Effect.provide(Layer.merge(machine(files), layer))
      )
    })

  it.effect("is noticed within a minute, and no get waits for it", () =>
    scenario((provider, files) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* provider.get)._tag, "AccessKey")
        files.write(iniPath, bearer)
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual((yield* provider.get)._tag, "AccessKey")
        assert.strictEqual(files.reads(), 1)
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* provider.get)._tag, "AccessKey")
        yield* settle
        assert.strictEqual((yield* provider.get)._tag, "BearerToken")
        assert.strictEqual(provider.name, "profile/bearer")
      })
    ))

  it.effect("is read again only after it changed", () =>
    scenario((provider, files) =>
      Effect.gen(function*() {
        for (let minute = 0; minute < 5; minute++) {
          yield* provider.get
          yield* TestClock.adjust("1 minute")
        }
        assert.strictEqual(files.reads(), 1)
      })
    ))

  it.effect("keeps a session when another section changes", () =>
    scenario((provider, files) =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        const before = yield* provider.get
        const asked = yield* cloud.count({ service: "imds" })
        files.write(iniPath, `[other]\n${keySection}type=ecs_ram_role\n[more]\n`)
        yield* TestClock.adjust("2 minutes")
        yield* provider.get
        yield* settle
        assert.isTrue(Equal.equals(yield* provider.get, before))
        assert.strictEqual(yield* cloud.count({ service: "imds" }), asked)
        assert.strictEqual(files.reads(), 2)
      }), `${keySection}type=ecs_ram_role`))

  it.effect("keeps the cached credentials in use while the new section does not work, with one warning", () =>
    scenario((provider, files, logs) =>
      Effect.gen(function*() {
        const before = yield* provider.get
        files.write(iniPath, `[default]\ntype=x\naccess_key_secret=${canary}`)
        for (let minute = 0; minute < 3; minute++) {
          yield* TestClock.adjust("1 minute")
          assert.isTrue(Equal.equals(yield* provider.get, before))
          yield* settle
        }
        const warnings = logs.filter((line) => line.startsWith("WARN"))
        assert.strictEqual(warnings.length, 1)
        assert.include(warnings[0], `type: "x" is not a type`)
        assert.notInclude(logs.join("\n"), canary)
        files.remove(iniPath)
        yield* TestClock.adjust("1 minute")
        assert.isTrue(Equal.equals(yield* provider.get, before))
        files.write(iniPath, bearer)
        yield* TestClock.adjust("1 minute")
        yield* provider.get
        yield* settle
        assert.strictEqual((yield* provider.get)._tag, "BearerToken")
      })
    ))

  it.effect("is checked at each get while there are no credentials", () =>
    scenario((provider, files) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* Effect.either(provider.get))._tag, "Left")
        files.write(iniPath, keySection)
        assert.strictEqual((yield* provider.get)._tag, "AccessKey")
      }), "[default]\ntype=access_key"))

  it.effect("is checked at once after a server refused the credentials", () =>
    scenario((provider, files) =>
      Effect.gen(function*() {
        const before = yield* provider.get
        files.write(iniPath, bearer)
        yield* provider.invalidate(before)
        assert.strictEqual((yield* provider.get)._tag, "BearerToken")
        yield* provider.invalidate(before)
        assert.strictEqual((yield* provider.get)._tag, "BearerToken")
        assert.strictEqual(files.reads(), 2)
      })
    ))

  it.scoped("is found after a refusal even if the file system hides it", () =>
    Effect.gen(function*() {
      const files = memoryFiles({ [iniPath]: `[default]\ntype=bearer\nbearer_token=one` })
      const timeless = Layer.effect(
        FileSystem.FileSystem,
        Effect.map(FileSystem.FileSystem, (real): FileSystem.FileSystem => ({
          ...real,
          stat: (path) => Effect.map(real.stat(path), (info) => ({ ...info, mtime: Option.some(new Date(-60_000)) }))
        }))
      ).pipe(Layer.provide(files.layer))
      const tokenOf = (credentials: Credentials.Credentials) =>
        credentials._tag === "BearerToken" ? Redacted.value(credentials.bearerToken) : undefined
      const provider = yield* Effect.provide(IniProfile.make(), machine({ ...files, layer: timeless }))
      const before = yield* provider.get
      files.write(iniPath, `[default]\ntype=bearer\nbearer_token=two`)
      yield* provider.invalidate(before)
      assert.strictEqual(tokenOf(yield* provider.get), "two")
    }))

  it.effect("is not read again to renew a session of the same section", () =>
    scenario((provider, files) =>
      Effect.gen(function*() {
        const before = yield* provider.get
        yield* TestClock.adjust("7 hours")
        const after = yield* provider.get
        assert.notStrictEqual(after, before)
        assert.strictEqual(after.provider, "profile/ecs_ram_role")
        assert.strictEqual(files.reads(), 1)
      }), `${keySection}type=ecs_ram_role`))
})
