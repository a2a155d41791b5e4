import { Config as OfficialConfig } from "@alicloud/credentials"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, LogLevel, Redacted } from "effect"
import { CredentialConfig, CredentialProvider } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { defaults } from "../support/cloud.ts"
import type { Fields } from "../support/configFiles.ts"
import { canary } from "../support/leaks.ts"
import { logs } from "../support/logs.ts"
import { machine } from "../support/machine.ts"
import { type MemoryFiles, memoryFiles } from "../support/memoryFiles.ts"
import { renderings, renderValue } from "../support/renderings.ts"

const tokenFiles = memoryFiles({ "/token": defaults.oidcToken })

const withConfig = <A, E>(
  effect: Effect.Effect<A, E, LocalCloud.LocalCloud | CredentialProvider.CredentialProvider>,
  config: unknown,
  variables: Readonly<Record<string, string>> = {},
  given: MemoryFiles = tokenFiles
) => Effect.provide(effect, Layer.provideMerge(CredentialConfig.layer(config), machine(given, variables)))

const getConfigured = (config: unknown, variables?: Readonly<Record<string, string>>, given?: MemoryFiles) =>
  withConfig(CredentialProvider.get, config, variables, given)

const reasonsOf = (config: unknown, variables?: Readonly<Record<string, string>>) =>
  Effect.map(Effect.flip(getConfigured(config, variables)), (error) => {
    assert.notInclude(renderValue(error), canary)
    assert(error._tag === "CredentialsMisconfigured")
    assert.strictEqual(error.provider, "config")
    return error.reason.split("; ")
  })

const keyOptions = { accessKeyId: defaults.accessKeyId, accessKeySecret: defaults.accessKeySecret }
const pyKey = { access_key_id: defaults.accessKeyId, access_key_secret: defaults.accessKeySecret }
const roleOptions = {
  roleSessionName: "session-1",
  roleSessionExpiration: 1800,
  policy: `{"Version": "1", "Statement": []}`,
  stsEndpoint: "sts.cn-hangzhou.aliyuncs.com",
  timeout: 4000,
  connectTimeout: 3000
}
const pyRoleOptions = {
  role_session_name: "session-1",
  role_session_expiration: "1800",
  policy: `{"Version": "1", "Statement": []}`,
  sts_endpoint: "sts.cn-hangzhou.aliyuncs.com",
  timeout: "4000",
  connect_timeout: "3000"
}

