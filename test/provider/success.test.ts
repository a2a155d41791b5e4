/**
 * What a successful fetch builds. An error that nobody gets costs a stack trace at each fetch.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import {
  CliProfile,
  CredentialError,
  CredentialProvider,
  CredentialsUri,
  EcsRamRole,
  Environment,
  OidcRoleArn,
  RamRoleArn
} from "effect-alicloud-credentials"
import { vi } from "vitest"
import { defaults, user } from "../support/cloud.ts"
import { configOf, keyFields, roleFields } from "../support/configFiles.ts"
import { machine } from "../support/machine.ts"
import { memoryFiles } from "../support/memoryFiles.ts"

// Replaced before the library is loaded, so that its errors extend this class.
const built = vi.hoisted(() => {
  const errors: Array<Error> = []
  globalThis.Error = new Proxy(globalThis.Error, {
    construct: (target, args, newTarget) => {
      const error: Error = Reflect.construct(target, args, newTarget)
      errors.push(error)
      return error
    }
  })
  return errors
})

// Effect builds errors of its own, such as one for each variable that is not set.
const ours = () => built.filter(CredentialError.isCredentialError)

const { oidcProviderArn, roleArn } = defaults

const files = memoryFiles({
  "/token": defaults.oidcToken,
  "/home/me/.aliyun/config.json": configOf([{ name: "default", mode: "RamRoleArn", ...keyFields, ...roleFields }])
})

const sources = {
  CliProfile: CliProfile.layer(),
  CredentialsUri: CredentialsUri.layer({ uri: defaults.credentialsUri }),
  EcsRamRole: EcsRamRole.layer(),
  Environment: Environment.layer,
  OidcRoleArn: OidcRoleArn.layer({ roleArn, oidcProviderArn, oidcTokenFile: "/token" }),
  RamRoleArn: RamRoleArn.layer({ roleArn }).pipe(Layer.provide(user))
}

const environment = machine(files, {
  HOME: "/home/me",
  ALIBABA_CLOUD_ACCESS_KEY_ID: defaults.accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: defaults.accessKeySecret
})

describe("errors of the library", () => {
  for (const [name, source] of Object.entries(sources)) {
    it.effect(`are not built by a successful fetch of ${name}`, () =>
      Effect.gen(function*() {
        built.length = 0
        yield* CredentialProvider.get
        assert.deepStrictEqual(ours().map(({ stack }) => stack), [])
      }).pipe(Effect.provide(Layer.provide(source, environment))))
  }

  it.effect("are counted here", () =>
    Effect.gen(function*() {
      built.length = 0
      yield* Effect.flip(CredentialProvider.get)
      assert.isAbove(ours().length, 0)
    }).pipe(
      Effect.provide(
        Layer.provide(RamRoleArn.layer({ roleArn: "acs:ram::1:role/unknown" }), Layer.merge(user, environment))
      )
    ))
})
