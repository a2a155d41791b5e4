import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { CredentialProvider, DefaultChain } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { machine } from "./support/machine.ts"
import { memoryFiles } from "./support/memoryFiles.ts"

const { defaults } = LocalCloud

const config = JSON.stringify({
  current: "default",
  profiles: [{ name: "default", mode: "BearerToken", bearer_token: "of config.json" }]
})

describe("the default chain", () => {
  it("has the links of the official tools in their order", () => {
    assert.deepStrictEqual(DefaultChain.links.map((link) => link.name), [
      "env",
      "oidc_role_arn",
      "cli_profile",
      "profile",
      "ecs_ram_role",
      "credential_uri"
    ])
  })

  it.effect("finds the first that is there, source by source", () =>
    Effect.gen(function*() {
      const files = memoryFiles({
        "/token": defaults.oidcToken,
        "/home/me/.aliyun/config.json": config,
        "/home/me/.alibabacloud/credentials.ini": "[default]\ntype=bearer\nbearer_token=of the INI file"
      })
      const variables: Record<string, string> = {
        HOME: "/home/me",
        ALIBABA_CLOUD_ACCESS_KEY_ID: defaults.accessKeyId,
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: defaults.accessKeySecret,
        ALIBABA_CLOUD_ROLE_ARN: defaults.roleArn,
        ALIBABA_CLOUD_OIDC_PROVIDER_ARN: defaults.oidcProviderArn,
        ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/token",
        ALIBABA_CLOUD_CREDENTIALS_URI: defaults.credentialsUri
      }
      const found = Effect.suspend(() =>
        CredentialProvider.get.pipe(
          Effect.provide(DefaultChain.layerStrict),
          Effect.provide(machine(files, { ...variables })),
          Effect.map((credentials) => credentials.provider)
        )
      )
      const providers: Array<string> = []
      providers.push(yield* found)
      delete variables["ALIBABA_CLOUD_ACCESS_KEY_ID"]
      delete variables["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
      providers.push(yield* found)
      delete variables["ALIBABA_CLOUD_ROLE_ARN"]
      delete variables["ALIBABA_CLOUD_OIDC_PROVIDER_ARN"]
      delete variables["ALIBABA_CLOUD_OIDC_TOKEN_FILE"]
      providers.push(yield* found)
      variables["ALIBABA_CLOUD_CLI_PROFILE_DISABLED"] = "true"
      providers.push(yield* found)
      files.remove("/home/me/.alibabacloud/credentials.ini")
      providers.push(yield* found)
      variables["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"
      providers.push(yield* found)
      assert.deepStrictEqual(providers, [
        "env",
        "oidc_role_arn",
        "cli_profile/bearer",
        "profile/bearer",
        "ecs_ram_role",
        "credential_uri"
      ])
    }))

  it.effect("takes the profile of the variable from either file", () =>
    Effect.gen(function*() {
      const files = memoryFiles({
        "/home/me/.aliyun/config.json": config,
        "/home/me/.alibabacloud/credentials": "[client1]\ntype=bearer\nbearer_token=of the INI file"
      })
      const found = (profile: string) =>
        Effect.provide(CredentialProvider.get, DefaultChain.layer).pipe(
          Effect.provide(machine(files, { HOME: "/home/me", ALIBABA_CLOUD_PROFILE: profile })),
          Effect.map((credentials) => credentials.provider)
        )
      assert.strictEqual(yield* found("default"), "cli_profile/bearer")
      assert.strictEqual(yield* found("client1"), "profile/bearer")
    }))

  it.effect("goes no further than a file that is there and wrong, by the strict rule", () =>
    Effect.gen(function*() {
      for (
        const [path, content] of [
          ["/home/me/.aliyun/config.json", "{"],
          ["/home/me/.alibabacloud/credentials.ini", "[default]\ntype=access_key"]
        ] as const
      ) {
        const run = (layer: typeof DefaultChain.layer) =>
          Effect.provide(CredentialProvider.get, layer).pipe(
            Effect.provide(machine(memoryFiles({ [path]: `${content} }` })))
          )
        assert.strictEqual((yield* run(DefaultChain.layer)).provider, "ecs_ram_role")
        assert.strictEqual((yield* Effect.flip(run(DefaultChain.layerStrict)))._tag, "CredentialChainError")
      }
    }))
})