describe("CredentialConfig, in both spellings", () => {
  const kinds: ReadonlyArray<readonly [string, Fields, Fields, string, string]> = [
    ["access_key", keyOptions, pyKey, "AccessKey", "static_ak"],
    ["sts", { ...keyOptions, securityToken: "t" }, { ...pyKey, security_token: "t" }, "StsToken", "static_sts"],
    ["bearer", { bearerToken: "t" }, { bearer_token: "t" }, "BearerToken", "bearer"],
    [
      "ram_role_arn",
      { ...keyOptions, ...roleOptions, roleArn: defaults.roleArn, externalId: "ext-1" },
      { ...pyKey, ...pyRoleOptions, role_arn: defaults.roleArn, external_id: "ext-1" },
      "StsToken",
      "ram_role_arn/static_ak"
    ],
    [
      "oidc_role_arn",
      {
        ...roleOptions,
        roleArn: defaults.roleArn,
        oidcProviderArn: defaults.oidcProviderArn,
        oidcTokenFilePath: "/token"
      },
      {
        ...pyRoleOptions,
        role_arn: defaults.roleArn,
        oidc_provider_arn: defaults.oidcProviderArn,
        oidc_token_file_path: "/token"
      },
      "StsToken",
      "oidc_role_arn"
    ],
    [
      "ecs_ram_role",
      { roleName: defaults.instanceRole, disableIMDSv1: true, readTimeout: 500, connectTimeout: 500 },
      { role_name: defaults.instanceRole, disable_imds_v1: "true", timeout: "500", connect_timeout: 500 },
      "StsToken",
      "ecs_ram_role"
    ],
    [
      "credentials_uri",
      { credentialsURI: defaults.credentialsUri, timeout: 500 },
      { credentials_uri: defaults.credentialsUri, read_timeout: 500 },
      "StsToken",
      "credential_uri"
    ],
    [
      "credentials_uri",
      { credentialsUri: defaults.credentialsUri },
      { credentials_uri: new URL(defaults.credentialsUri).href },
      "StsToken",
      "credential_uri"
    ]
  ]
  for (const [type, camel, snake, tag, provider] of kinds) {
    for (const parameters of [camel, snake]) {
      it.effect(`builds ${type} from ${Object.keys(parameters).join(", ").slice(0, 60)}`, () =>
        Effect.gen(function*() {
          const credentials = yield* getConfigured({ type, ...parameters })
          assert.deepStrictEqual([credentials._tag, credentials.provider], [tag, provider])
        }))
    }
  }

  it.effect("passes every parameter to the source", () =>
    Effect.gen(function*() {
      const form = (config: Fields) =>
        withConfig(
          Effect.gen(function*() {
            yield* CredentialProvider.get
            const [request] = yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.requests)
            return renderValue(request)
          }),
          config
        )
      for (
        const sent of [
          yield* form({
            type: "ram_role_arn",
            ...keyOptions,
            ...roleOptions,
            roleArn: defaults.roleArn,
            externalId: "ext-1"
          }),
          yield* form({
            type: "ram_role_arn",
            ...pyKey,
            ...pyRoleOptions,
            role_arn: defaults.roleArn,
            external_id: "ext-1"
          })
        ]
      ) {
        for (const part of ["sts.cn-hangzhou.aliyuncs.com", "session-1", "1800", "ext-1", "Statement"]) {
          assert.include(sent, part)
        }
      }
      const vpc = yield* form({
        type: "ram_role_arn",
        ...keyOptions,
        roleArn: defaults.roleArn,
        stsRegionId: "cn-beijing",
        enableVpc: true
      })
      assert.include(vpc, "sts-vpc.cn-beijing.aliyuncs.com")
    }))

  it.effect("accepts an instance of the official class", () =>
    Effect.gen(function*() {
      const credentials = yield* getConfigured(new OfficialConfig({ type: "sts", ...keyOptions, securityToken: "t" }))
      assert.strictEqual(credentials.provider, "static_sts")
    }))

  it.effect("accepts Redacted secrets", () =>
    Effect.gen(function*() {
      const credentials = yield* getConfigured({
        type: "sts",
        accessKeyId: defaults.accessKeyId,
        accessKeySecret: Redacted.make("s"),
        securityToken: Redacted.make("t")
      })
      assert(credentials._tag === "StsToken")
      assert.strictEqual(Redacted.value(credentials.securityToken), "t")
      const uri = yield* getConfigured({
        type: "credentials_uri",
        credentialsURI: Redacted.make(defaults.credentialsUri)
      })
      assert.strictEqual(uri.provider, "credential_uri")
    }))

  it.effect("assumes a role with a session if there is a token", () =>
    Effect.gen(function*() {
      const config = { type: "ram_role_arn", ...keyOptions, roleArn: defaults.roleArn, securityToken: canary }
      const error = yield* Effect.flip(getConfigured(config))
      assert("provider" in error)
      assert.strictEqual(error.provider, "ram_role_arn/static_sts")
      assert.strictEqual((yield* getConfigured({ ...config, securityToken: "" })).provider, "ram_role_arn/static_ak")
      assert.strictEqual((yield* getConfigured({ ...config, securityToken: null })).provider, "ram_role_arn/static_ak")
    }))
})

