import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, FiberId, Metric } from "effect"
import { CredentialError, CredentialProvider } from "effect-alicloud-credentials"
import * as labels from "../../../src/internal/provider/labels.ts"
import * as names from "../../../src/internal/provider/names.ts"
import { session } from "../../support/credentials.ts"
import { unavailable } from "../../support/scriptedProvider.ts"

describe("the label of a provider", () => {
  it("is its name if this library gave the name", () => {
    for (const name of [...names.sources, "ram_role_arn/env", "kms_secret/ecs_ram_role", "cli_profile/static_ak"]) {
      assert.strictEqual(labels.provider(name), name)
    }
  })

  it("has custom in the place of every other name, and at most two parts", () => {
    const expected = {
      "vault": "custom",
      "": "custom",
      "Env": "custom",
      "vault/tenant 17": "custom",
      "a/b/c/d": "custom",
      "ram_role_arn/vault": "ram_role_arn/custom",
      "vault/env": "custom/env",
      "ram_role_arn/ram_role_arn/env": "ram_role_arn/ram_role_arn",
      "cli_profile/ram_role_arn/static_ak": "cli_profile/ram_role_arn"
    }
    for (const [name, label] of Object.entries(expected)) assert.strictEqual(labels.provider(name), label, name)
  })

  it("knows every name that modules of sources use", () => {
    const constants = Object.values(names).filter((value) => typeof value === "string")
    // Only errors have these names.
    const ofErrors: ReadonlyArray<string> = [names.config, names.profiles]
    assert.deepStrictEqual(constants.filter((name) => !ofErrors.includes(name)).sort(), [...names.sources].sort())
  })
})

describe("the label of an outcome", () => {
  it("is success, the tag of an error, interrupted or defect", () => {
    assert.strictEqual(labels.outcome(Exit.void), "success")
    assert.strictEqual(labels.outcome(Exit.fail(unavailable("down"))), "CredentialsUnavailable")
    assert.strictEqual(labels.outcome(Exit.interrupt(FiberId.none)), "interrupted")
    assert.strictEqual(labels.outcome(Exit.die("text")), "defect")
    assert.strictEqual(labels.outcome(Exit.failCause(Cause.fail({ _tag: "Tag 17" } as never))), "defect")
  })

  it("knows every error of this library", () => {
    const tags = Object.keys(CredentialError).filter((name) => /^(Credential|Reauth)/.test(name))
    assert.lengthOf(tags, 8)
    for (const tag of tags) assert.strictEqual(labels.outcome(Exit.fail({ _tag: tag } as never)), tag)
  })
})

describe("the registry of metrics", () => {
  const registered = Effect.map(Metric.snapshot, (all) => all.length)

  const answers = [Effect.succeed(session("key", 3600_000)), Effect.fail(unavailable("down"))]

  const use = (name: string, count: number) =>
    Effect.scoped(
      Effect.flatMap(
        CredentialProvider.make({ name, fetch: Effect.suspend(() => answers[count % 2]!) }),
        (provider) => Effect.exit(provider.get)
      )
    )

  it.effect("does not grow with the names of providers", () =>
    Effect.gen(function*() {
      yield* use("first", 0)
      yield* use("first", 1)
      const before = yield* registered
      for (let count = 0; count < 10_000; count++) yield* use(`tenant-${count}`, count)
      assert.strictEqual(yield* registered, before)
    }))
})