describe("CredentialConfig and the environment", () => {
  const variables = {
    ALIBABA_CLOUD_ACCESS_KEY_ID: defaults.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: defaults.accessKeySecret
  }

  it.effect("reads missing parameters from the environment", () =>
    Effect.gen(function*() {
      const session = { ...variables, ALIBABA_CLOUD_SECURITY_TOKEN: "t" }
      assert.strictEqual((yield* getConfigured({ type: "access_key" }, variables)).provider, "static_ak")
      assert.strictEqual((yield* getConfigured({ type: "sts", accessKeyId: "" }, session)).provider, "static_sts")
      const role = yield* getConfigured({ type: "ram_role_arn" }, {
        ...variables,
        ALIBABA_CLOUD_ROLE_ARN: defaults.roleArn
      })
      assert.strictEqual(role.provider, "ram_role_arn/static_ak")
      const oidc = yield* getConfigured({ type: "oidc_role_arn" }, {
        ALIBABA_CLOUD_ROLE_ARN: defaults.roleArn,
        ALIBABA_CLOUD_OIDC_PROVIDER_ARN: defaults.oidcProviderArn,
        ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/token"
      })
      assert.strictEqual(oidc.provider, "oidc_role_arn")
      const ecs = yield* getConfigured({ type: "ecs_ram_role" }, { ALIBABA_CLOUD_ECS_METADATA: defaults.instanceRole })
      assert.strictEqual(ecs.provider, "ecs_ram_role")
      const uri = yield* getConfigured({ type: "credentials_uri" }, {
        ALIBABA_CLOUD_CREDENTIALS_URI: defaults.credentialsUri
      })
      assert.strictEqual(uri.provider, "credential_uri")
    }))

  it.effect("never mixes the parts of two keys", () =>
    Effect.gen(function*() {
      const session = { ...variables, ALIBABA_CLOUD_SECURITY_TOKEN: canary }
      assert.deepStrictEqual(yield* reasonsOf({ type: "access_key", accessKeyId: "LTAI.other" }, session), [
        "accessKeySecret is missing"
      ])
      assert.deepStrictEqual(yield* reasonsOf({ type: "sts", ...keyOptions }, session), ["securityToken is missing"])
      assert.deepStrictEqual(yield* reasonsOf({ type: "sts", securityToken: "t" }, session), [
        "accessKeyId is missing",
        "accessKeySecret is missing"
      ])
      const role = { type: "ram_role_arn", ...keyOptions, roleArn: defaults.roleArn }
      assert.strictEqual((yield* getConfigured(role, session)).provider, "ram_role_arn/static_ak")
    }))

  it.effect("names the variable that is missing or invalid", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* reasonsOf({ type: "ram_role_arn" }, { ALIBABA_CLOUD_ROLE_ARN: canary }), [
        "accessKeyId is missing, and ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
        "accessKeySecret is missing, and ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set",
        "ALIBABA_CLOUD_ROLE_ARN is not of the form acs:ram::<account>:role/<name>"
      ])
      assert.deepStrictEqual(
        yield* reasonsOf({ type: "ram_role_arn", ...keyOptions, roleArn: "admin" }, { ALIBABA_CLOUD_ROLE_ARN: "x" }),
        ["roleArn is not of the form acs:ram::<account>:role/<name>"]
      )
    }))

  it.effect("is the default chain without a config object", () =>
    Effect.gen(function*() {
      for (const config of [undefined, null]) {
        assert.strictEqual((yield* getConfigured(config, variables)).provider, "env")
        const ini = memoryFiles({ "/home/me/.alibabacloud/credentials.ini": "[default]\ntype=bearer\nbearer_token=t" })
        assert.strictEqual((yield* getConfigured(config, { HOME: "/home/me" }, ini)).provider, "profile/bearer")
      }
    }))
})

describe("an invalid CredentialConfig", () => {
  const wrong: ReadonlyArray<readonly [unknown, ReadonlyArray<string>]> = [
    [canary, ["the config is not an object"]],
    [[canary], ["the config is not an object"]],
    [5, ["the config is not an object"]],
    [{}, ["type is missing"]],
    [{ type: 5 }, ["type is not text"]],
    [{ type: `${canary}!` }, ["type: text that cannot be shown is not a type"]],
    [{ type: "rsa_key_pair", publicKeyId: canary, privateKeyFile: canary }, ["type rsa_key_pair is not supported"]],
    [{ type: "access_key", accessKeyId: 5, accessKeySecret: { canary } }, [
      "accessKeyId is not text",
      "accessKeySecret is not text"
    ]],
    [{ type: "access_key", access_key_id: true }, ["access_key_id is not text", "access_key_secret is missing"]],
    [{ type: "bearer" }, ["bearerToken is missing"]],
    [{ type: "bearer", bearerToken: Redacted.make("") }, ["bearerToken is missing"]],
    [{ type: "ecs_ram_role", proxy: `http://${canary}@proxy`, proxy_https: canary }, [
      "proxy is not supported: configure it in the HTTP client of the program",
      "proxy_https is not supported: configure it in the HTTP client of the program"
    ]],
    [{ type: "ram_role_arn", roleArn: defaults.roleArn, proxy: `http://${canary}@proxy` }, [
      "accessKeyId is missing, and ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
      "accessKeySecret is missing, and ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set",
      "proxy is not supported: configure it in the HTTP client of the program"
    ]],
    [{ type: "ecs_ram_role", timeout: 1000, readTimeout: 2000 }, ["timeout and readTimeout differ"]],
    [{ type: "access_key", ...keyOptions, access_key_secret: canary }, [
      "accessKeySecret and access_key_secret differ"
    ]],
    [{ type: "ecs_ram_role", disableIMDSv1: "yes", timeout: 0, connectTimeout: Infinity, roleName: 5 }, [
      "roleName is not text",
      "disableIMDSv1 is neither true nor false",
      "timeout takes milliseconds, a whole number from 100",
      "connectTimeout takes milliseconds, a whole number from 100"
    ]],
    [{ type: "ecs_ram_role", readTimeout: 5, connectTimeout: "0.5" }, [
      "timeout takes milliseconds, a whole number from 100",
      "connectTimeout takes milliseconds, a whole number from 100"
    ]],
    [{ type: "bearer", baererToken: canary, flavor: canary }, [
      "bearerToken is missing",
      "baererToken is unknown"
    ]],
    [{ type: "sts", accessKeyId: `"${canary}"`, accessKeySecret: Redacted.make("a\nb"), securityToken: " \n" }, [
      "securityToken is missing",
      "accessKeyId has quotes around it",
      "accessKeySecret holds a line break or another control character"
    ]],
    [{ type: "credentials_uri", credentialsURI: `ftp://${canary}` }, [
      "credentialsURI is not an http or https address"
    ]],
    [{ type: "credentials_uri" }, ["credentialsURI is missing, and ALIBABA_CLOUD_CREDENTIALS_URI is not set"]],
    [{ type: "oidc_role_arn", roleArn: 5, roleSessionExpiration: 899, enableVpc: 1, stsRegionId: "cn hangzhou" }, [
      "oidcProviderArn is missing, and ALIBABA_CLOUD_OIDC_PROVIDER_ARN is not set",
      "oidcTokenFilePath is missing, and ALIBABA_CLOUD_OIDC_TOKEN_FILE is not set",
      "roleArn is not of the form acs:ram::<account>:role/<name>",
      "roleSessionExpiration takes whole seconds, at least 900",
      "stsRegionId is not a region id",
      "enableVpc is neither true nor false"
    ]]
  ]
  for (const [config, reasons] of wrong) {
    it.effect(`is reported: ${reasons.join("; ").slice(0, 70)}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* reasonsOf(config), reasons)
      }))
  }

  it.effect("makes the build fail", () =>
    Effect.gen(function*() {
      const built = yield* Effect.exit(Effect.scoped(Layer.build(CredentialConfig.layer({ type: "sts" }))))
      assert.strictEqual(built._tag, "Failure")
    }).pipe(Effect.provide(machine(tokenFiles))))

  it.effect("logs parameters without effect in one debug line", () =>
    Effect.gen(function*() {
      const { layer, lines } = logs(LogLevel.Debug)
      yield* getConfigured({
        type: "access_key",
        ...keyOptions,
        roleArn: canary,
        enableIMDSv2: true,
        host: canary,
        [`${canary} = ${canary}`]: canary,
        metadataTokenDuration: null
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(lines, [
        "DEBUG type access_key does not use: roleArn, enableIMDSv2, host, a name that cannot be shown"
      ])
      lines.length = 0
      yield* Effect.provide(getConfigured({ type: "access_key", ...keyOptions }), layer)
      assert.deepStrictEqual(lines, [])
    }))

  it.effect("ignores a proxy for a type that makes no requests, with a debug line", () =>
    Effect.gen(function*() {
      const { layer, lines } = logs(LogLevel.Debug)
      const proxied = { type: "access_key", ...keyOptions, proxy: `http://${canary}@proxy` }
      assert.strictEqual((yield* Effect.provide(getConfigured(proxied), layer))._tag, "AccessKey")
      assert.deepStrictEqual(lines, ["DEBUG type access_key does not use: proxy"])
    }))

  it.effect("warns of an unknown name that looks like a known one", () =>
    Effect.gen(function*() {
      const { layer, lines } = logs(LogLevel.Warning)
      for (const name of ["polciy", "stsRegoinId", "role_sesion_name"]) {
        yield* Effect.provide(getConfigured({ type: "access_key", ...keyOptions, [name]: canary, flavor: "x" }), layer)
      }
      assert.deepStrictEqual(lines, [
        "WARN polciy is unknown (did you mean policy?), and ignored",
        "WARN stsRegoinId is unknown (did you mean stsRegionId?), and ignored",
        "WARN role_sesion_name is unknown (did you mean role_session_name?), and ignored"
      ])
    }))

  it.effect("takes the region of STS as sts_region too", () =>
    withConfig(
      Effect.gen(function*() {
        yield* CredentialProvider.get
        const [request] = yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.requests)
        assert.strictEqual(request?.host, "sts.cn-beijing.aliyuncs.com")
      }),
      { type: "ram_role_arn", ...pyKey, role_arn: defaults.roleArn, sts_region: "cn-beijing" }
    ))

  it.effect("shows no secret", () =>
    Effect.gen(function*() {
      const secrets = { accessKeyId: "LTAI.x", accessKeySecret: canary, securityToken: canary, bearerToken: canary }
      for (
        const config of [
          { type: "ram_role_arn", ...secrets, roleArn: defaults.roleArn },
          { type: "ram_role_arn", ...secrets, roleArn: canary, policy: canary, externalId: `${canary}!` },
          { type: "sts", ...secrets, roleArn: [canary] },
          ({ type: canary, ...secrets, proxy: canary }).type === canary ? { type: `x ${canary}`, ...secrets } : {}
        ]
      ) {
        assert.notInclude(yield* renderings(getConfigured(config)), canary)
      }
    }))

  it.effect("is built with the config provider of the caller", () =>
    Effect.gen(function*() {
      const credentials = yield* getConfigured({ type: "bearer", bearerToken: "t" }).pipe(
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map()))
      )
      assert.strictEqual(credentials._tag, "BearerToken")
    }))
})
